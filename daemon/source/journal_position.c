/* SPDX-License-Identifier: MIT */
#include "source/journal_position.h"

#include <stdlib.h>
#include <string.h>

/* The parts of a cursor that we use: "s=<seqnum id>;i=<seqnum>;b=<boot>;..." */
bool journal_cursor_parse(const char *cursor, char *seqnum_id, uint64_t *seqnum, char *boot)
{
    const char *s = strstr(cursor, "s="), *i = strstr(cursor, ";i="), *b = strstr(cursor, ";b=");

    if (s != cursor || !i || !b || strlen(s) < 34 || strlen(b) < 35)
        return false;
    memcpy(seqnum_id, s + 2, 32);
    memcpy(boot, b + 3, 32);
    seqnum_id[32] = boot[32] = '\0';
    *seqnum = strtoull(i + 3, NULL, 16);
    return true;
}

/* Writing a cursor costs as much as reading an entry, so this is called only where the position may
 * be asked for, and before sd_journal_process, after which it may fail (-EADDRNOTAVAIL). If it
 * fails anyway, the old cursor and the number of entries since then are the position. */
void journal_position_update(struct journal_reader *reader)
{
    char *cursor;

    if (!reader->at_entry || sd_journal_get_cursor(reader->journal, &cursor) < 0)
        return;
    free(reader->cursor);
    reader->cursor = cursor;
    reader->at_entry = false;
    reader->after_cursor = 0;
    if (!journal_cursor_parse(cursor, reader->seqnum_id, &reader->seqnum, reader->boot))
        reader->seqnum_id[0] = '\0';
}

/* The member "ahead" is after_cursor; saved states hold that name. */
json_t *journal_position_to_json(const struct journal_reader *reader)
{
    return json_pack("{ss? ss? sb sI ss ss sI sI sI sI}", "host", reader->host, "cursor",
                     reader->cursor, "fresh", (int)reader->fresh, "ahead",
                     (json_int_t)reader->after_cursor, "seqnum_id", reader->seqnum_id, "boot",
                     reader->boot, "seqnum", (json_int_t)reader->seqnum, "since",
                     (json_int_t)reader->since, "last", (json_int_t)reader->last, "seen",
                     (json_int_t)reader->seen);
}

void journal_position_load(struct journal_reader *reader, const json_t *json)
{
    const char *cursor = json_string_value(json_object_get(json, "cursor"));

    reader->fresh = json_is_true(json_object_get(json, "fresh"));
    reader->after_cursor = (uint64_t)json_integer_value(json_object_get(json, "ahead"));
    reader->since = json_integer_value(json_object_get(json, "since"));
    reader->last = json_integer_value(json_object_get(json, "last"));
    reader->seen = json_integer_value(json_object_get(json, "seen"));
    if (!cursor)
        return;
    free(reader->cursor);
    reader->cursor = strdup(cursor);
    journal_cursor_parse(cursor, reader->seqnum_id, &reader->seqnum, reader->boot);
}
