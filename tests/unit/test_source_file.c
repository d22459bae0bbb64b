/* SPDX-License-Identifier: MIT */
#include "follow_harness.h"

#include <sched.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

#define LOG in_scratch("mail.log")
#define S   US_PER_S

static struct follower *f;
static struct writer w;

static void setup(void)
{
    scratch_make("/tmp");
    w = (struct writer){0};
    writer_reopen(&w, LOG);
    f = follower_new(LOG);
}

static void teardown(void)
{
    follower_free(f);
    writer_close(&w);
    scratch_remove();
}

static void rotate_name(const char *from, const char *to)
{
    ck_assert_int_eq(rename(from, to), 0);
}

/* What logrotate does with `create`: the writer still holds the old file. */
static void rotate_create(void)
{
    rotate_name(LOG, in_scratch("mail.log.1"));
    int fd = open(LOG, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

START_TEST(s01_basic_in_any_chunks)
{
    char text[256];
    unsigned random = 1;

    follower_start(f, SOURCE_BEGIN);
    for (int i = 0; i < 3000; i++) {
        int n = line_text(text, sizeof(text), w.seq++), at = 0;
        while (at < n) {
            random = random * 1103515245 + 12345;
            int piece = 1 + (int)(random >> 16) % 80;
            if (piece > n - at)
                piece = n - at;
            put(w.fd, text + at, (size_t)piece);
            at += piece;
            if (random >> 28 == 0)
                follower_pump(f);
        }
    }
    follower_pump(f);
    expect_exact(f, 0, 3000);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

START_TEST(s02_start_at_end_or_beginning)
{
    writer_lines(&w, 1000);
    follower_start(f, _i ? SOURCE_BEGIN : SOURCE_END);
    ck_assert_uint_eq(f->lines, _i ? 1000 : 0);
    writer_lines(&w, 1);
    follower_pump(f);
    expect_exact(f, _i ? 0 : 1000, 1001);
}
END_TEST

START_TEST(s02_start_at_end_within_a_line)
{
    writer_lines(&w, 10);
    put(w.fd, "seq=000010; half ", 17);
    follower_start(f, SOURCE_END);
    put(w.fd, "and half\n", 9);
    follower_pump(f);
    expect_exact(f, 10, 11);
    ck_assert_uint_eq(f->lines, 1);
    ck_assert_str_eq(f->last, "seq=000010; half and half");
}
END_TEST

START_TEST(s03_line_in_two_writes)
{
    follower_start(f, SOURCE_BEGIN);
    put(w.fd, "seq=0; one", 10);
    follower_wait(f, 3 * S);
    ck_assert_uint_eq(f->lines, 0);
    put(w.fd, " line\n", 6);
    follower_pump(f);
    ck_assert_uint_eq(f->lines, 1);
    ck_assert_str_eq(f->last, "seq=0; one line");
}
END_TEST

START_TEST(s04_killed_within_a_line)
{
    writer_lines(&w, 5);
    put(w.fd, "seq=000005; one", 15);
    follower_start(f, SOURCE_BEGIN);
    follower_stop(f);
    put(w.fd, " line\n", 6);
    follower_restart(f);
    expect_exact(f, 0, 6);
    ck_assert_uint_eq(f->lines, 6);
    ck_assert_str_eq(f->last, "seq=000005; one line");
}
END_TEST

START_TEST(s05_half_a_line_of_a_deleted_file)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 5);
    put(w.fd, "seq=000005; the end", 19);
    rotate_create();
    ck_assert_int_eq(unlink(in_scratch("mail.log.1")), 0);
    w.seq = 6;
    writer_reopen(&w, LOG);
    writer_lines(&w, 3);
    follower_wait(f, 50 * S);
    ck_assert_uint_eq(f->unfinished, 0);
    follower_wait(f, 20 * S);
    expect_note(f, UNFINISHED, 1);
    ck_assert_uint_eq(f->unfinished, 1);
    expect_exact(f, 0, 9);
}
END_TEST

START_TEST(s06_rename_create_hup_late)
{
    static const int64_t late_us[] = {0, 1000, 50000, 900000};

    follower_start(f, SOURCE_BEGIN);
    for (int rotation = 0; rotation < 5; rotation++) {
        writer_lines(&w, 200);
        if (rotation % 2)
            follower_pump(f);
        shell(
            "cd '%s'; for i in 4 3 2 1; do [ -e mail.log.$i ] && mv mail.log.$i mail.log.$((i+1)); "
            "done",
            scratch);
        rotate_create();
        writer_lines(&w, 50);
        follower_wait(f, late_us[_i]);
        writer_lines(&w, 50);
        writer_reopen(&w, LOG);
        writer_lines(&w, 100);
        follower_wait(f, 10 * S);
    }
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
    expect_note(f, GAP, 0);
    expect_note(f, TRUNCATED, 0);
}
END_TEST

START_TEST(s07_rename_and_created_late)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 100);
    rotate_name(LOG, in_scratch("mail.log.1"));
    writer_lines(&w, 100);
    follower_wait(f, 10 * S);
    writer_lines(&w, 100);
    follower_pump(f);
    writer_reopen(&w, LOG);
    writer_lines(&w, 100);
    follower_pump(f);
    expect_exact(f, 0, 400);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

