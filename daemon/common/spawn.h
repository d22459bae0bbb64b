/* SPDX-License-Identifier: MIT */
/*
 * Does:         starts a program that inherits nothing: it gets a process group of its own, default
 *               signals, three descriptors, and the limit of open files that this process began
 *               with.
 * Doesn't know: what the program is for, and when it ends.
 * Owns:         that limit.
 * Time:         timeless.
 * Fails:        negative errno, also when the program can't be executed.
 */
#ifndef RELAYWATCH_COMMON_SPAWN_H
#define RELAYWATCH_COMMON_SPAWN_H

#include <sys/types.h>

/* Raises this process's own limit as far as it goes. A program that we start may use select(2), or
 * close every descriptor there could be, so it doesn't get that. */
void spawn_allow_all_files(void);

struct spawn {
    const char *path;
    char *const *argv, *const *envp;
    int in, out, errors; /* -1: /dev/null */
};
int spawn_program(const struct spawn *spawn, pid_t *ret);

#endif
