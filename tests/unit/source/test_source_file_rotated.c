/* SPDX-License-Identifier: MIT */
/*
 * Scenarios:
 *   11 dateext, numbers, olddir, another file system     12 three rotations in one look
 *   13 rotated while stopped, 14 five times, 15 with compress, 16 with delaycompress
 *   17 deleted unread       18 postfix logrotate         and reading back at the first start
 */
#include "file_harness.h"

#include <time.h>

static void shift(int from)
{
    static const char *const endings[] = {"", ".gz", ".zst"};

    for (int i = from; i > 0; i--)
        for (int e = 0; e < 3; e++)
            rename(in_scratch("mail.log.%d%s", i, endings[e]),
                   in_scratch("mail.log.%d%s", i + 1, endings[e]));
}

static const char *const shapes[] = {
    "mv mail.log mail.log-20261124",
    "mv mail.log mail-20261124.log",
    "[ -e mail.log.1 ] && mv mail.log.1 mail.log.2; mv mail.log mail.log.1",
    "mkdir -p old; mv mail.log old/mail.log.1",
    "cp -p mail.log /dev/shm/follow-olddir/mail.log.1; rm mail.log",
    "mv mail.log mail.log.20261124-041401",
};

START_TEST(s11_every_way_to_name_a_rotated_file)
{
    shell("mkdir -p /dev/shm/follow-olddir");
    follower_start(f, SOURCE_BEGIN);
    for (int rotation = 0; rotation < 2; rotation++) {
        writer_lines(&w, 100);
        if (rotation)
            follower_pump(f);
        ck_assert_int_eq(shell("cd '%s'; %s", scratch, shapes[_i]), 0);
        writer_lines(&w, 10);
        follower_pump(f);
        writer_reopen(&w, LOG);
        writer_lines(&w, 100);
        follower_wait(f, 100 * S);
    }
    shell("rm -r /dev/shm/follow-olddir");
    expect_exact(f, 0, w.seq);
}
END_TEST

/* As above with nobody looking. */
START_TEST(s11_s13_rotated_while_stopped)
{
    shell("mkdir -p /dev/shm/follow-olddir");
    f->rotated = _i == 3 ? in_scratch("old") : "/dev/shm/follow-olddir";
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    follower_pump(f);
    follower_stop(f);
    writer_lines(&w, 100);
    ck_assert_int_eq(shell("cd '%s'; %s", scratch, shapes[_i]), 0);
    /* A copy on another file system is made before the file is deleted. */
    writer_lines(&w, _i == 4 ? 0 : 10);
    writer_reopen(&w, LOG);
    writer_lines(&w, 100);
    follower_restart(f);
    shell("rm -r /dev/shm/follow-olddir");
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
    expect_note(f, GAP, 0);
}
END_TEST

START_TEST(s12_three_rotations_in_one_look)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 3; i++) {
            shift(5);
            rotate_create();
            writer_lines(&w, 5);
            writer_reopen(&w, LOG);
            writer_lines(&w, 20);
        }
        follower_wait(f, _i * S);
    }
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

/* _i: 0 nothing, 1 compress, 2 delaycompress, 3 compress with zstd. */
static void rotate_numbered(int how)
{
    const char *pack_now = how == 1 ? "gzip" : "zstd -q --rm";

    shift(25);
    rotate_create();
    writer_reopen(&w, LOG);
    if (how == 2)
        shell("cd '%s'; [ -e mail.log.2 ] && gzip mail.log.2", scratch);
    else if (how)
        pack(in_scratch("mail.log.1"), pack_now);
}

START_TEST(s13_s16_rotated_n_times_while_stopped)
{
    int rotations = _i % 2 ? 5 : 1, how = _i / 2;

    follower_start(f, SOURCE_BEGIN);
    for (int round = 0; round < 4; round++) {
        writer_lines(&w, 100);
        put(w.fd, "seq=", round % 2 ? 4 : 0); /* stopped within a line, or not */
        follower_pump(f);
        follower_stop(f);
        if (round % 2) {
            char rest[64];
            put(w.fd, rest, (size_t)snprintf(rest, sizeof(rest), "%06d; rest\n", w.seq++));
        }
        for (int i = 0; i < rotations; i++) {
            writer_lines(&w, 50);
            rotate_numbered(how);
            writer_lines(&w, i % 2 ? 50 : 0);
        }
        follower_restart(f);
        expect_exact(f, 0, w.seq);
    }
    ck_assert_uint_eq(f->disorder, 0);
    expect_note(f, GAP, 0);
    /* And once more: nothing of all that is taken for new. */
    follower_stop(f);
    follower_restart(f);
    follower_wait(f, 200 * S);
    rotate_numbered(1);
    follower_wait(f, 200 * S);
    follower_stop(f);
    follower_restart(f);
    expect_exact(f, 0, w.seq);
}
END_TEST

