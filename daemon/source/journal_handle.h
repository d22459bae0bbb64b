/* SPDX-License-Identifier: MIT */
/*
 * Does:         opens a journal reader's handle, on all files or on its host's own, and seeks to
 *               the reader's position.
 * Doesn't know: when that is due; entries.
 * Owns:         nothing; the handle is the reader's.
 * Time:         now_us is monotonic and passed in; entries' times are wall time.
 * Fails:        negative errno of libsystemd; -ENODATA if the host has no files.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_HANDLE_H
#define RELAYWATCH_SOURCE_JOURNAL_HANDLE_H

#include "source/journal_world.h"

/* Opens, or reopens, at the reader's position. */
int journal_handle_open(struct journal_reader *reader);

/* There is nothing more: an entry may be there all the same, to be looked for at look_us. */
void journal_handle_see_end(struct journal_reader *reader, int64_t now_us);
/* Seeks to the position anew if that is due. */
int journal_handle_look_again(struct journal_reader *reader, int64_t now_us);

#endif
