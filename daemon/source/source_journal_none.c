/* SPDX-License-Identifier: MIT */
/* In place of source_journal.c and journal_*.c where the build has no libsystemd. */
#include "source/source_journal.h"

#include <errno.h>

int source_open_journal(const struct source_journal_options *journal,
                        const struct source_options *options, int64_t now_us, struct source **ret)
{
    (void)journal;
    (void)options;
    (void)now_us;
    (void)ret;
    return -ENOSYS;
}

int source_open_journal_files(const char *const *paths, size_t count, bool check_sender,
                              const struct source_options *options, struct source **ret)
{
    (void)paths;
    (void)count;
    (void)check_sender;
    (void)options;
    (void)ret;
    return -ENOSYS;
}

bool source_journal_exists(void)
{
    return false;
}

bool source_journal_has_entries(void)
{
    return false;
}
