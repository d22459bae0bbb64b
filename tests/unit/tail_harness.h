/* SPDX-License-Identifier: MIT */
/*
 * A writer that numbers its lines, a follower whose record is how often it saw each number, and a
 * clock that is a variable. The follower runs only when a real event loop would run it: its
 * descriptor is readable, its deadline has passed, or it asked for more.
 *
 * No ck_assert for each line: Check keeps a record of every one.
 */
#ifndef RELAYWATCH_TESTS_TAIL_HARNESS_H
#define RELAYWATCH_TESTS_TAIL_HARNESS_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/source_file.h"

#define SEQ_MAX 200000

struct follower {
    struct source *source;
    struct source_options options;
    const char *files, *rotated;
    int64_t now_us;
    size_t budget;
    char *position;
    /* What was handed over. */
    unsigned char seen[SEQ_MAX];
    unsigned lines, other, cut, unfinished, disorder, runs;
    int last_seq;
    size_t last_len; /* of the last line, without its '\n' */
    char last[128];  /* its beginning */
    wall_us written;
    uint64_t notes[SOURCE_NOTE_COUNT];
    char last_note[1024], gap_note[1024];
};

static char scratch[PATH_MAX]; /* this test's directory */

__attribute__((format(printf, 1, 2))) static inline const char *in_scratch(const char *format, ...)
{
    static char names[8][PATH_MAX];
    static unsigned next;
    char *name = names[next++ % 8];
    va_list args;
    int n = snprintf(name, PATH_MAX, "%s/", scratch);

    va_start(args, format);
    vsnprintf(name + n, (size_t)(PATH_MAX - n), format, args);
    va_end(args);
    return name;
}

