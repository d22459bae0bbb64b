/* SPDX-License-Identifier: MIT */
/*
 * A save writes state.tmp, syncs it, makes `state` into state.prev, and renames state.tmp to
 * `state`. Whenever the power fails, one of the two names holds an intact file. The checksum tells,
 * and a file that fails it is put aside for inspection, never deleted.
 */
#include "state/state_file.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "common/clock.h"
#include "engine/snapshot.h"

enum { STATE_VERSION = 1, ASIDE_TRIES = 100 };

#define STATE_BYTES_MAX ((off_t)4 << 30)

static const char magic[8] = {'R', 'W', 'S', 'T', 'A', 'T', 'E', '\n'};
static const char *const names[2] = {STATE_NAME, STATE_PREV};

static int system_openat(int dir, const char *name, int flags, mode_t mode)
{
    return openat(dir, name, flags, mode);
}

const struct state_ops state_system = {
    .openat = system_openat,
    .write = write,
    .pwrite = pwrite,
    .fsync = fsync,
    .close = close,
    .unlinkat = unlinkat,
    .linkat = linkat,
    .renameat = renameat,
    .fork = fork,
};

void state_file_done(struct state_file *file)
{
    positions_done(&file->positions);
}

/* Little-endian. The CRC covers everything after the header, then the header with a CRC of 0. */
struct state_header {
    char magic[8];
    uint32_t version;
    uint32_t crc;
    uint64_t generation;
    uint64_t length; /* of what follows the header */
};

_Static_assert(sizeof(struct state_header) == 32, "no padding: it is written as it is");

/* --- writing ---------------------------------------------------------------------------------- */

struct out {
    const struct state_ops *ops;
    int fd;
    uint64_t length;
    uint32_t crc;
};

