/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the hosts of a directory of journals, and gives each a reader with its own
 *               files.
 * Doesn't know: how a host is read, and when.
 * Owns:         the readers, until the source frees them.
 * Time:         now_us is monotonic and passed in.
 * Fails:        -ENOMEM. A host that cannot be read is noted.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_HOSTS_H
#define RELAYWATCH_SOURCE_JOURNAL_HOSTS_H

#include "source/journal_world.h"

struct journal_hosts {
    struct journal_world *world;
    struct journal_reader *readers;
    int64_t next_us; /* when to look for new hosts, even if nothing seems to have happened */
    bool fresh;      /* during a scan: the start policy decides where to start with a host */
    bool polls;      /* changes in the directory are not reported; noted */
    char unread[JOURNAL_FIELD_MAX]; /* the first host beyond those that are read; noted */
};

/* A reader for one host, or for all (NULL). NULL if out of memory. */
struct journal_reader *journal_hosts_add(struct journal_hosts *hosts, const char *host);
/* If it is time, or something happened in the directory: finds the hosts and opens their files. A
 * host that appears later is read from its first entry; for those there are already, `fresh` lets
 * the start policy decide. While there are no hosts, one reader waits for files and notes why. */
int journal_hosts_update(struct journal_hosts *hosts, int64_t now_us, bool fresh);
/* Once there are files, look for their hosts soon. */
void journal_hosts_hurry(struct journal_hosts *hosts, int64_t now_us);

#endif
