/* SPDX-License-Identifier: MIT */
/*
 * Does:         what state.c and state_file.c share, and the calls to the system, which tests
 *               replace.
 * Doesn't know: -
 * Owns:         see state.h.
 * Time:         -
 * Fails:        as the system calls do.
 */
#ifndef RELAYWATCH_STATE_STATE_INTERNAL_H
#define RELAYWATCH_STATE_STATE_INTERNAL_H

#include <stdio.h>
#include <sys/types.h>

#include "engine/pipeline.h"
#include "state/state_limits.h"

#define STATE_NAME "state"
#define STATE_PREV "state.prev"
#define STATE_TMP  "state.tmp"
#define STATE_LINK "state.link" /* becomes state.prev at once */

/* Every step of a save, as the system has them. */
struct state_ops {
    int (*openat)(int dir, const char *name, int flags, mode_t mode);
    ssize_t (*write)(int fd, const void *data, size_t len);
    ssize_t (*pwrite)(int fd, const void *data, size_t len, off_t at);
    int (*fsync)(int fd);
    int (*close)(int fd);
    int (*unlinkat)(int dir, const char *name, int flags);
    int (*linkat)(int dir, const char *from, int to_dir, const char *to, int flags);
    int (*renameat)(int dir, const char *from, int to_dir, const char *to);
    pid_t (*fork)(void);
};

struct state_position {
    char id[STATE_ID_MAX];
    char *text;
    uint32_t at_s;
};

struct state {
    const struct state_ops *ops;
    int dir;
    char *path; /* of the directory, for messages */
    uint64_t generation;
    struct state_position position[STATE_POSITIONS_MAX];
    uint32_t position_count;
    pid_t child;       /* that is saving, or 0 */
    bool bad_left[2];  /* a bad state, state.prev is still in its place: it is not overwritten */
    unsigned failures; /* saves in a row */
    char error[STATE_WHY_MAX];
};

/* With other system calls, for tests. */
int state_open_with(const struct state_ops *ops, const char *dir, struct state **ret, char *why);
extern const struct state_ops state_system;

/* state_file.c. All give 0 or -errno. */

/* Writes it whole, or leaves all as it was. */
int state_file_save(struct state *state, const struct pipeline *p);
/* The newest good one: 1, or 0 and -ENOMEM as state_load. */
int state_file_load(struct state *state, const struct pipeline_options *options,
                    struct pipeline **ret, char *why);
/* Puts away what is bad but still in its place. */
int state_file_put_aside(struct state *state);

int state_set_position(struct state *state, struct span id, struct span text, uint32_t at_s);
void state_drop_positions(struct state *state);

#endif
