/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds out what libsystemd does not report: missing or unreadable files, entries
 *               deleted before we read them, a clock set back, a journal that moved to disk.
 * Doesn't know: when to check.
 * Owns:         nothing.
 * Time:         compares the wall times of entries.
 * Fails:        never; what it finds goes to the operator as notes.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_HEALTH_H
#define RELAYWATCH_SOURCE_JOURNAL_HEALTH_H

#include "source/journal_world.h"

/* Notes a gap if entries after the position are gone. If the position lies in the future, moves the
 * handle to the start of the current boot. */
void journal_health_check(struct journal_reader *reader);
/* Whether the journal has files we can read; if not, notes why. */
bool journal_health_has_files(struct journal_reader *reader);
/* Whether the system's journal has moved to disk since the handle was opened. */
bool journal_health_has_moved(const struct journal_reader *reader);

/* What these readers of one source can't read. unread: the first host beyond the bound, or "". */
void journal_health_each_blind(const struct journal_reader *readers, const char *unread,
                               blind_visit *visit, void *ctx);
/* The time of the last entry that one of them has seen; WHEN_UNKNOWN: none yet. */
wall_us journal_health_written(const struct journal_reader *readers);

#endif