START_TEST(s08_writer_is_never_told)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    rotate_create();
    for (int hour = 0; hour < 10; hour++) {
        follower_wait(f, 3600 * S);
        writer_lines(&w, 10);
        follower_pump(f);
        ck_assert_int_eq(lost(f, 0, w.seq), 0);
    }
    expect_exact(f, 0, 110);
}
END_TEST

START_TEST(s09_new_file_stays_empty)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    rotate_create();
    follower_wait(f, 3600 * S);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 20);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_wait(f, 3600 * S);
    expect_exact(f, 0, 30);
}
END_TEST

/* The list of scenarios lets the line at 61 s be lost. It still exists, so the next look at
 * everything finds it. */
START_TEST(s10_late_lines_in_the_old_file)
{
    struct writer late = {0};

    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    rotate_create();
    writer_reopen(&late, in_scratch("mail.log.1"));
    writer_reopen(&w, LOG);
    writer_lines(&w, 1);
    follower_wait(f, 4 * S);
    late.seq = w.seq;
    writer_lines(&late, 1);
    follower_pump(f);
    expect_exact(f, 0, 12);
    follower_wait(f, 57 * S);
    writer_lines(&late, 1);
    follower_pump(f);
    ck_assert_int_eq(lost(f, 0, 13), 1);
    follower_wait(f, 60 * S);
    expect_exact(f, 0, 13);
    writer_close(&late);
}
END_TEST

/* A writer that never stops keeps its old file open, up to the cap; what it writes after that is
 * still found. */
START_TEST(s10_old_file_never_quiet)
{
    struct writer busy = {0};

    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    rotate_create();
    writer_reopen(&busy, in_scratch("mail.log.1"));
    writer_reopen(&w, LOG);
    writer_lines(&w, 1);
    busy.seq = w.seq;
    for (int second = 0; second < 300; second++) {
        writer_lines(&busy, 1);
        follower_wait(f, S);
    }
    follower_wait(f, 60 * S);
    expect_exact(f, 0, busy.seq);
    writer_close(&busy);
}
END_TEST

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
            shell("cd '%s'; for i in 5 4 3 2 1; do [ -e mail.log.$i ] && mv mail.log.$i "
                  "mail.log.$((i+1)); done",
                  scratch);
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

    shell(
        "cd '%s'; for i in $(seq 25 -1 1); do for e in '' .gz .zst; do [ -e mail.log.$i$e ] && mv "
        "mail.log.$i$e mail.log.$((i+1))$e; done; done",
        scratch);
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
    dev = strstr(f->place, "\"dev\":");
    ck_assert(dev != NULL);
    dev[6] = dev[6] == '9' ? '8' : '9';
    writer_lines(&w, 100);
    follower_restart(f);
    expect_exact(f, 0, 200);
    expect_note(f, GAP, 0);
}
END_TEST

START_TEST(s29_file_missing_at_start)
{
    writer_close(&w);
    ck_assert_int_eq(unlink(LOG), 0);
    follower_start(f, SOURCE_END);
    expect_note(f, WAITING, 1);
    follower_wait(f, 3600 * S);
    ck_assert_uint_lt(f->runs, 300);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 10);
    expect_note(f, FOUND, 1);
}
END_TEST

