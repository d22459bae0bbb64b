/* SPDX-License-Identifier: MIT */
/*
 * Scenarios:
 *   11 dateext, numbers, olddir, another file system     12 three rotations in one look
 *   13 rotated while stopped, 14 five times, 15 with compress, 16 with delaycompress
 *   17 deleted unread       18 postfix logrotate         and reading back at the first start
 */
#include "file_harness.h"

#include <time.h>

static void shift_one(int i)
{
    static const char *const endings[] = {"", ".gz", ".zst"};

    for (int e = 0; e < 3; e++)
        rename(in_scratch("mail.log.%d%s", i, endings[e]),
               in_scratch("mail.log.%d%s", i + 1, endings[e]));
}

static void shift(int from)
{
    for (int i = from; i > 0; i--)
        shift_one(i);
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

/* How the first line of the log begins when we start. */
static const size_t beginnings[] = {0, 1, 10, 63, 64};

/* A half-written line, which begins with a date as every line does, must not make the rotated files
 * look like copies of it. */
START_TEST(line_being_written_at_the_first_start)
{
    char line[256];

    writer_lines(&w, 10);
    rotate_create();
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    rename(in_scratch("mail.log.1"), in_scratch("mail.log.2"));
    rotate_create();
    writer_reopen(&w, LOG);
    line_text(line, sizeof(line), w.seq);
    put(w.fd, line, beginnings[_i]);
    follower_start(f, SOURCE_SINCE);
    expect_exact(f, 0, w.seq);
    put(w.fd, line + beginnings[_i], strlen(line) - beginnings[_i]);
    w.seq++;
    writer_lines(&w, 10);
    follower_pump(f);
    expect_exact(f, 0, w.seq);
}
END_TEST

START_TEST(line_being_written_after_two_rotations_while_stopped)
{
    char line[256];

    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    follower_stop(f);
    for (int i = 0; i < 2; i++) {
        rename(in_scratch("mail.log.1"), in_scratch("mail.log.2"));
        rotate_create();
        writer_reopen(&w, LOG);
        if (i == 0)
            writer_lines(&w, 10);
    }
    line_text(line, sizeof(line), w.seq);
    put(w.fd, line, beginnings[_i]);
    follower_restart(f);
    expect_exact(f, 0, w.seq);
    put(w.fd, line + beginnings[_i], strlen(line) - beginnings[_i]);
    w.seq++;
    follower_pump(f);
    expect_exact(f, 0, w.seq);
    expect_note(f, GAP, 0);
}
END_TEST

/* Rotated so often that several files begin with the same lines, which are no copies of each
 * other. */
START_TEST(files_of_the_same_second)
{
    static const char *const same =
        "Nov 24 04:14:01 mx1 postfix/smtpd[1234]: connect from x[127.0.0.1]\n";
    char line[256];
    int len = line_text(line, sizeof(line), w.seq);

    for (int i = 0; i < 6; i++) {
        if (i == 3) {
            follower_start(f, SOURCE_SINCE);
            if (_i == 0)
                follower_stop(f);
        }
        put(w.fd, same, strlen(same));
        if (i % 2) {
            len = line_text(line, sizeof(line), w.seq++);
            put(w.fd, line, (size_t)len);
        }
        for (int k = 5; k > 0; k--)
            shift_one(k);
        rotate_create();
        writer_reopen(&w, LOG);
        if (i < 3 && _i == 3)
            pack(in_scratch("mail.log.1"), "gzip");
        if (i >= 3 && _i == 2)
            follower_pump(f);
    }
    writer_lines(&w, 1);
    if (_i == 0)
        follower_restart(f);
    follower_wait(f, 100 * S);
    ck_assert_uint_eq(f->other, 6);
    f->other = 0;
    expect_exact(f, 0, w.seq);
}
END_TEST

/* The same in the rotated file: it was rotated within its first line, and is completed at once or
 * within the pause that a writer is given. */
START_TEST(rotated_within_its_first_line)
{
    char line[256];

    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    for (int i = 0; i < 2; i++) {
        rename(in_scratch("mail.log.1"), in_scratch("mail.log.2"));
        rotate_create();
        if (i == 0) {
            writer_reopen(&w, LOG);
            line_text(line, sizeof(line), w.seq);
            put(w.fd, line, beginnings[_i]);
        }
    }
    int next = open(LOG, O_WRONLY | O_APPEND | O_CLOEXEC);
    char other[256];
    put(next, other, (size_t)line_text(other, sizeof(other), w.seq + 1));
    follower_pump(f);
    put(w.fd, line + beginnings[_i], strlen(line) - beginnings[_i]);
    w.seq += 2;
    follower_wait(f, S);
    expect_exact(f, 0, w.seq);
    close(next);
}
END_TEST

/* Somebody stopped packing, so that mail.log.1 is not what mail.log.1.gz was made of. */
START_TEST(packed_file_beside_another_plain_one)
{
    if (_i) {
        follower_start(f, SOURCE_BEGIN);
        follower_stop(f);
    }
    writer_lines(&w, 10);
    rotate_create();
    pack(in_scratch("mail.log.1"), "gzip");
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    rotate_create();
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    if (_i)
        follower_restart(f);
    else
        follower_start(f, SOURCE_SINCE);
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

/* Nothing is lost with a file in which there was nothing. */
START_TEST(empty_file_is_no_loss)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 10);
    follower_pump(f);
    rotate_create();
    follower_wait(f, 100 * S);
    follower_stop(f);
    ck_assert_int_eq(unlink(LOG), 0);
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_restart(f);
    follower_wait(f, 100 * S);
    expect_exact(f, 0, 20);
    expect_note(f, GAP, 0);
}
END_TEST

