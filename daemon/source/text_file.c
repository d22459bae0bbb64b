/* SPDX-License-Identifier: MIT */
/*
 * A packed file is text too, only slower: it is unpacked through a window that moves forward, and
 * going back starts again from the beginning.
 */
#include "source/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "source/inflate.h"
#include "source/source_options.h"

#define WINDOW_STEP ((size_t)512 * 1024)

static int64_t ns_of(const struct statx_timestamp *t)
{
    return t->tv_sec * 1000000000 + t->tv_nsec;
}

int file_facts_get(int dirfd, const char *name, struct file_facts *ret)
{
    struct statx st;

    if (statx(dirfd, name, AT_EMPTY_PATH | AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS | STATX_BTIME,
              &st) < 0)
        return -errno;
    if (!S_ISREG(st.stx_mode))
        return -EINVAL;
    *ret = (struct file_facts){
        .dev = makedev(st.stx_dev_major, st.stx_dev_minor),
        .ino = st.stx_ino,
        .size = st.stx_size,
        .links = st.stx_nlink,
        .btime_ns = st.stx_mask & STATX_BTIME ? ns_of(&st.stx_btime) : 0,
        .mtime_ns = ns_of(&st.stx_mtime),
    };
    return 0;
}

bool file_facts_same(const struct file_facts *facts, uint64_t dev, uint64_t ino, int64_t btime_ns)
{
    if (facts->ino != ino || facts->btime_ns != btime_ns)
        return false;
    return btime_ns != 0 || facts->dev == dev;
}

int text_file_open(struct text_file *text, int dirfd, const char *name, bool packed)
{
    struct stat st;
    int r = 0;

    *text = (struct text_file){.fd = -1};
    text->fd = openat(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (text->fd < 0)
        return -errno;
    if (fstat(text->fd, &st) < 0)
        r = -errno;
    else if (!S_ISREG(st.st_mode))
        r = -EINVAL;
    else if (packed)
        r = inflate_open(text->fd, &text->reader);
    if (r < 0)
        text_file_close(text);
    return r;
}

void text_file_close(struct text_file *text)
{
    inflate_close(text->reader);
    free(text->window);
    if (text->fd >= 0)
        close(text->fd);
    *text = (struct text_file){.fd = -1};
}

static int rewind_packed(struct text_file *text)
{
    inflate_close(text->reader);
    text->reader = NULL;
    text->have = 0;
    text->start = 0;
    text->damage = 0;
    if (lseek(text->fd, 0, SEEK_SET) < 0)
        return -errno;
    return inflate_open(text->fd, &text->reader);
}

/* Drops the part of the window before `at`. */
static void drop_before(struct text_file *text, uint64_t at)
{
    size_t n = at - text->start < text->have ? (size_t)(at - text->start) : text->have;

    if (n == 0)
        return;
    text->have -= n;
    text->start += n;
    memmove(text->window, text->window + n, text->have);
}

static int make_room(struct text_file *text)
{
    char *window;

    if (text->have < text->room)
        return 0;
    window = realloc(text->window, text->room + WINDOW_STEP);
    if (!window)
        return -ENOMEM;
    text->window = window;
    text->room += WINDOW_STEP;
    return 0;
}

/* Reads through the window, unpacking on as far as needed. Damage ends the text but is no error:
 * what comes before it counts. */
static ssize_t read_packed(struct text_file *text, void *buf, size_t len, uint64_t at)
{
    size_t n;
    int r = 0;

    if (at < text->start)
        r = rewind_packed(text);
    /* A refill costs a memmove, so refill only when the window does not hold enough. */
    while (r == 0 && text->damage == 0 && text->start + text->have < at + len) {
        ssize_t got;

        drop_before(text, at);
        r = make_room(text);
        if (r < 0)
            break;
        got = inflate_read(text->reader, text->window + text->have, text->room - text->have);
        if (got == 0)
            break;
        if (got < 0)
            text->damage = (int)got;
        else
            text->have += (size_t)got;
    }
    if (r < 0)
        return r;
    if (text->start + text->have <= at)
        return 0;
    n = (size_t)(text->start + text->have - at);
    if (n > len)
        n = len;
    memcpy(buf, text->window + (at - text->start), n);
    return (ssize_t)n;
}

ssize_t text_file_read(struct text_file *text, void *buf, size_t len, uint64_t at)
{
    size_t have = 0;

    if (text->reader)
        return read_packed(text, buf, len, at);
    while (have < len) {
        ssize_t n = pread(text->fd, (char *)buf + have, len - have, (off_t)(at + have));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return have ? (ssize_t)have : -errno;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

uint64_t text_file_line_start(struct text_file *text, uint64_t at)
{
    static const size_t step = SOURCE_LINE_MAX;
    uint64_t from = at > step ? at - step : 0;
    char *buf = malloc(step), *end;
    ssize_t n = buf ? text_file_read(text, buf, (size_t)(at - from), from) : -1;

    end = n > 0 ? memrchr(buf, '\n', (size_t)n) : NULL;
    if (end)
        at = from + (uint64_t)(end - buf) + 1;
    else if (n >= 0 && from == 0)
        at = 0;
    free(buf);
    return at;
}

uint64_t text_file_skip_hole(struct text_file *text, uint64_t at)
{
    struct stat st;
    off_t data;

    /* Get the size first: data written after the search must not be taken for part of the hole. */
    if (text->reader || fstat(text->fd, &st) < 0)
        return at;
    data = lseek(text->fd, (off_t)at, SEEK_DATA);
    if (data < 0 && errno == ENXIO)
        data = st.st_size;
    return data < 0 || (uint64_t)data < at ? at : (uint64_t)data;
}

int text_file_damage(const struct text_file *text)
{
    return text->damage;
}