START_TEST(s29_directory_missing_at_start)
{
    writer_close(&w);
    follower_free(f);
    f = follower_new(in_scratch("a/b/mail.log"));
    follower_start(f, SOURCE_END);
    expect_note(f, WAITING, 1);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(shell("mkdir -p '%s/a/b'", scratch), 0);
        if (round == 1)
            follower_pump(f);
        writer_reopen(&w, f->files);
        writer_lines(&w, 10);
        if (round == 2)
            follower_wait(f, 31 * S);
        follower_pump(f);
        expect_exact(f, 0, w.seq);
        writer_lines(&w, 10);
        ck_assert_int_eq(shell("rm -r '%s/a'", scratch), 0);
        follower_wait(f, 10 * S);
        expect_exact(f, 0, w.seq);
    }
    writer_lines(&w, 10); /* nothing has taken its place, so the deleted file still counts */
    follower_pump(f);
    expect_exact(f, 0, w.seq);
}
END_TEST

START_TEST(s30_new_file_not_readable)
{
    if (geteuid() != 0) {
        printf("SKIP s30: not root, cannot give up and regain a right\n");
        return;
    }
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_start(f, SOURCE_BEGIN);
    ck_assert_int_eq(seteuid(0), 0);
    writer_lines(&w, 10);
    rotate_create();
    ck_assert_int_eq(chmod(LOG, 0), 0);
    writer_lines(&w, 10);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_wait(f, S);
    ck_assert_int_eq(lost(f, 0, 20), 0);
    expect_note(f, UNREADABLE, 0);
    follower_wait(f, 9 * S);
    expect_note(f, UNREADABLE, 1);
    ck_assert_int_eq(seteuid(0), 0);
    writer_lines(&w, 10);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_wait(f, _i ? 30 * S : 0);
    ck_assert_int_eq(seteuid(0), 0);
    expect_exact(f, 0, 40);
    expect_note(f, REGAINED, 1);
}
END_TEST

START_TEST(s30_file_not_readable_at_start)
{
    if (geteuid() != 0) {
        printf("SKIP s30: not root, cannot give up and regain a right\n");
        return;
    }
    writer_lines(&w, 10);
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    follower_start(f, SOURCE_BEGIN);
    follower_stop(f);
    ck_assert_int_eq(chmod(LOG, 0600), 0);
    writer_lines(&w, 10);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_restart(f);
    follower_wait(f, 10 * S);
    expect_note(f, UNREADABLE, 1);
    expect_note(f, GAP, 0);
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    writer_lines(&w, 10);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_pump(f);
    ck_assert_int_eq(seteuid(0), 0);
    expect_exact(f, 0, 30);
}
END_TEST

START_TEST(s31_symbolic_link_turned)
{
    follower_free(f);
    f = follower_new(in_scratch("link"));
    ck_assert_int_eq(shell("cd '%s'; mkdir d; mv mail.log d/one; ln -s d/one link", scratch), 0);
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 10);
    ck_assert_int_eq(shell("cd '%s'; ln -s d/two new; mv -T new link", scratch), 0);
    follower_pump(f);
    writer_lines(&w, 10);
    writer_reopen(&w, in_scratch("d/two"));
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 30);
    /* The target itself is rotated. */
    rotate_name(in_scratch("d/two"), in_scratch("d/two.1"));
    writer_lines(&w, 10);
    writer_reopen(&w, in_scratch("d/two"));
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 50);
    follower_stop(f);
    writer_lines(&w, 10);
    rotate_name(in_scratch("d/two"), in_scratch("d/two.2"));
    writer_reopen(&w, in_scratch("d/two"));
    writer_lines(&w, 10);
    follower_restart(f);
    expect_exact(f, 0, 70);
}
END_TEST

START_TEST(s32_event_queue_overflows)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    for (int i = 0; i < 20000; i++) {
        const char *name = in_scratch("x%d", i % 3);
        close(open(name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        unlink(name);
        if (i == 17000)
            rotate_create();
        if (i == 18000)
            rotate_name(LOG, in_scratch("mail.log.2"));
    }
    writer_lines(&w, 10);
    writer_reopen(&w, in_scratch("mail.log.2"));
    writer_lines(&w, 10);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 40);
    ck_assert_uint_ge(f->notes[SOURCE_NOTE_OVERFLOW], 1);
}
END_TEST

