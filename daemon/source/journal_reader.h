/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads one journal, or one host's part of a directory of them, entry by entry in
 *               order, each once; gets over rotation, vacuum, damage and a clock set back.
 * Doesn't know: the other hosts; polling.
 * Owns:         the handle, its place.
 * Time:         now_us is monotonic and passed in; entries' times are wall time.
 * Fails:        negative errno of libsystemd at open; later errors are noted and gone over.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_READER_H
#define RELAYWATCH_SOURCE_JOURNAL_READER_H

#include "source/journal_reader_state.h"

struct journal_reader *journal_reader_new(struct journal_world *world, const char *host);
void journal_reader_free(struct journal_reader *reader);

/* Opens, or opens again, at its place. */
int journal_reader_open(struct journal_reader *reader);
/* SOURCE_IDLE, SOURCE_MORE or -ENOMEM. budget: entries, counted down. */
int journal_reader_run(struct journal_reader *reader, int64_t now_us, size_t *budget);
int64_t journal_reader_deadline_us(const struct journal_reader *reader);
/* May change with every run; -1 for none. */
int journal_reader_fd(const struct journal_reader *reader);

#endif
