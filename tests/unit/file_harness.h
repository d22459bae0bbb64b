/* SPDX-License-Identifier: MIT */
/*
 * One log, its writer and its follower, for the tests of the file source.
 */
#ifndef RELAYWATCH_TESTS_FILE_HARNESS_H
#define RELAYWATCH_TESTS_FILE_HARNESS_H

#include "tail_harness.h"

#define LOG in_scratch("mail.log")
#define S   US_PER_S

static struct follower *f;
static struct writer w;

static inline void setup(void)
{
    scratch_make("/tmp");
    w = (struct writer){0};
    writer_reopen(&w, LOG);
    f = follower_new(LOG);
}

static inline void teardown(void)
{
    follower_free(f);
    writer_close(&w);
    scratch_remove();
}

static inline void rotate_name(const char *from, const char *to)
{
    ck_assert_int_eq(rename(from, to), 0);
}

/* What logrotate does with `create`: the writer still holds the old file. */
static inline void rotate_create(void)
{
    rotate_name(LOG, in_scratch("mail.log.1"));
    int fd = open(LOG, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

#endif