START_TEST(s13_restart_at_every_step_of_a_rotation)
{
    follower_start(f, SOURCE_BEGIN);
    for (int step = 0; step < 12; step++) {
        writer_lines(&w, 30);
        switch (step % 4) {
        case 0:
            rotate_name(LOG, in_scratch("mail.log.1"));
            break;
        case 1:
            writer_reopen(&w, LOG);
            break;
        case 2:
            follower_wait(f, 10 * S);
            break;
        case 3:
            pack(in_scratch("mail.log.1"), "gzip -f");
            rotate_name(in_scratch("mail.log.1.gz"), in_scratch("mail.log.%d.gz", 2 + step));
        }
        writer_lines(&w, 30);
        if (_i)
            follower_pump(f);
        follower_stop(f);
        writer_lines(&w, 30);
        follower_restart(f);
    }
    expect_exact(f, 0, w.seq);
    expect_note(f, GAP, 0);
}
END_TEST

START_TEST(s17_old_file_deleted_unread)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    follower_pump(f);
    follower_stop(f);
    writer_lines(&w, 100);
    rotate_create();
    ck_assert_int_eq(unlink(in_scratch("mail.log.1")), 0);
    writer_reopen(&w, LOG);
    writer_lines(&w, 100);
    follower_restart(f);
    expect_note(f, GAP, 1);
    ck_assert(strstr(f->gap_note, "read up to byte") != NULL);
    ck_assert_int_eq(lost(f, 0, 300), 100);
    ck_assert_int_eq(lost(f, 100, 200), 100);
    ck_assert_int_eq(doubled(f), 0);
    follower_stop(f);
    follower_restart(f);
    expect_note(f, GAP, 1);
    ck_assert_int_eq(doubled(f), 0);
}
END_TEST

/* mv, HUP, sleep 1, gzip. */
START_TEST(s18_postfix_logrotate_while_stopped)
{
    const char *old = in_scratch("mail.log.20261124-041401");

    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    follower_pump(f);
    follower_stop(f);
    writer_lines(&w, 100);
    rotate_name(LOG, old);
    writer_lines(&w, 100);
    writer_reopen(&w, LOG);
    writer_lines(&w, 100);
    if (_i)
        pack(old, "gzip");
    follower_restart(f);
    expect_exact(f, 0, 400);
    if (!_i)
        pack(old, "gzip");
    follower_wait(f, 100 * S);
    follower_stop(f);
    follower_restart(f);
    expect_exact(f, 0, 400);
}
END_TEST

START_TEST(backfill_reads_rotated_files_from_a_time_on)
{
    time_t base = 1700000000;
    int expected_from;

    for (int i = 0; i < 5; i++) {
        writer_lines(&w, 100);
        rotate_numbered(0);
        if (i < 3)
            pack(in_scratch("mail.log.1"), i == 1 ? "zstd -q --rm" : "gzip");
        shell("touch -d @%lld '%s'/mail.log.1*", (long long)base + i * 86400, scratch);
    }
    writer_lines(&w, 100);
    f->options.since = ((wall_us)base + (wall_us)_i * 86400 - 1) * S;
    follower_start(f, SOURCE_SINCE);
    expected_from = _i * 100;
    expect_exact(f, expected_from, w.seq);
    ck_assert_uint_eq(f->lines, (unsigned)(w.seq - expected_from));
    ck_assert_uint_eq(f->disorder, 0);
    expect_note(f, BACKFILL, _i < 5 ? 5u - (unsigned)_i : 0u);
    follower_wait(f, 100 * S);
    follower_stop(f);
    follower_restart(f);
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    expect_exact(f, expected_from, w.seq);
}
END_TEST

/* The block says when its file was last written to, for dates that come without a year. */
START_TEST(backfill_tells_the_time_of_the_file)
{
    writer_lines(&w, 1);
    rotate_numbered(1);
    shell("touch -d @1700000000 '%s/mail.log.1.gz'", scratch);
    f->options.since = 1600000000 * S;
    follower_start(f, SOURCE_SINCE);
    ck_assert_int_eq(f->written, 1700000000 * S);
    writer_lines(&w, 1);
    follower_pump(f);
    ck_assert_int_gt(f->written, 1700000000 * S);
}
END_TEST

