/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the pipe(8) services that take mail away from here, to a provider's API or by
 *               UUCP, by whose mail they take, and for which domains.
 * Doesn't know: what follows (classify.h); which pipes give back what they take (link_return.h).
 * Owns:         nothing; what a pipe takes is noted in the site's doors (doors.h).
 * Time:         event time in seconds.
 * Fails:        a pipe of which too little is seen delivers here, as most do.
 */
#ifndef RELAYWATCH_JUDGE_PIPES_H
#define RELAYWATCH_JUDGE_PIPES_H

#include "judge/judge_state.h"

/* r, of m, was handed to a door, and has just been judged. */
void pipes_see(struct judge *judge, const struct message *m, const struct recipient *r);

#endif
