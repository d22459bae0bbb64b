/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells what a list server sends of a post that a program here took hours before: it
 *               was busy, or a moderator had to let it through.
 * Doesn't know: posts that are sent at once, which are linked (life/hops.h).
 * Owns:         nothing; posts are remembered in the judge's table of pairs (familiar.h).
 * Time:         event time in seconds; a post is remembered for a day.
 * Fails:        a post that was forgotten makes its mail that of the list server's uid.
 *
 * Anybody may write under a list's sender, so the list itself must have got a mail of that
 * message-id, and no person's uid sends it.
 */
#ifndef RELAYWATCH_JUDGE_LISTS_H
#define RELAYWATCH_JUDGE_LISTS_H

#include "judge/judge_state.h"

/* The hash of list@domain, as recipients have it; 0 if it is too long. */
uint64_t lists_hash(const struct judge *judge, struct span list, struct span domain);
/* A person's uid, and not one of a system's service. */
bool lists_is_person(uint32_t uid);
/* A program here took m for the address of that hash, which may be a list's. */
void lists_take(struct judge *judge, const struct message *m, uint64_t address, uint32_t at_s);
/* True if a uid of the system sends m to the members of a list that took m not long before. */
bool lists_is_post(struct judge *judge, const struct message *m);

#endif
