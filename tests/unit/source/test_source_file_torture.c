/* SPDX-License-Identifier: MIT */
/*
 * Scenario 41: a real writer that is told late of every rotation, compression behind it, and a
 * follower that is killed (-9) each 0.1 to 0.6 s. The follower saves its record and its position as
 * one file; what that says in the end must be every line, once.
 *
 * FOLLOW_LINES=150000 for the full length.
 */
#include "tail_harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define LINES_PER_MS 10

static unsigned random_state = 12345;

static unsigned pick(unsigned n)
{
    random_state = random_state * 1103515245 + 12345;
    return (random_state >> 16) % n;
}

static int64_t clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* -- The writer: half lines now and then, a new file when it is told. -- */

static volatile sig_atomic_t told;

static void on_hup(int number)
{
    (void)number;
    told = 1;
}

static void write_all(const char *path, int total)
{
    struct writer w = {0};

    signal(SIGHUP, on_hup);
    writer_reopen(&w, path);
    while (w.seq < total) {
        char text[256];
        int n = line_text(text, sizeof(text), w.seq);

        if (told) {
            told = 0;
            writer_reopen(&w, path);
        }
        if (pick(50) == 0) {
            put(w.fd, text, 30);
            usleep(pick(3000));
            put(w.fd, text + 30, (size_t)n - 30);
            w.seq++;
        } else {
            writer_lines(&w, 1);
        }
        if (w.seq % LINES_PER_MS == 0)
            usleep(500);
    }
    _exit(0);
}

/* -- The follower. -- */

static void save(const struct follower *f, const char *state, int total)
{
    char tmp[PATH_MAX + 8];
    char *position = source_position(f->source);
    int fd;

    snprintf(tmp, sizeof(tmp), "%s.tmp", state);
    fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    put(fd, (const char *)f->seen, (size_t)total);
    put(fd, position, strlen(position));
    close(fd);
    free(position);
    if (rename(tmp, state) < 0)
        abort();
}

static bool load(struct follower *f, const char *state, int total)
{
    char *position = calloc(1, 1 << 20);
    int fd = open(state, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && read(fd, f->seen, (size_t)total) == total &&
                read(fd, position, (1 << 20) - 1) > 0;

    if (fd >= 0)
        close(fd);
    free(f->position);
    f->position = good ? position : NULL;
    if (!good)
        free(position);
    return good;
}

static void follow(const char *path, const char *state, int total)
{
    struct follower *f = follower_new(path);
    int64_t saved_us = 0;
    int r = SOURCE_MORE;

    load(f, state, total);
    f->now_us = clock_us();
    follower_open(f);
    for (;;) {
        struct pollfd p = {source_fd(f->source), POLLIN, 0};
        int64_t left = source_deadline_us(f->source) - clock_us();

        if (r != SOURCE_MORE)
            poll(&p, 1, left < 0 ? 0 : left > 20000 ? 20 : (int)(left / 1000) + 1);
        r = source_run(f->source, clock_us(), 200);
        if (r < 0)
            abort();
        if (clock_us() - saved_us > 15000) {
            save(f, state, total);
            saved_us = clock_us();
        }
    }
}

static pid_t launch_follower(const char *path, const char *state, int total)
{
    pid_t pid = fork();

    if (pid == 0)
        follow(path, state, total);
    return pid;
}

/* -- What stands between them. -- */

static void rotate(const char *path, int number, pid_t writer)
{
    const char *old = in_scratch("mail.log-%06d", number);
    int fd;

    ck_assert_int_eq(rename(path, old), 0);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    close(fd);
    usleep(pick(4) ? pick(90000) : 0);
    kill(writer, SIGHUP);
    if (number > 2)
        shell("gzip -f '%s'", in_scratch("mail.log-%06d", number - 2));
}

static bool has_lines(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_size > 0;
}

static int missing(struct follower *f, const char *state, int total)
{
    return load(f, state, total) ? lost(f, 0, total) : total;
}

START_TEST(s41_torture)
{
    const char *path = strdup(in_scratch("mail.log")), *state = strdup(in_scratch("state"));
    int total = getenv("FOLLOW_LINES") ? (int)strtol(getenv("FOLLOW_LINES"), NULL, 10) : 25000;
    struct follower *f = follower_new(path);
    pid_t writer, follower;
    int rotations = 0, kills = 0, status;

    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    fflush(stdout);
    writer = fork();
    if (writer == 0)
        write_all(path, total);
    follower = launch_follower(path, state, total);
    for (int64_t turn = clock_us(), kill_us = turn + 300000;
         waitpid(writer, &status, WNOHANG) == 0;) {
        if (clock_us() > kill_us) {
            kill(follower, SIGKILL);
            waitpid(follower, &status, 0);
            usleep(pick(3) ? 0 : pick(400000));
            follower = launch_follower(path, state, total);
            kills++;
            kill_us = clock_us() + 100000 + pick(500000);
        }
        /* As logrotate with delaycompress: the writer has left what is packed by then. */
        if (clock_us() - turn > 100000 + (int64_t)pick(200000) && has_lines(path)) {
            rotate(path, ++rotations, writer);
            turn = clock_us();
        }
        usleep(5000);
    }
    for (int i = 0; i < 600 && missing(f, state, total) > 0; i++)
        usleep(50000);
    kill(follower, SIGKILL);
    waitpid(follower, &status, 0);
    ck_assert(load(f, state, total));
    printf("torture: %d lines, %d rotations, %d kills\n", total, rotations, kills);
    ck_assert_msg(lost(f, 0, total) == 0 && doubled(f) == 0, "lost %d, double %d",
                  lost(f, 0, total), doubled(f));
    ck_assert_int_gt(rotations, 2);
    ck_assert_int_gt(kills, 2);
    follower_free(f);
    free((char *)(uintptr_t)path);
    free((char *)(uintptr_t)state);
}
END_TEST

static void setup(void)
{
    scratch_make("/tmp");
}

static void teardown(void)
{
    scratch_remove();
}

static void add(TCase *tc)
{
    tcase_add_test(tc, s41_torture);
}

int main(void)
{
    return suite_run("source_file_torture", add, setup, teardown);
}
