/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps a journal reader's position: updates it from the handle, writes it as JSON
 *               and reads it back.
 * Doesn't know: when to save it.
 * Owns:         nothing; the texts are the reader's.
 * Time:         timeless.
 * Fails:        an unusable cursor leaves the previous position in force.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_POSITION_H
#define RELAYWATCH_SOURCE_JOURNAL_POSITION_H

#include <jansson.h>

#include "source/journal_world.h"

/* Moves the position to the entry the handle is on. */
void journal_position_update(struct journal_reader *reader);
/* seqnum_id and boot have 33 bytes. False: not a cursor as we know them. */
bool journal_cursor_parse(const char *cursor, char *seqnum_id, uint64_t *seqnum, char *boot);
/* NULL if out of memory. */
json_t *journal_position_to_json(const struct journal_reader *reader);
void journal_position_load(struct journal_reader *reader, const json_t *json);

#endif
