/* SPDX-License-Identifier: MIT */
/*
 * Does:         starts a program as if nothing of this one were there: in a process group of its
 *               own, with default signals, three descriptors, and as many files as were allowed to
 *               us at first.
 * Doesn't know: what the program is for, and when it ends.
 * Owns:         how many files were allowed at first.
 * Time:         timeless.
 * Fails:        negative errno, also when the program can't be executed.
 */
#ifndef RELAYWATCH_COMMON_SPAWN_H
#define RELAYWATCH_COMMON_SPAWN_H

#include <sys/types.h>

/* As many open files as the system lets us have. A program that we start may use select(2), or
 * close all there might be, so it gets the usual limit. */
void spawn_allow_all_files(void);

struct spawn {
    const char *path;
    char *const *argv, *const *envp;
    int in, out, errors; /* -1: /dev/null */
};
int spawn_program(const struct spawn *spawn, pid_t *ret);

#endif
