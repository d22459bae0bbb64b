/* SPDX-License-Identifier: MIT */
/*
 * Does:         inotify for the files and directories that are followed.
 * Doesn't know: what to do about a change: every event is a hint to look.
 * Owns:         the inotify descriptor.
 * Time:         timeless.
 * Fails:        negative errno. -ENOSPC and -EMFILE are the limits of inotify(7): the caller then
 *               has to look from time to time.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_WATCH_H
#define RELAYWATCH_SOURCE_TAIL_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watches {
    int fd; /* -1: there is no inotify to be had */
};

/* mask as in inotify(7); name "" for the watched object itself; watch -1 where events were lost. */
typedef void watches_visit(void *ctx, int watch, uint32_t mask, const char *name);

int watches_init(struct watches *watches);
void watches_done(struct watches *watches);

/* Both return the number of the watch; the same one for the same inode. */
int watches_add_directory(struct watches *watches, const char *path);
int watches_add_file(struct watches *watches, int fd);
void watches_remove(struct watches *watches, int watch);
/* Visits all that is pending; never waits. Returns true if there was anything. */
bool watches_read(struct watches *watches, watches_visit *visit, void *ctx);

/* Whether the file system of fd tells of changes that another machine, a server process or another
 * layer makes. */
bool watches_can_trust(int fd);

#endif