/* The limit counts for each user, so another user's is used up. */
START_TEST(s33_no_inotify)
{
    int fds[4096], count = 0;

    if (geteuid() != 0) {
        printf("SKIP s33: not root\n");
        return;
    }
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    ck_assert_int_eq(seteuid(54321), 0);
    while (count < 4096 && (fds[count] = inotify_init1(IN_CLOEXEC)) >= 0)
        count++;
    if (count < 4096) {
        follower_start(f, SOURCE_BEGIN);
        expect_note(f, POLLING, 1);
        for (int i = 0; i < 20; i++) {
            writer_lines(&w, 10);
            if (i % 5 == 0) {
                ck_assert_int_eq(seteuid(0), 0);
                rotate_name(LOG, in_scratch("mail.log.%d", i));
                writer_lines(&w, 10);
                writer_reopen(&w, LOG);
                ck_assert_int_eq(seteuid(54321), 0);
            }
            follower_wait(f, 5 * S);
            ck_assert_int_eq(lost(f, 0, w.seq), 0);
        }
        expect_exact(f, 0, w.seq);
    } else {
        printf("SKIP s33: no limit of inotify instances within 4096\n");
    }
    while (count)
        close(fds[--count]);
    ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

static void follow_in(const char *directory)
{
    struct writer other = {0};
    struct follower *g;

    ck_assert_int_eq(shell("mkdir -p '%s'", directory), 0);
    g = follower_new(in_scratch("x"));
    free((char *)(uintptr_t)g->files);
    ck_assert_int_gt(asprintf((char **)(uintptr_t)&g->files, "%s/mail.log", directory), 0);
    writer_reopen(&other, g->files);
    follower_start(g, SOURCE_BEGIN);
    for (int i = 0; i < 6; i++) {
        writer_lines(&other, 10);
        if (i == 3)
            follower_stop(g);
        if (i % 2) {
            ck_assert_int_eq(shell("mv '%s' '%s.%d'", g->files, g->files, i), 0);
            writer_lines(&other, 10);
            writer_reopen(&other, g->files);
        }
        if (i == 3)
            follower_restart(g);
        follower_wait(g, 5 * S);
        ck_assert_int_eq(lost(g, 0, other.seq), 0);
    }
    expect_exact(g, 0, other.seq);
    writer_close(&other);
    follower_free(g);
}

START_TEST(s34_tmpfs)
{
    if (access("/dev/shm", W_OK) < 0) {
        printf("SKIP s34: no /dev/shm\n");
        return;
    }
    follow_in("/dev/shm/follow-s34");
    shell("rm -r /dev/shm/follow-s34");
}
END_TEST

/* In a mount namespace of a child: it has nothing to clean up. */
START_TEST(s34_overlayfs)
{
    char options[4 * PATH_MAX];
    int status;
    pid_t child;

    ck_assert_int_eq(shell("cd '%s'; mkdir lower upper work merged", scratch), 0);
    ck_assert_int_eq(shell("echo 'seq=199999; of the lower layer' > '%s/lower/mail.log'", scratch),
                     0);
    snprintf(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work",
             scratch, scratch, scratch);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("overlay", in_scratch("merged"), "overlay", 0, options) < 0)
            _exit(77);
        follow_in(in_scratch("merged"));
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        printf("SKIP s34: overlayfs cannot be mounted here\n");
    else
        ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(s34_nfs)
{
    printf("SKIP s34: no NFS server here; s33 runs the same polling\n");
}
END_TEST

START_TEST(s35_long_lines)
{
    static const size_t lengths[] = {2047,   2048,   65535,  65536,  65537,
                                     131072, 131073, 262144, 1 << 20};
    char *line = malloc(1 << 20);
    size_t len = lengths[_i];
    bool cut = len > SOURCE_LINE_MAX;

    memset(line, 'x', len);
    follower_start(f, SOURCE_BEGIN);
    for (int shift = 0; shift < 3; shift++) {
        writer_lines(&w, shift * 700);
        put(w.fd, line, len / 2);
        if (shift)
            follower_pump(f);
        put(w.fd, line, len - len / 2);
        if (shift == 2) {
            follower_pump(f);
            follower_stop(f);
            follower_restart(f);
        }
        put(w.fd, "\n", 1);
        follower_pump(f);
        ck_assert_uint_eq(f->last_len, cut ? SOURCE_LINE_MAX : len);
        ck_assert_uint_eq(f->cut, cut ? (unsigned)shift + 1 : 0);
        ck_assert_uint_eq(f->other, (unsigned)shift + 1);
        writer_lines(&w, 10);
        follower_pump(f);
    }
    ck_assert_int_eq(lost(f, 0, w.seq), 0);
    ck_assert_int_eq(doubled(f), 0);
    ck_assert_uint_eq(f->lines, (unsigned)w.seq + 3);
    free(line);
}
END_TEST

START_TEST(s36_odd_bytes)
{
    static const char text[] = "\r\n\n\n\0\0\0\n\0seq=1; nul before\nseq=2; nul\0within\n"
                               "seq=3; \xff\xfe\x80 crlf\r\n\0\0";

    follower_start(f, SOURCE_BEGIN);
    put(w.fd, text, sizeof(text) - 1);
    follower_pump(f);
    ck_assert_int_eq(lost(f, 1, 4), 0);
    ck_assert_uint_eq(f->lines, 7);
    w.seq = 4;
    writer_lines(&w, 1);
    follower_pump(f);
    ck_assert_int_eq(lost(f, 1, 5), 0);
    ck_assert_int_eq(doubled(f), 0);
}
END_TEST

START_TEST(s37_tiny_file)
{
    follower_start(f, SOURCE_BEGIN);
    put(w.fd, "seq=7; ab\n", 10);
    follower_pump(f);
    ck_assert_uint_eq(f->lines, 1);
    follower_stop(f);
    follower_restart(f);
    put(w.fd, "seq=8; ab\n", 10);
    follower_pump(f);
    ck_assert_uint_eq(f->lines, 2);
    ck_assert_int_eq(doubled(f), 0);
}
END_TEST

START_TEST(s38_offsets_beyond_32_bits)
{
    writer_lines(&w, 10);
    ck_assert_int_eq(ftruncate(w.fd, 5LL << 30), 0);
    put(w.fd, "\n", 1);
    writer_lines(&w, 10);
    follower_start(f, SOURCE_END);
    ck_assert_uint_eq(f->lines, 0);
    writer_lines(&w, 10);
    follower_pump(f);
    follower_stop(f);
    ck_assert(strstr(f->place, "\"offset\":53") != NULL);
    writer_lines(&w, 10);
    follower_restart(f);
    expect_exact(f, 20, 40);
}
END_TEST

/* Two events a file and a rename would be 900 looks; the price of a busy directory is reading the
 * events. */
START_TEST(s39_busy_directory_costs_no_look)
{
    follower_start(f, SOURCE_BEGIN);
    for (int i = 0; i < 300; i++)
        shell(i % 10 ? ":"
                     : "cd '%s'; for i in 1 2 3 4 5 6 7 8 9 10; do echo > y$i; mv y$i z$i; done",
              scratch);
    ck_assert_int_ge(source_run(f->source, f->now_us, 1), 0);
    ck_assert(!follower_is_due(f));
    ck_assert_uint_lt(f->runs, 10);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 10);
}
END_TEST

