/* SPDX-License-Identifier: MIT */
/*
 * Does:         links mail that one host of a fleet hands to another, whose log is read too: the
 *               reply to the one ("queued as") names the other's queue ID. A few hosts in one log
 *               are a fleet that nobody told of. At public addresses, they may be strangers to each
 *               other, so sender and recipients have to be the same as well.
 * Doesn't know: hops on one host (link_hop.h), and which hosts are the fleet's (site.h).
 * Owns:         nothing; messages that wait for the other one's record are in life->links.
 * Time:         each host has its clock; they may be `clock_slack` of [site] apart.
 *               Their lines may come ten minutes after each other.
 * Fails:        if so much other mail came that the entry was overwritten, in spite of its time and
 *               as the limits allow no more, the mail is that of the host that brought it.
 *
 * Queue IDs of two hosts may be the same, so the message-id has to be the same as well, and the
 * client one of the fleet.
 */
#ifndef RELAYWATCH_LIFE_LINK_FLEET_H
#define RELAYWATCH_LIFE_LINK_FLEET_H

#include "life/lifecycle_core.h"

/* m was delivered to a host of the fleet. True if the reply names a queue ID, whose message is
 * linked to m, now or as soon as it shows up. */
bool link_fleet_handed(struct lifecycle *life, struct message *m, const struct record *rec);
/* The same of a machine near by, where nobody has told of a fleet: it may be another host of this
 * log. True only if its message has shown up. */
bool link_fleet_handed_near(struct lifecycle *life, struct message *m, const struct record *rec);
/* The same of a server at a public address. True if it may be another host of this log, whose
 * message may also show up later. */
bool link_fleet_handed_away(struct lifecycle *life, struct message *m, const struct record *rec);
/* Whether c, from a machine near by, may be mail of another host of this log. */
bool link_fleet_may_come(struct lifecycle *life, const struct message *c);
/* c came from a host of the fleet, and its message-id is known: looks for the mail that it is. */
void link_fleet_arrived(struct lifecycle *life, struct message *c);
/* m, a notice or mail that local(8) forwards, may go on at another host. Other mail is found by its
 * message-id already. */
void link_fleet_began(struct lifecycle *life, const struct message *m);
/* The message-id of m is known. If it came from a public address and may be another host's, it
 * waits; so does what is of that message-id on another host, and may have come of m. */
void link_fleet_named(struct lifecycle *life, struct message *m);
/* Whether m came from a host of the fleet whose lines may still come. */
bool link_fleet_must_wait(struct lifecycle *life, const struct message *m);

#endif
