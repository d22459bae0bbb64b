/* SPDX-License-Identifier: MIT */
/*
 * Does:         watches the followed files and their directories with inotify, and remembers for
 *               whom each is watched.
 * Doesn't know: what to do about a change: every event is only a hint to look. Who they are.
 * Owns:         the inotify descriptor, and the numbers of the owners.
 * Time:         timeless.
 * Fails:        negative errno. -ENOSPC and -EMFILE are inotify's limits: the caller then has to
 *               poll.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_WATCH_H
#define RELAYWATCH_SOURCE_TAIL_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash_index.h"

struct watches {
    int fd;                   /* -1: inotify is not available */
    struct hash_index owners; /* the owners' numbers, by watch */
};

/* mask is as in inotify(7); name is "" for the watched object itself; watch is -1 if events were
 * lost. */
typedef void watches_visit(void *ctx, int watch, uint32_t mask, const char *name);

int watches_init(struct watches *watches);
void watches_done(struct watches *watches);

/* All return the watch, the same one for the same inode. owner: a number of the caller's; 0:
 * nobody's. Of a directory of journals, writes to its files are reported too. */
int watches_add_directory(struct watches *watches, const char *path, uint32_t owner);
int watches_add_journals(struct watches *watches, const char *path);
int watches_add_file(struct watches *watches, int fd, uint32_t owner);
void watches_remove(struct watches *watches, int watch);
/* The next owner of a watch, or 0. Start with *at = watches_first(watch). */
uint32_t watches_first(int watch);
uint32_t watches_owner(const struct watches *watches, int watch, uint32_t *at);
/* After IN_IGNORED: the watch is gone. */
void watches_forget(struct watches *watches, int watch);
/* Visits all pending events; never waits. True if there were any. */
bool watches_read(struct watches *watches, watches_visit *visit, void *ctx);

/* Whether the file system of fd reports changes made by another machine, a server process or
 * another layer. */
bool watches_can_trust(int fd);

#endif