START_TEST(idle_means_no_wake_ups)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    follower_pump(f);
    f->runs = 0;
    follower_wait(f, 3600 * S);
    ck_assert_uint_le(f->runs, 61);
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

/* Stopped in the middle of a backfill, at every place. */
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

START_TEST(odd_names_and_places)
{
    struct source *source = NULL;

    ck_assert_int_eq(source_open_files("mail.log", NULL, &f->options, 0, &source), -EINVAL);
    ck_assert_int_eq(source_open_files("", NULL, &f->options, 0, &source), -EINVAL);
    ck_assert_int_eq(source_open_files("/var/log/", NULL, &f->options, 0, &source), -EINVAL);
    f->place = strdup("{\"kind\":\"journal\"}");
    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    expect_exact(f, 0, 10);
    source_close(f->source);
    free(f->place);
    f->place = strdup("not JSON");
    follower_start(f, SOURCE_END);
    expect_exact(f, 0, 10);
    source_close(NULL);
}
END_TEST

/* A fifo, a directory: noted, never waited in. */
START_TEST(not_a_regular_file)
{
    writer_close(&w);
    ck_assert_int_eq(shell("cd '%s'; rm mail.log; %s mail.log", scratch, _i ? "mkfifo" : "mkdir"),
                     0);
    follower_start(f, SOURCE_BEGIN);
    follower_wait(f, 10 * S);
    expect_note(f, UNREADABLE, 1);
    ck_assert_int_eq(shell("cd '%s'; rm -r mail.log", scratch), 0);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, 10);
}
END_TEST

/* Lines of a file that is deleted are counted while its writer holds it. */
START_TEST(deleted_without_successor)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    ck_assert_int_eq(unlink(LOG), 0);
    follower_wait(f, 600 * S);
    writer_lines(&w, 10);
    follower_pump(f);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_wait(f, 600 * S);
    expect_exact(f, 0, 30);
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