/* Until the disk's clock, which ticks every few milliseconds, has moved on. */
static void next_tick(const char *since)
{
    struct stat a, b;

    do {
        ck_assert_int_eq(stat(since, &a), 0);
        close(open(in_scratch("tick"), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600));
        ck_assert_int_eq(stat(in_scratch("tick"), &b), 0);
    } while (a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec);
}

/* A link to one file a day, turned twice while nobody looks; beside it another host's log, whose
 * name differs in its digits only. */
START_TEST(link_turned_twice)
{
    follower_free(f);
    f = follower_new(in_scratch("link"));
    ck_assert_int_eq(
        shell("cd '%s'; rm mail.log; echo other > mx-20261100.log; ln -s mx-20261101.log link",
              scratch),
        0);
    writer_reopen(&w, in_scratch("mx-20261101.log"));
    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    if (_i)
        follower_stop(f);
    writer_lines(&w, 10);
    next_tick(in_scratch("mx-20261101.log"));
    for (int day = 2; day < 5; day++) {
        writer_reopen(&w, in_scratch("mx-2026110%d.log", day));
        writer_lines(&w, 10);
        ck_assert_int_eq(shell("cd '%s'; ln -s mx-2026110%d.log new; mv -T new link", scratch, day),
                         0);
    }
    if (_i > 1)
        pack(in_scratch("mx-20261103.log"), "gzip");
    if (_i)
        follower_restart(f);
    else
        follower_pump(f);
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
    follower_stop(f);
    ck_assert_int_eq(shell("cd '%s'; echo other > mx-20261199.log", scratch), 0);
    follower_restart(f);
    follower_wait(f, 100 * S);
    expect_exact(f, 0, w.seq);
}
END_TEST

/* At the first start the earlier targets of a link are read back, as rotated files are; the log of
 * another host, which is written to at the same time, is not. */