__attribute__((format(printf, 1, 2))) static inline int shell(const char *format, ...)
{
    char command[4 * PATH_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    return system(command);
}

static inline void scratch_make(const char *parent)
{
    snprintf(scratch, sizeof(scratch), "%s/follow-XXXXXX", parent);
    ck_assert(mkdtemp(scratch) != NULL);
}

static inline int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void scratch_remove(void)
{
    ck_assert_int_eq(nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void one_line(struct follower *f, const char *line, size_t len)
{
    const char *hit = memmem(line, len, "seq=", 4);
    int seq = hit && hit + 5 <= line + len ? (int)strtol(hit + 4, NULL, 10) : -1;

    f->lines++;
    f->last_len = len;
    snprintf(f->last, sizeof(f->last), "%.*s", (int)len, line);
    if (seq < 0 || seq >= SEQ_MAX || !memchr(line, ';', len)) {
        f->other++;
        return;
    }
    if (f->seen[seq] < 255)
        f->seen[seq]++;
    f->disorder += seq < f->last_seq;
    f->last_seq = seq;
}

static inline void on_lines(void *ctx, const struct source_lines *lines)
{
    struct follower *f = ctx;
    const char *at = lines->data, *end = lines->data + lines->len;

    f->written = lines->written;
    f->cut += lines->cut;
    f->unfinished += lines->unfinished;
    while (at < end) {
        const char *eol = memchr(at, '\n', (size_t)(end - at));
        if (!eol)
            abort(); /* a block holds whole lines */
        one_line(f, at, (size_t)(eol - at));
        at = eol + 1;
    }
}

static inline void on_note(void *ctx, enum source_note note, const char *text)
{
    struct follower *f = ctx;

    f->notes[note]++;
    snprintf(f->last_note, sizeof(f->last_note), "%s: %s", source_note_name(note), text);
    if (note == SOURCE_NOTE_GAP)
        snprintf(f->gap_note, sizeof(f->gap_note), "%s", text);
    if (getenv("FOLLOW_NOTES"))
        fprintf(stderr, "    %s\n", f->last_note);
}

static inline struct follower *follower_new(const char *files)
{
    struct follower *f = calloc(1, sizeof(*f));

    f->files = strdup(files);
    f->now_us = 1000000000;
    f->budget = 1000;
    f->last_seq = -1;
    f->options.sink = (struct source_sink){on_lines, NULL, on_note, f};
    return f;
}

static inline void follower_open(struct follower *f)
{
    f->options.position = f->position;
    ck_assert_int_eq(source_open_files(f->files, f->rotated, &f->options, f->now_us, &f->source),
                     0);
}

static inline bool follower_is_due(const struct follower *f)
{
    struct pollfd p = {source_fd(f->source), POLLIN, 0};

    return source_deadline_us(f->source) <= f->now_us || (p.fd >= 0 && poll(&p, 1, 0) > 0);
}

/* Runs until there is nothing to do now. */
static inline void follower_pump(struct follower *f)
{
    int r = SOURCE_IDLE;

    for (int i = 0; r == SOURCE_MORE || follower_is_due(f); i++) {
        r = source_run(f->source, f->now_us, f->budget);
        f->runs++;
        if (r < 0)
            ck_abort_msg("source_run: %d", r);
        if (i > 100000)
            ck_abort_msg("never idle");
    }
}

static inline void follower_start(struct follower *f, enum source_start start)
{
    f->options.start = start;
    follower_open(f);
    follower_pump(f);
}

/* Time passes, with every deadline on the way being met. */
static inline void follower_wait(struct follower *f, int64_t us)
{
    int64_t until = f->now_us + us;

    follower_pump(f);
    while (source_deadline_us(f->source) <= until) {
        int64_t deadline = source_deadline_us(f->source);
        f->now_us = deadline > f->now_us ? deadline : f->now_us;
        follower_pump(f);
    }
    f->now_us = until;
    follower_pump(f);
}

static inline void follower_stop(struct follower *f)
{
    free(f->position);
    f->position = source_position(f->source);
    ck_assert(f->position != NULL);
    source_close(f->source);
    f->source = NULL;
}

static inline void follower_restart(struct follower *f)
{
    follower_open(f);
    follower_pump(f);
}

static inline void follower_free(struct follower *f)
{
    source_close(f->source);
    free((char *)(uintptr_t)f->files);
    free(f->position);
    free(f);
}

/* Of seq 0 .. count-1, how many were never seen, and how many too often. */
static inline int lost(const struct follower *f, int from, int to)
{
    int n = 0;

    for (int i = from; i < to; i++)
        n += f->seen[i] == 0;
    return n;
}

static inline int doubled(const struct follower *f)
{
    int n = 0;

    for (int i = 0; i < SEQ_MAX; i++)
        n += f->seen[i] > 1;
    return n;
}

#define expect_exact(f, from, to)                                                                  \
    do {                                                                                           \
        int lost_ = lost(f, from, to), dup_ = doubled(f);                                          \
        ck_assert_msg(lost_ == 0 && dup_ == 0, "lost %d, double %d of %d (%s)", lost_, dup_,       \
                      (to) - (from), (f)->last_note);                                              \
        ck_assert_msg((f)->other == 0, "%u lines are not the writer's, last: %s", (f)->other,      \
                      (f)->last);                                                                  \
    } while (0)

#define expect_note(f, id, count)                                                                  \
    ck_assert_msg((f)->notes[SOURCE_NOTE_##id] == (count), "note %s: got %llu, want %llu",         \
                  source_note_name(SOURCE_NOTE_##id),                                              \
                  (unsigned long long)(f)->notes[SOURCE_NOTE_##id], (unsigned long long)(count))

/* -- The writer. -- */

struct writer {
    int fd;
    int seq; /* of the next line */
};

static inline void writer_reopen(struct writer *w, const char *path)
{
    if (w->fd > 0)
        close(w->fd);
    w->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    ck_assert_int_ge(w->fd, 0);
}

static inline int line_text(char *buf, size_t room, int seq)
{
    return snprintf(
        buf, room, "seq=%06d; Nov 24 04:14:01 mx1 postfix/smtpd[1234]: connect from unknown%.*s\n",
        seq, seq * 7 % 60, "............................................................");
}

static inline void put(int fd, const char *bytes, size_t len)
{
    if (write(fd, bytes, len) != (ssize_t)len)
        ck_abort_msg("write: %s", strerror(errno));
}

static inline void writer_lines(struct writer *w, int count)
{
    char buf[256];

    for (int i = 0; i < count; i++)
        put(w->fd, buf, (size_t)line_text(buf, sizeof(buf), w->seq++));
}

static inline void writer_close(struct writer *w)
{
    if (w->fd > 0)
        close(w->fd);
    w->fd = -1;
}

/* As gzip(1): a new inode with the old last-write time. */
static inline void pack(const char *path, const char *how)
{
    ck_assert_int_eq(shell("%s '%s'", how, path), 0);
}

/* -- Running. -- */

static inline int suite_run(const char *name, void (*add)(TCase *tc), void (*before)(void),
                            void (*after)(void))
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, before, after);
    tcase_set_timeout(tc, 0);
    add(tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