int main(void)
{
    Suite *suite = suite_create("source_file");
    TCase *tc = tcase_create("files");
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, s01_basic_in_any_chunks);
    tcase_add_loop_test(tc, s02_start_at_end_or_beginning, 0, 2);
    tcase_add_test(tc, s02_start_at_end_within_a_line);
    tcase_add_test(tc, s03_line_in_two_writes);
    tcase_add_test(tc, s04_killed_within_a_line);
    tcase_add_test(tc, s05_half_a_line_of_a_deleted_file);
    tcase_add_loop_test(tc, s06_rename_create_hup_late, 0, 4);
    tcase_add_test(tc, s07_rename_and_created_late);
    tcase_add_loop_test(tc, s08_writer_is_never_told, 0, 2);
    tcase_add_test(tc, s09_new_file_stays_empty);
    tcase_add_loop_test(tc, s10_late_lines_in_the_old_file, 0, 2);
    tcase_add_test(tc, s10_old_file_never_quiet);
    tcase_add_loop_test(tc, s11_every_way_to_name_a_rotated_file, 0, 6);
    tcase_add_loop_test(tc, s11_s13_rotated_while_stopped, 0, 6);
    tcase_add_loop_test(tc, s12_three_rotations_in_one_look, 0, 3);
    tcase_add_loop_test(tc, s13_s16_rotated_n_times_while_stopped, 0, 8);
    tcase_add_loop_test(tc, s13_restart_at_every_step_of_a_rotation, 0, 2);
    tcase_add_loop_test(tc, s17_old_file_deleted_unread, 0, 2);
    tcase_add_loop_test(tc, s18_postfix_logrotate_while_stopped, 0, 2);
    tcase_add_test(tc, s19_copytruncate_idle);
    tcase_add_loop_test(tc, s20_copytruncate_under_load, 0, 2);
    tcase_add_loop_test(tc, s21_copytruncate_while_stopped, 0, 4);
    tcase_add_test(tc, s21_two_copytruncates_while_stopped);
    tcase_add_loop_test(tc, s22_truncated_and_regrown_between_looks, 0, 2);
    tcase_add_loop_test(tc, s23_truncated_to_a_smaller_size, 0, 2);
    tcase_add_loop_test(tc, s24_hole_in_front_of_a_line, 0, 2);
    tcase_add_loop_test(tc, s24_hole_at_the_end, 0, 2);
    tcase_add_loop_test(tc, s25_s26_inode_given_to_another_file, 0, 2);
    tcase_add_loop_test(tc, s27_copy_of_the_file_in_its_place, 0, 2);
    tcase_add_test(tc, s28_device_number_changed);
    tcase_add_loop_test(tc, s29_file_missing_at_start, 0, 2);
    tcase_add_loop_test(tc, s29_directory_missing_at_start, 0, 2);
    tcase_add_loop_test(tc, s30_new_file_not_readable, 0, 2);
    tcase_add_loop_test(tc, s30_file_not_readable_at_start, 0, 2);
    tcase_add_loop_test(tc, s31_symbolic_link_turned, 0, 2);
    tcase_add_test(tc, s32_event_queue_overflows);
    tcase_add_loop_test(tc, s33_no_inotify, 0, 2);
    tcase_add_loop_test(tc, s34_tmpfs, 0, 2);
    tcase_add_loop_test(tc, s34_overlayfs, 0, 2);
    tcase_add_test(tc, s34_nfs);
    tcase_add_loop_test(tc, s35_long_lines, 0, 9);
    tcase_add_loop_test(tc, s36_odd_bytes, 0, 2);
    tcase_add_loop_test(tc, s37_tiny_file, 0, 2);
    tcase_add_loop_test(tc, s38_offsets_beyond_32_bits, 0, 2);
    tcase_add_loop_test(tc, s39_busy_directory_costs_no_look, 0, 2);
    tcase_add_test(tc, idle_means_no_wake_ups);
    tcase_add_loop_test(tc, backfill_reads_rotated_files_from_a_time_on, 0, 6);
    tcase_add_loop_test(tc, backfill_tells_the_time_of_the_file, 0, 2);
    tcase_add_loop_test(tc, backfill_stopped_and_resumed, 0, 2);
    tcase_add_loop_test(tc, damaged_rotated_file_is_read_as_far_as_it_goes, 0, 2);
    tcase_add_loop_test(tc, globs_and_several_names, 0, 2);
    tcase_add_loop_test(tc, odd_names_and_places, 0, 2);
    tcase_add_loop_test(tc, not_a_regular_file, 0, 2);
    tcase_add_loop_test(tc, deleted_without_successor, 0, 2);
    tcase_add_test(tc, renamed_and_renamed_back);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
