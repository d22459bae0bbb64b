/* SPDX-License-Identifier: MIT */
/*
 * Scenarios:
 *   19 copytruncate idle    20 under load                21 while stopped
 *   22 truncated and regrown between looks               23 to a smaller size
 *   24 holes                25 inode reused              26 with the same first bytes
 *   27 copy with a new inode                             28 device number changed
 */
#include "file_harness.h"

#include <time.h>

static void copytruncate(const char *copy)
{
    ck_assert_int_eq(shell("cp '%s' '%s'", LOG, copy), 0);
    ck_assert_int_eq(truncate(LOG, 0), 0);
}

START_TEST(s19_copytruncate_idle)
{
    follower_start(f, SOURCE_BEGIN);
    for (int round = 0; round < 6; round++) {
        writer_lines(&w, 1 + 40 * (round % 3));
        if (round % 2)
            follower_pump(f);
        copytruncate(in_scratch("mail.log.%d", 6 - round));
        if (round == 3)
            follower_wait(f, 1);
    }
    writer_lines(&w, 100);
    follower_pump(f);
    expect_exact(f, 0, w.seq);
    expect_note(f, LOSSY, 1);
    for (int i = 1; i < 7; i++)
        pack(in_scratch("mail.log.%d", i), "gzip");
    follower_wait(f, 100 * S);
    follower_stop(f);
    follower_restart(f);
    expect_exact(f, 0, w.seq);
}
END_TEST

START_TEST(s20_copytruncate_under_load)
{
    int window = 0;

    follower_start(f, SOURCE_BEGIN);
    for (int round = 0; round < 10; round++) {
        writer_lines(&w, 100);
        if (round % 3 == 0)
            follower_pump(f);
        ck_assert_int_eq(shell("cp '%s' '%s'", LOG, in_scratch("mail.log-2026%04d", round)), 0);
        writer_lines(&w, 10);
        window += 10;
        if (round % 2)
            follower_pump(f); /* even this was seen: nothing is lost */
        ck_assert_int_eq(truncate(LOG, 0), 0);
        writer_lines(&w, round % 4 ? 20 : 300);
        follower_wait(f, S);
    }
    ck_assert_int_le(lost(f, 0, w.seq), window / 2);
    ck_assert_int_eq(doubled(f), 0);
    ck_assert_uint_eq(f->other, 0);
    expect_note(f, LOSSY, 1);
    follower_stop(f);
    follower_restart(f);
    ck_assert_int_eq(doubled(f), 0);
}
END_TEST

START_TEST(s21_copytruncate_while_stopped)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    follower_pump(f);
    follower_stop(f);
    writer_lines(&w, 100);
    copytruncate(in_scratch("mail.log.1"));
    writer_lines(&w, _i % 2 ? 300 : 20);
    if (_i / 2)
        pack(in_scratch("mail.log.1"), "gzip");
    follower_restart(f);
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
    follower_wait(f, 100 * S);
    follower_stop(f);
    follower_restart(f);
    expect_exact(f, 0, w.seq);
}
END_TEST

START_TEST(s21_two_copytruncates_while_stopped)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    follower_pump(f);
    follower_stop(f);
    writer_lines(&w, 100);
    copytruncate(in_scratch("mail.log.1"));
    writer_lines(&w, 50);
    rotate_name(in_scratch("mail.log.1"), in_scratch("mail.log.2"));
    copytruncate(in_scratch("mail.log.1"));
    writer_lines(&w, 300);
    follower_restart(f);
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

/* The copy was found empty; until it is done, and while that is not known yet, the follower is
 * stopped and started, or looks elsewhere. What was not read of the log yet is read from the
 * copy. */
