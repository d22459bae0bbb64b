/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads one journal, or one host's part of a directory of journals, entry by entry,
 *               in order and each once; survives rotation, vacuuming, damage and a clock set back.
 * Doesn't know: the other hosts; polling.
 * Owns:         the handle and the position, until journal_reader_free.
 * Time:         now_us is monotonic and passed in; entries' times are wall time.
 * Fails:        negative errno of libsystemd at open; later errors are noted, and reading
 *               continues.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_READER_H
#define RELAYWATCH_SOURCE_JOURNAL_READER_H

#include "source/journal_world.h"

/* host is copied; NULL: all hosts. NULL if out of memory. */
struct journal_reader *journal_reader_new(struct journal_world *world, const char *host);
void journal_reader_free(struct journal_reader *reader);

/* SOURCE_IDLE, SOURCE_MORE or -ENOMEM. until: entries that were written later stay, and the reader
 * is `peeked`; INT64_MAX: none. budget: entries, counted down. */
int journal_reader_run(struct journal_reader *reader, int64_t now_us, wall_us until,
                       size_t *budget);
/* The same shortly after, from where it is; SOURCE_MORE also where there is nothing more. */
int journal_reader_go_on(struct journal_reader *reader, int64_t now_us, wall_us until,
                         size_t *budget);
int64_t journal_reader_deadline_us(const struct journal_reader *reader);
/* May change with every run; -1: none. */
int journal_reader_fd(const struct journal_reader *reader);

#endif
