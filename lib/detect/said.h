/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts what the headers of a cell's messages say: subjects, names of scripts.
 * Doesn't know: where that is read.
 * Owns:         nothing; the tallies are the cell's, or the view's.
 * Time:         event time in seconds.
 * Fails:        past SAID_MAX the least seen go, and are counted in their tally's `more`; when
 *               memory is short, a text is only counted there.
 *
 * Few logs have any of it, so the tallies are only made for the first.
 */
#ifndef RELAYWATCH_DETECT_SAID_H
#define RELAYWATCH_DETECT_SAID_H

#include "detect/tables.h"

enum { SAID_MAX = 64 };

/* MAIL_HEADER_COUNT tallies; NULL when memory is short. */
struct tally *said_make(struct tally **said);
void said_done(struct tally **said, struct interns *texts);
/* One more message, of which these MAIL_HEADER_COUNT texts are known, or NULL. */
void said_add(struct tally **said, struct interns *texts, struct intern *const *message,
              uint32_t at_s);
/* Adds all of `from`, which may be NULL. */
void said_merge(struct tally **into, struct interns *texts, const struct tally *from);
/* What they take: their part of interns.listed. */
uint64_t said_bytes(const struct tally *said);

#endif