START_TEST(s21_copy_found_empty)
{
    int copy;

    writer_lines(&w, 100);
    follower_start(f, SOURCE_BEGIN);
    copy = open(in_scratch("mail.log.1"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    follower_pump(f);
    if (_i % 2)
        follower_stop(f);
    writer_lines(&w, _i / 2 * 50);
    ck_assert_int_eq(shell("cat '%s' > '%s'", LOG, in_scratch("mail.log.1")), 0);
    ck_assert_int_eq(ftruncate(w.fd, 0), 0);
    writer_lines(&w, 50);
    if (_i % 2)
        follower_restart(f);
    follower_wait(f, 100 * S);
    expect_exact(f, 0, w.seq);
    close(copy);
}
END_TEST

/* The copy is half made at the very first look. */
START_TEST(s21_first_look_during_a_copytruncate)
{
    char half[4096];
    int from, to;

    writer_lines(&w, 100);
    from = open(LOG, O_RDONLY | O_CLOEXEC);
    to = open(in_scratch("mail.log.1"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_int_eq(read(from, half, sizeof(half)), sizeof(half));
    put(to, half, sizeof(half));
    follower_start(f, _i ? SOURCE_SINCE : SOURCE_BEGIN);
    for (ssize_t n; (n = read(from, half, sizeof(half))) > 0;)
        put(to, half, (size_t)n);
    ck_assert_int_eq(ftruncate(w.fd, 0), 0);
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    expect_exact(f, 0, w.seq);
    close(from);
    close(to);
}
END_TEST

/* Of what was written last nothing was read, and the copy with it is gone: each time it is said. */
START_TEST(s21_copy_is_gone)
{
    writer_lines(&w, 100);
    follower_start(f, SOURCE_BEGIN);
    for (unsigned round = 1; round < 4; round++) {
        writer_lines(&w, 10);
        copytruncate(in_scratch("mail.log.1"));
        unlink(in_scratch("mail.log.1"));
        writer_lines(&w, 50);
        if (_i)
            follower_stop(f);
        if (_i)
            follower_restart(f);
        follower_wait(f, 100 * S);
        ck_assert_int_eq(lost(f, 0, w.seq), 10 * (int)round);
        expect_note(f, GAP, round);
    }
    ck_assert_msg(strstr(f->gap_note, "no copy"), "got %s", f->gap_note);
    writer_lines(&w, 10);
    copytruncate(in_scratch("mail.log.1"));
    follower_wait(f, 100 * S);
    ck_assert_int_eq(lost(f, 0, w.seq), 30);
    expect_note(f, GAP, 3);
}
END_TEST

/* What was written after the copy was made was read in time. */
START_TEST(s21_copy_is_shorter)
{
    writer_lines(&w, 100);
    follower_start(f, SOURCE_BEGIN);
    ck_assert_int_eq(shell("cp '%s' '%s'", LOG, in_scratch("mail.log.1")), 0);
    writer_lines(&w, 10);
    follower_pump(f);
    ck_assert_int_eq(ftruncate(w.fd, 0), 0);
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    expect_exact(f, 0, w.seq);
    expect_note(f, GAP, 0);
}
END_TEST

START_TEST(s22_truncated_and_regrown_between_looks)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    follower_pump(f);
    if (_i)
        follower_stop(f);
    ck_assert_int_eq(truncate(LOG, 0), 0);
    writer_lines(&w, 300);
    if (_i)
        follower_restart(f);
    follower_pump(f);
    expect_exact(f, 0, 400);
    expect_note(f, TRUNCATED, 1);
}
END_TEST

START_TEST(s23_truncated_to_a_smaller_size)
{
    struct stat st;

    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 50);
    ck_assert_int_eq(fstat(w.fd, &st), 0);
    writer_lines(&w, 50);
    follower_pump(f);
    if (_i)
        follower_stop(f);
    ck_assert_int_eq(truncate(LOG, st.st_size), 0);
    if (_i)
        follower_restart(f);
    follower_pump(f);
    writer_lines(&w, 100);
    follower_pump(f);
    expect_exact(f, 0, 200);
    expect_note(f, LOSSY, 0);
}
END_TEST

START_TEST(s24_hole_in_front_of_a_line)
{
    int fd = open(LOG, O_WRONLY | O_CLOEXEC);
    off_t hole = _i ? 10LL << 30 : 20000;
    struct timespec from, to;

    w.fd = fd; /* no O_APPEND */
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    follower_pump(f);
    ck_assert_int_eq(truncate(LOG, 0), 0);
    ck_assert_int_eq(lseek(fd, hole, SEEK_SET), hole);
    writer_lines(&w, 100);
    clock_gettime(CLOCK_MONOTONIC, &from);
    follower_pump(f);
    clock_gettime(CLOCK_MONOTONIC, &to);
    expect_exact(f, 0, 200);
    ck_assert_int_lt((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000, 500);
    ck_assert_uint_gt(source_counters(f->source)[SOURCE_NOTE_NULS], 0);
    follower_stop(f);
    writer_lines(&w, 100);
    follower_restart(f);
    expect_exact(f, 0, 300);
    expect_note(f, TRUNCATED, 1);
}
END_TEST

START_TEST(s24_hole_at_the_end)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    ck_assert_int_eq(ftruncate(w.fd, 10LL << 30), 0);
    follower_pump(f);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 20);
}
END_TEST

/* _i: 0 another file, 1 with the same first 200 bytes, and longer than what was read. */
START_TEST(s25_s26_inode_given_to_another_file)
{
    char same[201];
    struct stat before, after;
    int tries = 0;

    memset(same, '#', 199);
    same[199] = '\n';
    same[200] = '\0';
    if (_i)
        put(w.fd, same, 200);
    writer_lines(&w, 50);
    follower_start(f, SOURCE_BEGIN);
    follower_stop(f);
    ck_assert_int_eq(stat(LOG, &before), 0);
    do {
        writer_close(&w);
        ck_assert_int_eq(unlink(LOG), 0);
        writer_reopen(&w, LOG);
        ck_assert_int_eq(stat(LOG, &after), 0);
    } while (after.st_ino != before.st_ino && ++tries < 1000);
    if (after.st_ino != before.st_ino) {
        printf("SKIP s25: this file system does not reuse inodes\n");
        follower_restart(f);
        return;
    }
    if (_i)
        put(w.fd, same, 200);
    writer_lines(&w, 200);
    follower_restart(f);
    ck_assert_int_eq(lost(f, 0, 250), 0);
    ck_assert_int_eq(doubled(f), 0);
    expect_note(f, GAP, 1);
}
END_TEST

START_TEST(s27_copy_of_the_file_in_its_place)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    follower_pump(f);
    if (_i)
        follower_stop(f);
    ck_assert_int_eq(shell("cd '%s'; cp mail.log x && mv x mail.log", scratch), 0);
    writer_reopen(&w, LOG);
    writer_lines(&w, 100);
    if (_i)
        follower_restart(f);
    follower_wait(f, 100 * S);
    expect_exact(f, 0, 200);
}
END_TEST