START_TEST(earlier_targets_of_a_link)
{
    follower_free(f);
    f = follower_new(in_scratch("link"));
    ck_assert_int_eq(unlink(LOG), 0);
    for (int day = 1; day < 4; day++) {
        writer_reopen(&w, in_scratch("mx-2026110%d.log", day));
        writer_lines(&w, 10);
    }
    ck_assert_int_eq(
        shell(
            "cd '%s'; ln -s mx-20261103.log link; echo other > mx-20261199.log; touch -d '+1 day' "
            "mx-20261199.log; gzip mx-20261102.log",
            scratch),
        0);
    follower_start(f, SOURCE_SINCE);
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
}
END_TEST

/* What is not read although it may be new is said, once. */
START_TEST(rotated_file_set_aside_is_said)
{
    if (geteuid() != 0) {
        printf("SKIP: not root, cannot give up a right\n");
        return;
    }
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    follower_stop(f);
    rotate_create();
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    rename(in_scratch("mail.log.1"), in_scratch("mail.log.2"));
    rotate_create();
    ck_assert_int_eq(chmod(in_scratch("mail.log.1"), 0600), 0);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_restart(f);
    follower_wait(f, 200 * S);
    ck_assert_int_eq(seteuid(0), 0);
    expect_note(f, UNREADABLE, 1);
    ck_assert_int_eq(lost(f, 0, w.seq), 10);
}
END_TEST

static void dated_line(const char *path, int seq)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    char line[128];
    int n = snprintf(line, sizeof(line),
                     "2026-11-24T04:%02d:%02d.%03d+00:00 mx postfix/smtpd[1]: seq=%06d;\n",
                     seq / 60000, seq / 1000 % 60, seq % 1000, seq);

    put(fd, line, (size_t)n);
    close(fd);
}

/* Two hosts write a file each. Read back, their lines come in the order of their times: at the
 * first start with files rotated at other times, and after a while in which nobody looked. */
START_TEST(several_names_are_read_in_order)
{
    static const size_t budgets[] = {1000, 1, 7};

    free((char *)(uintptr_t)f->files);
    char *files = NULL;
    if (_i)
        files = strdup(in_scratch("host-*.log"));
    else
        ck_assert_int_gt(
            asprintf(&files, "%s %s", in_scratch("host-a.log"), in_scratch("host-b.log")), 0);
    f->files = files;
    f->budget = budgets[_i];
    for (; w.seq < 600; w.seq++) {
        dated_line(in_scratch("host-%c.log", "ab"[w.seq * 7 % 11 % 2]), w.seq);
        if (w.seq == 200) {
            rotate_name(in_scratch("host-a.log"), in_scratch("host-a.log.1"));
            pack(in_scratch("host-a.log.1"), "gzip");
        }
        if (w.seq == 300)
            rotate_name(in_scratch("host-b.log"), in_scratch("host-b.log.1"));
    }
    follower_start(f, SOURCE_SINCE);
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
    follower_stop(f);
    for (; w.seq < 1000; w.seq++)
        dated_line(in_scratch("host-%c.log", "ab"[w.seq * 7 % 11 % 2]), w.seq);
    follower_restart(f);
    expect_exact(f, 0, w.seq);
    ck_assert_uint_eq(f->disorder, 0);
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
    tcase_add_loop_test(tc, several_names_are_read_in_order, 0, 3);
    tcase_add_loop_test(tc, line_being_written_at_the_first_start, 0, 5);
    tcase_add_loop_test(tc, line_being_written_after_two_rotations_while_stopped, 0, 5);
    tcase_add_loop_test(tc, rotated_within_its_first_line, 0, 5);
    tcase_add_loop_test(tc, files_of_the_same_second, 0, 4);
    tcase_add_loop_test(tc, packed_file_beside_another_plain_one, 0, 2);
    tcase_add_test(tc, empty_file_is_no_loss);
    tcase_add_loop_test(tc, link_turned_twice, 0, 3);
    tcase_add_test(tc, earlier_targets_of_a_link);
    tcase_add_test(tc, rotated_file_set_aside_is_said);
}

int main(void)
{
    return suite_run("source_file_rotated", add, setup, teardown);
}