/* Stopped in the middle of a backfill, at every position. */
START_TEST(backfill_stopped_and_resumed)
{
    for (int i = 0; i < 4; i++) {
        writer_lines(&w, 2000);
        rotate_numbered(i == 3 ? 0 : 1);
        shell("touch -d @%d '%s'/mail.log.1*", 1700000000 + i, scratch);
    }
    writer_lines(&w, 100);
    f->options.start = SOURCE_SINCE;
    f->options.since = 1600000000 * S;
    f->budget = 300;
    follower_open(f);
    for (int i = 0; i < 1000 && f->lines < (unsigned)w.seq; i++) {
        int r = source_run(f->source, f->now_us, f->budget);
        ck_assert_int_ge(r, 0);
        follower_stop(f);
        follower_open(f);
    }
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

START_TEST(damaged_rotated_file_is_read_as_far_as_it_goes)
{
    writer_lines(&w, 2000);
    rotate_numbered(1);
    ck_assert_int_eq(
        shell("cd '%s'; truncate -s $(( $(stat -c %%s mail.log.1.gz) / 2 )) mail.log.1.gz",
              scratch),
        0);
    writer_lines(&w, 100);
    f->options.since = 1600000000 * S;
    follower_start(f, SOURCE_SINCE);
    ck_assert_int_gt(lost(f, 0, 2000), 0);
    ck_assert_int_lt(lost(f, 0, 2000), 1900);
    ck_assert_int_eq(lost(f, 2000, 2100), 0);
    ck_assert_int_eq(doubled(f), 0);
    expect_note(f, DAMAGED, 1);
}
END_TEST

START_TEST(globs_and_several_names)
{
    struct writer a = {0}, b = {.seq = 1000}, c = {.seq = 2000};

    follower_free(f);
    ck_assert_int_eq(shell("mkdir '%s/d'", scratch), 0);
    f = follower_new(in_scratch("mail.log %s %s", in_scratch("d/*"), in_scratch("mail.log")));
    follower_start(f, SOURCE_BEGIN);
    writer_reopen(&a, in_scratch("d/a.log"));
    writer_lines(&a, 10);
    follower_pump(f);
    expect_exact(f, 0, 10);
    writer_reopen(&b, in_scratch("d/b"));
    writer_lines(&b, 10);
    w.seq = 3000;
    writer_lines(&w, 10);
    follower_pump(f);
    rotate_name(in_scratch("d/b"), in_scratch("d/b.old"));
    rotate_name(in_scratch("d/a.log"), in_scratch("d/elsewhere"));
    writer_lines(&a, 10);
    writer_lines(&b, 10);
    follower_wait(f, 100 * S);
    writer_reopen(&a, in_scratch("d/a.log"));
    writer_lines(&a, 10);
    follower_wait(f, 100 * S);
    follower_stop(f);
    writer_lines(&a, 10);
    writer_reopen(&c, in_scratch("d/c"));
    writer_lines(&c, 10);
    ck_assert_int_eq(shell("cd '%s/d'; gzip b.old; cp c c.bak", scratch), 0);
    follower_restart(f);
    expect_exact(f, 0, 40);
    expect_exact(f, 1000, 1020);
    expect_exact(f, 2000, 2010);
    expect_exact(f, 3000, 3010);
    ck_assert_uint_eq(f->lines, 80);
    writer_close(&a);
    writer_close(&b);
    writer_close(&c);
}
END_TEST

START_TEST(renamed_and_renamed_back)
{
    follower_start(f, SOURCE_BEGIN);
    for (int i = 0; i < 5; i++) {
        writer_lines(&w, 10);
        rotate_name(LOG, in_scratch("mail.log.1"));
        writer_lines(&w, 10);
        follower_wait(f, i * 20 * S);
        rotate_name(in_scratch("mail.log.1"), LOG);
        follower_wait(f, i * 20 * S);
    }
    expect_exact(f, 0, 100);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, s11_every_way_to_name_a_rotated_file, 0, 6);
    tcase_add_loop_test(tc, s11_s13_rotated_while_stopped, 0, 6);
    tcase_add_loop_test(tc, s12_three_rotations_in_one_look, 0, 3);
    tcase_add_loop_test(tc, s13_s16_rotated_n_times_while_stopped, 0, 8);
    tcase_add_loop_test(tc, s13_restart_at_every_step_of_a_rotation, 0, 2);
    tcase_add_test(tc, s17_old_file_deleted_unread);
    tcase_add_loop_test(tc, s18_postfix_logrotate_while_stopped, 0, 2);
    tcase_add_loop_test(tc, backfill_reads_rotated_files_from_a_time_on, 0, 6);
    tcase_add_test(tc, backfill_tells_the_time_of_the_file);
    tcase_add_test(tc, backfill_stopped_and_resumed);
    tcase_add_test(tc, damaged_rotated_file_is_read_as_far_as_it_goes);
    tcase_add_test(tc, globs_and_several_names);
    tcase_add_test(tc, renamed_and_renamed_back);
}

int main(void)
{
    return suite_run("source_file_rotated", add, setup, teardown);
}
