/* SPDX-License-Identifier: MIT */
/* The other end of a log socket: a datagram socket in a directory of its own, and the fields of an
 * entry that came out of it. */
#ifndef RELAYWATCH_TESTS_JOURNAL_END_H
#define RELAYWATCH_TESTS_JOURNAL_END_H

#include <check.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log_socket.h"

struct journal_end {
    char dir[64], path[96];
    int fd;
};

static inline void journal_end_bind(struct journal_end *end, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", end->path);
    end->fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(end->fd, 0);
    ck_assert_int_eq(bind(end->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    if (type == SOCK_STREAM)
        ck_assert_int_eq(listen(end->fd, 4), 0);
}

static inline void journal_end_open(struct journal_end *end)
{
    snprintf(end->dir, sizeof(end->dir), "/tmp/relaywatch-test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(end->dir));
    snprintf(end->path, sizeof(end->path), "%s/socket", end->dir);
    journal_end_bind(end, SOCK_DGRAM);
}

static inline void journal_end_close(struct journal_end *end)
{
    if (end->fd >= 0)
        close(end->fd);
    unlink(end->path);
    rmdir(end->dir);
}

/* The next datagram, NUL-terminated; its length, or -1 where there is none. */
static inline ssize_t journal_end_read(struct journal_end *end, char *buf, size_t size)
{
    ssize_t n = recv(end->fd, buf, size - 1, MSG_DONTWAIT);

    buf[n < 0 ? 0 : n] = '\0';
    return n;
}

/* A field's value in a datagram, copied to `value`; false where it has none of that name. */
static inline bool journal_field(const char *datagram, size_t len, const char *name, char *value,
                                 size_t size)
{
    const char *at = datagram, *end = datagram + len;
    size_t name_len = strlen(name);

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        ck_assert_ptr_nonnull(newline);
        const char *equals = memchr(at, '=', (size_t)(newline - at));
        size_t this_len = (size_t)((equals ? equals : newline) - at), n;
        const char *text;
        if (equals) {
            text = equals + 1;
            n = (size_t)(newline - text);
        } else {
            uint64_t wire;
            memcpy(&wire, newline + 1, sizeof(wire));
            n = le64toh(wire);
            text = newline + 1 + sizeof(wire);
        }
        ck_assert_int_eq(text[n], '\n');
        if (this_len == name_len && memcmp(at, name, name_len) == 0) {
            ck_assert_uint_lt(n, size);
            memcpy(value, text, n);
            value[n] = '\0';
            return true;
        }
        at = text + n + 1;
    }
    return false;
}

#endif
