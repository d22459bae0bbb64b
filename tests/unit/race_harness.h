/* SPDX-License-Identifier: MIT */
/*
 * Logrotate does not wait while we look: `at_step` is called at a chosen one of the system calls a
 * look consists of.
 */
#ifndef RELAYWATCH_TESTS_RACE_HARNESS_H
#define RELAYWATCH_TESTS_RACE_HARNESS_H

#include "file_harness.h"

#include <dirent.h>
#include <dlfcn.h>
#include <sys/syscall.h>

static int countdown; /* system calls until `at_step`; 0: never */
static void (*at_step)(void);

static void step(void)
{
    if (countdown > 0 && --countdown == 0)
        at_step();
}

int statx(int dirfd, const char *name, int flags, unsigned mask, struct statx *ret)
{
    step();
    return (int)syscall(SYS_statx, dirfd, name, flags, mask, ret);
}

int openat(int dirfd, const char *name, int flags, ...)
{
    step();
    return (int)syscall(SYS_openat, dirfd, name, flags, 0);
}

ssize_t pread(int fd, void *buf, size_t len, off_t at)
{
    step();
    return syscall(SYS_pread64, fd, buf, len, at);
}

DIR *opendir(const char *name)
{
    DIR *(*real)(const char *) = (DIR * (*)(const char *)) dlsym(RTLD_NEXT, "opendir");

    step();
    return real(name);
}

int closedir(DIR *dir)
{
    int (*real)(DIR *) = (int (*)(DIR *))dlsym(RTLD_NEXT, "closedir");

    step();
    return real(dir);
}

#endif
