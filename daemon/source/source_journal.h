/* SPDX-License-Identifier: MIT */
/*
 * Does:         opens a source that follows systemd's journal, or reads journal files once.
 * Doesn't know: how one host's entries are read; journal_reader.h does.
 * Owns:         what source.h says.
 * Time:         as source.h.
 * Fails:        negative errno of libsystemd. A journal that does not exist yet is waited for.
 *               Built without libsystemd (source_journal_none.c): -ENOSYS, and there is no journal.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_JOURNAL_H
#define RELAYWATCH_SOURCE_SOURCE_JOURNAL_H

#include "source/source.h"

struct source_journal_options {
    const char *directory;  /* "" or NULL: this machine's journal */
    const char *name_space; /* "" or NULL: the default one */
    bool check_sender;      /* mark entries that Postfix cannot have written as refused */
};

int source_open_journal(const struct source_journal_options *journal,
                        const struct source_options *options, int64_t now_us, struct source **ret);
/* For reading .journal files, and directories of them, once from beginning to end. Of the options
 * only `sink` is used. source_run returns SOURCE_IDLE at the end; nothing is watched. */
int source_open_journal_files(const char *const *paths, size_t count, bool check_sender,
                              const struct source_options *options, struct source **ret);

/* Whether this machine has a journal, and whether there is one that this process can read. */
bool source_journal_exists(void);
bool source_journal_has_entries(void);

#endif
