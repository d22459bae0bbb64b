/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes positions and pipeline to the state file so that no crash leaves a damaged
 *               one, and reads the newest good one back. Also lists the system calls it takes,
 *               which tests replace.
 * Doesn't know: child processes, retries, locking, when to save.
 * Owns:         the positions, until state_file_done. The directory is the caller's.
 * Time:         the wall clock, for the name of a file put aside.
 * Fails:        0 or -errno. A failed save leaves the previous file in force; a bad file is put
 *               aside and counts as missing.
 */
#ifndef RELAYWATCH_STATE_STATE_FILE_H
#define RELAYWATCH_STATE_STATE_FILE_H

#include <sys/types.h>

#include "engine/pipeline.h"
#include "state/positions.h"

enum { STATE_WHY_MAX = 512 };

#define STATE_NAME "state"
#define STATE_PREV "state.prev"
#define STATE_TMP  "state.tmp"
#define STATE_LINK "state.link" /* a second name of `state`, about to become state.prev */

/* Every system call of a save. */
struct state_ops {
    int (*openat)(int dir, const char *name, int flags, mode_t mode);
    ssize_t (*write)(int fd, const void *data, size_t len);
    ssize_t (*pwrite)(int fd, const void *data, size_t len, off_t at);
    int (*fsync)(int fd);
    int (*close)(int fd);
    int (*unlinkat)(int dir, const char *name, int flags);
    int (*linkat)(int dir, const char *from, int to_dir, const char *to, int flags);
    int (*renameat)(int dir, const char *from, int to_dir, const char *to);
    pid_t (*fork)(void); /* state.c's */
};
extern const struct state_ops state_system;

struct state_file {
    const struct state_ops *ops;
    int dir;
    uint64_t generation; /* counts saves */
    struct positions positions;
    bool bad_left[2]; /* a bad state, state.prev could not be put aside: do not overwrite it */
};

/* Frees the positions; the directory stays open. */
void state_file_done(struct state_file *file);
/* Writes everything, or leaves all as it was. */
int state_file_save(struct state_file *file, const struct pipeline *p);
/* The newest good one: 1; 0 if there is none; -ENOMEM. `why`, of STATE_WHY_MAX bytes, says what was
 * wrong with the bad ones, or is "". */
int state_file_load(struct state_file *file, const struct pipeline_options *options,
                    struct pipeline **ret, char *why);
/* Puts aside bad files that could not be put aside when they were read. */
int state_file_put_aside(struct state_file *file);

#endif
