/* SPDX-License-Identifier: MIT */
/*
 * Logrotate does not wait while we look: here the log is rotated at each system call of a look in
 * turn. Nothing may be lost, counted twice, or reported as lost, not even where every file begins
 * with the same line.
 */
#include "race_harness.h"

enum { STEPS = 60 };

static const char *const same =
    "Nov 24 04:14:01 mx1 postfix/smtpd[1234]: connect from x[127.0.0.1]\n";
/* 0: no file begins with it; 1: each, by more than is kept of a beginning; 2: once, and there is no
 * more yet. */
static int alike;
static unsigned same_count; /* how often it was written */

static void write_some(int lines)
{
    for (int i = 0; i < (alike == 1 ? 4 : alike / 2); i++) {
        put(w.fd, same, strlen(same));
        same_count++;
    }
    writer_lines(&w, lines);
}

static void shift(void)
{
    static const char *const endings[] = {"", ".gz"};

    for (int i = 8; i > 0; i--)
        for (int e = 0; e < 2; e++)
            rename(in_scratch("mail.log.%d%s", i, endings[e]),
                   in_scratch("mail.log.%d%s", i + 1, endings[e]));
    rotate_name(LOG, in_scratch("mail.log.1"));
    writer_reopen(&w, LOG);
    write_some(alike == 2 ? 0 : 10);
}

static void shift_twice(void)
{
    shift();
    shift();
}

static void shift_and_pack(void)
{
    shift();
    if (access(in_scratch("mail.log.2"), F_OK) == 0)
        pack(in_scratch("mail.log.2"), "gzip");
}

static void (*const ways[])(void) = {shift, shift_twice, shift_and_pack};
enum { WAYS = sizeof(ways) / sizeof(*ways), RUNS = STEPS * WAYS };

static void begin(int i)
{
    alike = i / RUNS;
    same_count = 0;
    write_some(10);
}

static void arm(int i)
{
    at_step = ways[i % WAYS];
    countdown = 1 + i % RUNS / WAYS;
}

static void expect_seen(void)
{
    ck_assert_uint_eq(f->other, same_count);
    f->other = 0;
    expect_exact(f, 0, w.seq);
    f->other = same_count;
}

static void expect_all(void)
{
    countdown = 0;
    writer_lines(&w, 10);
    follower_wait(f, alike ? 10 * S : S);
    expect_seen();
    expect_note(f, GAP, 0);
    expect_note(f, ASIDE, 0);
    ck_assert_uint_eq(f->disorder, 0);
    /* What was left for later would be read again now. */
    follower_stop(f);
    follower_restart(f);
    follower_wait(f, 100 * S);
    expect_seen();
}

START_TEST(at_the_first_start)
{
    begin(_i);
    shift_and_pack();
    shift_and_pack();
    shift_and_pack();
    arm(_i);
    follower_start(f, SOURCE_SINCE);
    expect_all();
}
END_TEST

START_TEST(at_a_start_after_rotations)
{
    begin(_i);
    follower_start(f, SOURCE_BEGIN);
    follower_stop(f);
    shift();
    shift_and_pack();
    arm(_i);
    follower_restart(f);
    expect_all();
}
END_TEST

START_TEST(while_following)
{
    begin(_i);
    follower_start(f, SOURCE_BEGIN);
    shift();
    arm(_i);
    follower_pump(f);
    expect_all();
}
END_TEST

static int next_fd; /* of the new file */

static void write_to(int fd)
{
    char line[256];

    put(fd, line, (size_t)line_text(line, sizeof(line), w.seq++));
}

static void write_old_then_new(void)
{
    write_to(w.fd);
    write_to(next_fd);
}

/* Some of Postfix's processes still write to the old file when others write to the new one. */
START_TEST(two_files_are_written)
{
    begin(0);
    follower_start(f, SOURCE_BEGIN);
    rotate_create();
    next_fd = open(LOG, O_WRONLY | O_APPEND | O_CLOEXEC);
    write_old_then_new();
    follower_pump(f);
    write_to(w.fd);
    at_step = write_old_then_new;
    countdown = 1 + _i;
    follower_pump(f);
    expect_all();
    close(next_fd);
}
END_TEST

static const char *const ending = "; Nov 24 04:14:01 mx1 postfix/qmgr[9]: removed\n";

/* A whole log that is shorter than what proves that two files are one. */
static void write_short_and_pack(void)
{
    char line[64];
    int len = snprintf(line, sizeof(line), "seq=%06d%s", w.seq++, ending);

    put(w.fd, line, (size_t)len);
    shift();
    pack(in_scratch("mail.log.1"), "gzip");
}

START_TEST(short_log_packed_unread)
{
    begin(0);
    follower_start(f, SOURCE_BEGIN);
    rotate_create();
    writer_reopen(&w, LOG);
    follower_wait(f, 100 * S);
    at_step = write_short_and_pack;
    countdown = 1 + _i;
    f->now_us = source_deadline_us(f->source);
    follower_pump(f);
    expect_all();
}
END_TEST

enum { PACKINGS = 5 * STEPS };

static int later; /* system calls until it is packed */

static void end_packing(void)
{
    struct stat st;
    int to = open(in_scratch("mail.log.1.gz"), O_WRONLY | O_APPEND | O_CLOEXEC);

    ck_assert_int_eq(stat(in_scratch("mail.log.1"), &st), 0);
    ck_assert_int_eq(
        shell("gzip -c '%s' >>'%s'", in_scratch("mail.log.1"), in_scratch("mail.log.1.gz")), 0);
    futimens(to, (struct timespec[]){st.st_atim, st.st_mtim});
    close(to);
    unlink(in_scratch("mail.log.1"));
}

static void shift_and_begin_packing(void)
{
    shift();
    close(open(in_scratch("mail.log.1.gz"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    at_step = end_packing;
    countdown = later;
}

/* The name that a packed file had when the directory was read is another's when that is looked at,
 * which is still being packed. */
START_TEST(packed_during_a_look)
{
    bool first = _i / PACKINGS;

    begin(0);
    shift_and_pack();
    shift_and_pack();
    pack(in_scratch("mail.log.1"), "gzip");
    if (!first)
        follower_start(f, SOURCE_SINCE);
    at_step = shift_and_begin_packing;
    countdown = 1 + _i % STEPS;
    later = 1 + 4 * (_i % PACKINGS / STEPS);
    if (first) {
        follower_start(f, SOURCE_SINCE);
    } else {
        f->now_us = source_deadline_us(f->source);
        follower_pump(f);
    }
    if (at_step == end_packing && countdown > 0)
        end_packing();
    expect_all();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, short_log_packed_unread, 0, STEPS);
    tcase_add_loop_test(tc, packed_during_a_look, 0, 2 * PACKINGS);
    tcase_add_loop_test(tc, two_files_are_written, 0, STEPS);
    tcase_add_loop_test(tc, at_the_first_start, 0, 2 * RUNS);
    tcase_add_loop_test(tc, at_a_start_after_rotations, 0, 2 * RUNS);
    tcase_add_loop_test(tc, while_following, 0, 3 * RUNS);
}

int main(void)
{
    return suite_run("source_file_race", add, setup, teardown);
}
