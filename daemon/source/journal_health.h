/* SPDX-License-Identifier: MIT */
/*
 * Does:         says what is wrong with a journal: entries gone, files missing, unreadable or
 *               moved.
 * Doesn't know: how entries are read.
 * Owns:         nothing.
 * Time:         monotonic, passed in with the reader.
 * Fails:        notes it and goes on.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_HEALTH_H
#define RELAYWATCH_SOURCE_JOURNAL_HEALTH_H

#include "source/journal_reader_state.h"

/* Says so where entries behind the place are gone, or the place lies in the future. */
void journal_reader_check(struct journal_reader *reader);
/* Whether the journal has files we can read. Says why not. */
bool journal_reader_has_files(struct journal_reader *reader);
/* Whether the system's journal has moved to disk since the handle was opened. */
bool journal_reader_has_moved(const struct journal_reader *reader);

#endif