static int write_all(const struct state_ops *ops, int fd, const char *at, size_t len)
{
    while (len) {
        ssize_t n = ops->write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int put(void *ctx, const void *data, size_t len)
{
    struct out *out = ctx;

    out->crc = (uint32_t)crc32_z(out->crc, data, len);
    out->length += len;
    return write_all(out->ops, out->fd, data, len);
}

static int put_number(struct out *out, uint32_t n)
{
    n = htole32(n);
    return put(out, &n, sizeof(n));
}

static int put_text(struct out *out, const char *text)
{
    size_t len = strlen(text);
    int r = put_number(out, (uint32_t)len);

    return r < 0 ? r : put(out, text, len);
}

static int put_positions(struct out *out, const struct positions *positions)
{
    int r = put_number(out, positions->count);

    for (uint32_t i = 0; i < positions->count && r >= 0; i++) {
        const struct position *position = &positions->item[i];
        r = put_text(out, position->id);
        if (r >= 0)
            r = put_number(out, position->at_s);
        if (r >= 0)
            r = put_text(out, position->text);
    }
    return r;
}

static uint32_t header_crc(struct state_header header, uint32_t crc)
{
    header.crc = 0;
    return (uint32_t)crc32_z(crc, (const unsigned char *)&header, sizeof(header));
}

/* The header is written last: until then the file is not a state. */
static int put_header(struct out *out, uint64_t generation)
{
    struct state_header header = {.version = htole32(STATE_VERSION),
                                  .generation = htole64(generation),
                                  .length = htole64(out->length)};
    const char *at = (const char *)&header;
    off_t done = 0;

    memcpy(header.magic, magic, sizeof(magic));
    header.crc = htole32(header_crc(header, out->crc));
    while (done < (off_t)sizeof(header)) {
        ssize_t n = out->ops->pwrite(out->fd, at + done, sizeof(header) - (size_t)done, done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += n;
    }
    return 0;
}

static int fill(struct state_file *file, int fd, const struct pipeline *p)
{
    static const char room[sizeof(struct state_header)];
    struct out out = {.ops = file->ops, .fd = fd};
    /* Room for the header, in zeros: without its magic it is not a state. */
    int r = write_all(file->ops, fd, room, sizeof(room));

    if (r >= 0)
        r = put_positions(&out, &file->positions);
    if (r >= 0)
        r = snapshot_write(p, put, &out);
    if (r >= 0)
        r = put_header(&out, file->generation);
    while (r >= 0 && file->ops->fsync(fd) < 0)
        if (errno != EINTR)
            r = -errno;
    return r;
}

static int write_tmp(struct state_file *file, const struct pipeline *p)
{
    const struct state_ops *ops = file->ops;

    /* What a crash left behind. O_EXCL below makes sure that it is gone. */
    if (ops->unlinkat(file->dir, STATE_TMP, 0) < 0 && errno != ENOENT)
        return -errno;
    int fd = ops->openat(file->dir, STATE_TMP, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                         0600);
    if (fd < 0)
        return -errno;
    int r = fill(file, fd, p);
    /* Some file systems report only now that the disk is full. EINTR: it is closed nonetheless. */
    if (ops->close(fd) < 0 && errno != EINTR && r >= 0)
        r = -errno;
    return r;
}

/* Makes `state` into state.prev so that both names hold a state at every moment: give `state` a
 * second name, then rename that over the old state.prev. */
static int rotate_prev(struct state_file *file)
{
    const struct state_ops *ops = file->ops;

    if (ops->unlinkat(file->dir, STATE_LINK, 0) < 0 && errno != ENOENT)
        return -errno;
    if (ops->linkat(file->dir, STATE_NAME, file->dir, STATE_LINK, 0) == 0) {
        if (ops->renameat(file->dir, STATE_LINK, file->dir, STATE_PREV) < 0)
            return -errno;
        return 0;
    }
    if (errno == ENOENT)
        return 0; /* the first one */
    if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK && errno != ENOSYS)
        return -errno;
    /* This file system has no hard links: for a moment, only state.prev exists. */
    if (ops->renameat(file->dir, STATE_NAME, file->dir, STATE_PREV) < 0 && errno != ENOENT)
        return -errno;
    return 0;
}

static int put_in_place(struct state_file *file)
{
    const struct state_ops *ops = file->ops;
    int r = rotate_prev(file);

    if (r < 0)
        return r;
    if (ops->renameat(file->dir, STATE_TMP, file->dir, STATE_NAME) < 0)
        return -errno;
    /* Without this a power failure may undo the renames. */
    while (ops->fsync(file->dir) < 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

int state_file_save(struct state_file *file, const struct pipeline *p)
{
    int r = state_file_put_aside(file);

    if (r >= 0)
        r = write_tmp(file, p);
    if (r >= 0)
        r = put_in_place(file);
    if (r < 0) {
        /* On a full disk, a partial file would take the room that the next try needs. */
        file->ops->unlinkat(file->dir, STATE_TMP, 0);
        file->ops->unlinkat(file->dir, STATE_LINK, 0);
    }
    return r;
}

/* --- putting aside ---------------------------------------------------------------------------- */

/* Renames to the first free name, so as not to overwrite what was put aside before. */
static int put_aside(struct state_file *file, const char *name, char *aside, size_t size)
{
    char date[32];
    time_t now = (time_t)(clock_wall() / US_PER_S);
    struct tm tm;
    struct stat st;

    gmtime_r(&now, &tm);
    strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", &tm);
    for (int i = 0; i < ASIDE_TRIES; i++) {
        if (i)
            snprintf(aside, size, "%s.bad-%s.%d", name, date, i);
        else
            snprintf(aside, size, "%s.bad-%s", name, date);
        if (fstatat(file->dir, aside, &st, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        if (file->ops->renameat(file->dir, name, file->dir, aside) < 0)
            return errno == ENOENT ? 0 : -errno;
        return 0;
    }
    return -EEXIST;
}

int state_file_put_aside(struct state_file *file)
{
    char aside[128];

    for (int i = 0; i < 2; i++) {
        int r = file->bad_left[i] ? put_aside(file, names[i], aside, sizeof(aside)) : 0;
        if (r < 0)
            return r;
        file->bad_left[i] = false;
    }
    return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

struct bytes {
    char *at;
    size_t len;
};

/* Reads the whole file. 1; 0 if there is none; -ENOMEM; or -errno if it can't be read. */
static int read_file(struct state_file *file, const char *name, struct bytes *ret)
{
    struct stat st;
    size_t have = 0;
    /* O_NONBLOCK: opening a FIFO must not hang. */
    int fd = openat(file->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    int r = fstat(fd, &st) < 0 ? -errno : 1;
    if (r > 0 && !S_ISREG(st.st_mode))
        r = -EINVAL;
    if (r > 0 && st.st_size > STATE_BYTES_MAX)
        r = -EFBIG;
    if (r > 0 && !(ret->at = malloc((size_t)st.st_size + 1)))
        r = -ENOMEM;
    while (r > 0 && have < (size_t)st.st_size) {
        ssize_t n = read(fd, ret->at + have, (size_t)st.st_size - have);
        if (n < 0 && errno != EINTR)
            r = -errno;
        if (n == 0)
            break;
        have += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    ret->len = have;
    return r;
}

/* NULL if it is intact, else what is wrong with it. */
static const char *check_file(struct span bytes, struct state_header *ret)
{
    if (bytes.len < sizeof(*ret))
        return "it is truncated";
    memcpy(ret, bytes.at, sizeof(*ret));
    if (memcmp(ret->magic, magic, sizeof(magic)) != 0)
        return "it is not a saved state of relaywatch";
    if (le32toh(ret->version) != STATE_VERSION)
        return "it is from another version";
    if (le64toh(ret->length) != bytes.len - sizeof(*ret))
        return "it is truncated";
    bytes = span_skip(bytes, sizeof(*ret));
    uint32_t crc = (uint32_t)crc32_z(0, (const unsigned char *)bytes.at, bytes.len);
    if (header_crc(*ret, crc) != le32toh(ret->crc))
        return "it is damaged: its checksum is wrong";
    return NULL;
}

static bool take_number(struct span *s, uint32_t *ret)
{
    uint32_t n;

    if (s->len < sizeof(n))
        return false;
    memcpy(&n, s->at, sizeof(n));
    *ret = le32toh(n);
    *s = span_skip(*s, sizeof(n));
    return true;
}

static bool take_text(struct span *s, struct span *ret)
{
    uint32_t len;

    /* A length from a file is not believed before it is compared with what is left. */
    if (!take_number(s, &len) || len > s->len)
        return false;
    *ret = span_head(*s, len);
    *s = span_skip(*s, len);
    return true;
}

static int take_positions(struct positions *positions, struct span *s)
{
    uint32_t count, at_s;
    struct span id, text;
    int r = 0;

    if (!take_number(s, &count) || count > POSITIONS_MAX)
        return -EBADMSG;
    while (count-- && r >= 0) {
        if (!take_text(s, &id) || !take_number(s, &at_s) || !take_text(s, &text))
            return -EBADMSG;
        r = positions_set(positions, id, text, at_s);
    }
    return r;
}

/* 1: *ret is what the file holds. Else 0, with the reason in `why`, or -ENOMEM. */
static int use_file(struct state_file *file, struct span bytes,
                    const struct pipeline_options *options, struct pipeline **ret, char *why)
{
    struct state_header header;
    const char *bad = check_file(bytes, &header);

    if (bad) {
        snprintf(why, SNAPSHOT_WHY_MAX, "%s", bad);
        return 0;
    }
    struct span rest = span_skip(bytes, sizeof(header));
    int r = take_positions(&file->positions, &rest);
    if (r >= 0) {
        *ret = snapshot_read(rest, options, why);
        if (*ret) {
            file->generation = le64toh(header.generation);
            return 1;
        }
        /* Short memory says nothing about the file, which must not be put aside for it. */
        r = strcmp(why, SNAPSHOT_NO_MEMORY) == 0 ? -ENOMEM : 0;
    } else if (r != -ENOMEM) {
        snprintf(why, SNAPSHOT_WHY_MAX, "its positions are damaged");
        r = 0;
    }
    positions_done(&file->positions);
    return r;
}

static void add_reason(char *why, const char *name, const char *reason, const char *then)
{
    size_t len = strlen(why);

    snprintf(why + len, STATE_WHY_MAX - len, "%s%s: %s; %s", len ? "; " : "", name, reason, then);
}

/* Reads one of the two files. Whatever is wrong with it, the file is moved out of the way rather
 * than overwritten: it may be all that explains the fault. */
static int try_file(struct state_file *file, int i, const struct pipeline_options *options,
                    struct pipeline **ret, char *why)
{
    struct bytes bytes = {0};
    char reason[SNAPSHOT_WHY_MAX] = "", aside[128], then[192];
    int r = read_file(file, names[i], &bytes);

    if (r > 0) {
        r = use_file(file, span_of(bytes.at, bytes.len), options, ret, reason);
    } else if (r < 0 && r != -ENOMEM) {
        snprintf(reason, sizeof(reason), "%s", strerror(-r));
        r = 0;
    }
    free(bytes.at);
    if (r != 0 || !*reason)
        return r;
    r = put_aside(file, names[i], aside, sizeof(aside));
    file->bad_left[i] = r < 0;
    if (r < 0)
        snprintf(then, sizeof(then), "it can't be put aside: %s", strerror(-r));
    else
        snprintf(then, sizeof(then), "put aside as %s", aside);
    add_reason(why, names[i], reason, then);
    return 0;
}

/* If both are good, `state` is the newer. */
int state_file_load(struct state_file *file, const struct pipeline_options *options,
                    struct pipeline **ret, char *why)
{
    int r = try_file(file, 0, options, ret, why);

    return r ? r : try_file(file, 1, options, ret, why);
}
