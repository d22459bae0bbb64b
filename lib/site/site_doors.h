/* SPDX-License-Identifier: MIT */
/*
 * Does:         learns from the log what is behind each door that mail is handed to: mailboxes, a
 *               content filter, or a way out.
 * Doesn't know: mail; callers tell what a door took and gave back. What settings say of a door is
 *               in site_hops.h.
 * Owns:         nothing; the site holds the doors (doors.h).
 * Time:         event time in seconds, where given.
 * Fails:        door 0 stands for none, and for those beyond DOORS_MAX: nothing is learned of it.
 */
#ifndef RELAYWATCH_SITE_SITE_DOORS_H
#define RELAYWATCH_SITE_SITE_DOORS_H

#include "site/doors.h"
#include "site/site.h"

/* The number of a door: a pipe(8) service, or a hop's "name[address]:port". 0 beyond DOORS_MAX. */
uint8_t site_door(struct site *site, struct span name);
/* Empty beyond the last. */
struct span site_door_name(const struct site *site, uint8_t door);
/* What a save, or another reading of the log, tells of it. */
void site_door_restore(struct site *site, uint8_t door, const struct door *from);

/* --- what happens there --- */

/* It took mail, for a domain that it may deliver; for one that is outside beyond doubt, and no
 * stranger's mail; or a stranger's, for any other domain. */
void site_door_takes(struct site *site, uint8_t door, uint32_t at_s);
void site_door_takes_abroad(struct site *site, uint8_t door, struct span domain, uint32_t at_s);
void site_door_takes_in(struct site *site, uint8_t door);
/* It took mail that may come back from there. */
void site_door_took(struct site *site, uint8_t door);
/* It gave some of its mail back. sure: that shows by more than the lines of one second, which come
 * in any order. */
void site_door_gives_back(struct site *site, uint8_t door, bool sure);
/* It returned mail in a way that only a content filter does: its deliveries prove nothing. */
void site_door_returns(struct site *site, uint8_t door);
/* What it had taken came back through pickup(8), brought by that uid. A pipe has one user; whoever
 * borrows the message-ids of others' mail does not outvote him. */
void site_door_is_brought_back_by(struct site *site, uint8_t door, uint32_t uid);
/* What a door near by had taken came back from that address. Behind an address, a balancer's or a
 * cluster's, may be several machines, each with its own. */
void site_door_is_brought_back_from(struct site *site, uint8_t door, struct span address);
/* The door is a socket, which took mail (domain: for which one, unless that is known to be ours);
 * took some for a domain that is outside beyond doubt; or gave some for the domain back. certain:
 * that can't have come from anywhere else. */
void site_socket_takes(struct site *site, uint8_t door, struct span domain);
void site_socket_takes_abroad(struct site *site, uint8_t door, struct span domain);
void site_socket_returns(struct site *site, uint8_t door, struct span domain, bool certain);

/* --- what it is --- */

bool site_door_is_pipe(const struct site *site, uint8_t door);
bool site_door_is_socket(const struct site *site, uint8_t door);
bool site_door_is_filter(const struct site *site, uint8_t door);
bool site_door_has_given_back(const struct site *site, uint8_t door);
/* True if it keeps most of what it takes (doors.h). */
bool site_door_keeps(const struct site *site, uint8_t door);
/* True if that uid brings back what some door takes. */
bool site_is_bringer(const struct site *site, uint32_t uid);
/* True if the settings name it as an exit, whatever has come back. */
bool site_door_is_told(const struct site *site, uint8_t door);
/* True if it is a pipe that the settings name as an exit, and what it took has never come back. */
bool site_door_is_exit(const struct site *site, uint8_t door);
/* True if what the pipe, or the server near by, takes has left (doors.h); at_s: now, or 0. */
bool site_door_leads_away(struct site *site, uint8_t door, uint32_t at_s);
/* True if a door has turned out to lead away, or to give nothing back after all, since this was
 * last asked: what it took before was judged as if it might have been delivered here, or come
 * back. */
bool site_take_doubt(struct site *site);
/* True if nothing will come back (doors.h). is_exit: the settings name it as one. */
bool site_door_is_one_way(const struct site *site, uint8_t door, bool is_exit, uint32_t at_s);

/* --- where it is --- */

/* True if the door is on another machine, at the address that is written so. Such a door
 * may be named without the machine's name: "[address]" is a mail server, "[address]:port" may be a
 * filter. */
bool site_door_is_at(const struct site *site, uint8_t door, struct span address);
/* True if the door is on another machine, whichever. */
bool site_door_is_near(const struct site *site, uint8_t door);
/* The same, where smtp(8) hands mail to it at a private address: no mailboxes of lmtp(8)'s. */
bool site_door_is_near_by_smtp(const struct site *site, uint8_t door);
bool site_has_door_near_by_smtp(const struct site *site);
/* True if some door is at that address. */
bool site_has_door_at(const struct site *site, struct span address);
/* True if mail that was handed to a door near by may come back from that address: it has given some
 * back, the settings name it as a filter, or machines of this network have brought some back. */
bool site_gives_back_at(const struct site *site, struct span address);
/* True if the address is private, or some door is there: a machine of the site. No MX record leads
 * to a door at a public address, which lmtp(8) has, or a port of its own. */
bool site_has_machine_at(const struct site *site, const struct address *a, struct span address);
/* True if lmtp(8) hands mail to that public address. */
bool site_has_mailboxes_at(const struct site *site, struct span address);

#endif
