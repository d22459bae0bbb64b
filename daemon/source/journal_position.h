/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps a reader's position as a cursor, and reads it back.
 * Doesn't know: how entries are read.
 * Owns:         nothing.
 * Time:         wall time, the entries'.
 * Fails:        a position that is not understood counts as none.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_POSITION_H
#define RELAYWATCH_SOURCE_JOURNAL_POSITION_H

#include "source/journal_reader_state.h"

/* Makes the place that of the entry the handle stands on. */
void journal_reader_keep_place(struct journal_reader *reader);
/* seqnum_id and boot have 33 bytes. False: not the cursor of a journal we know. */
bool journal_cursor_parse(const char *cursor, char *seqnum_id, uint64_t *seqnum, char *boot);
json_t *journal_reader_print(const struct journal_reader *reader);
void journal_reader_load(struct journal_reader *reader, const json_t *json);

#endif