START_TEST(s28_device_number_changed)
{
    char *dev;

    writer_lines(&w, 100);
    follower_start(f, SOURCE_BEGIN);
    follower_stop(f);
    dev = strstr(f->position, "\"dev\":");
    ck_assert(dev != NULL);
    dev[6] = dev[6] == '9' ? '8' : '9';
    writer_lines(&w, 100);
    follower_restart(f);
    expect_exact(f, 0, 200);
    expect_note(f, GAP, 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, s19_copytruncate_idle);
    tcase_add_test(tc, s20_copytruncate_under_load);
    tcase_add_loop_test(tc, s21_copytruncate_while_stopped, 0, 4);
    tcase_add_test(tc, s21_two_copytruncates_while_stopped);
    tcase_add_loop_test(tc, s21_copy_found_empty, 0, 4);
    tcase_add_loop_test(tc, s21_first_look_during_a_copytruncate, 0, 2);
    tcase_add_loop_test(tc, s21_copy_is_gone, 0, 2);
    tcase_add_test(tc, s21_copy_is_shorter);
    tcase_add_loop_test(tc, s22_truncated_and_regrown_between_looks, 0, 2);
    tcase_add_loop_test(tc, s23_truncated_to_a_smaller_size, 0, 2);
    tcase_add_loop_test(tc, s24_hole_in_front_of_a_line, 0, 2);
    tcase_add_test(tc, s24_hole_at_the_end);
    tcase_add_loop_test(tc, s25_s26_inode_given_to_another_file, 0, 2);
    tcase_add_loop_test(tc, s27_copy_of_the_file_in_its_place, 0, 2);
    tcase_add_test(tc, s28_device_number_changed);
}

int main(void)
{
    return suite_run("source_file_cut", add, setup, teardown);
}
