/* SPDX-License-Identifier: MIT */
/*
 * Files that begin alike and are no copies of each other: a date of whole seconds, one process and
 * one text are soon repeated in a log that is rotated often. And copies so short that they look
 * like that.
 */
#include "file_harness.h"

static const char *const same =
    "Nov 24 04:14:01 mx1 postfix/smtpd[1234]: connect from x[127.0.0.1]\n";

/* `count` of these lines were handed over, and each of the writer's once. */
static void expect_same(unsigned count)
{
    ck_assert_uint_eq(f->other, count);
    f->other = 0;
    expect_exact(f, 0, w.seq);
    expect_note(f, GAP, 0);
}

static void put_file(const char *name, const char *text)
{
    int fd = open(in_scratch("%s", name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

    put(fd, text, strlen(text));
    close(fd);
}

/* Until the disk's clock, which ticks every few milliseconds, has moved on. */
static void next_tick(void)
{
    struct stat a, b;

    put_file("tick", "x");
    ck_assert_int_eq(stat(in_scratch("tick"), &a), 0);
    do {
        put_file("tick", "x");
        ck_assert_int_eq(stat(in_scratch("tick"), &b), 0);
    } while (a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec);
}

/* Somebody stopped packing: mail.log.1 is not what mail.log.1.gz was made of. It has no line yet,
 * or fewer than that, beginning alike. */
START_TEST(packed_file_beside_a_shorter_plain_one)
{
    unsigned alike = _i / 2;

    if (_i % 2) {
        follower_start(f, SOURCE_BEGIN);
        writer_lines(&w, 10);
        follower_pump(f);
        follower_stop(f);
    }
    if (alike) {
        rotate_name(LOG, in_scratch("mail.log.2"));
        writer_reopen(&w, LOG);
        put(w.fd, same, strlen(same));
    }
    writer_lines(&w, 10);
    rotate_create();
    pack(in_scratch("mail.log.1"), "gzip");
    writer_reopen(&w, LOG);
    put_file("mail.log.1", alike ? same : "");
    writer_lines(&w, 10);
    if (_i % 2)
        follower_restart(f);
    else
        follower_start(f, SOURCE_SINCE);
    follower_wait(f, 100 * S);
    expect_same(2 * alike);
}
END_TEST

/* Rotated unread, with a first or only line that is also the first or only one of what the name
 * shows at the first start. */
START_TEST(short_file_that_begins_like_the_log)
{
    put(w.fd, same, strlen(same));
    if (_i / 4)
        writer_lines(&w, 10);
    rotate_create();
    if (_i % 2)
        next_tick();
    unlink(LOG);
    writer_reopen(&w, LOG);
    put(w.fd, same, strlen(same));
    if (_i / 2 % 2)
        writer_lines(&w, 10);
    follower_start(f, SOURCE_SINCE);
    follower_wait(f, 100 * S);
    expect_same(2);
    follower_stop(f);
    follower_restart(f);
    follower_wait(f, 100 * S);
    expect_same(0);
}
END_TEST

/* And where much more is the same. */
START_TEST(file_that_begins_like_the_log)
{
    for (int i = 0; i < 8; i++) {
        if (i == 4) {
            rotate_create();
            next_tick();
            unlink(LOG);
            writer_reopen(&w, LOG);
        }
        put(w.fd, same, strlen(same));
        if (i == 3)
            writer_lines(&w, 10);
    }
    writer_lines(&w, 20);
    follower_start(f, SOURCE_SINCE);
    follower_wait(f, 100 * S);
    expect_same(8);
}
END_TEST

/* The same while it is followed: two rotations between two looks. */
START_TEST(short_file_between_two_rotations)
{
    put(w.fd, same, strlen(same));
    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    rotate_create();
    for (int i = 0; i < 2; i++) {
        rename(in_scratch("mail.log.1"), in_scratch("mail.log.2"));
        if (_i)
            next_tick();
        rotate_create();
        put_file(i ? "mail.log" : "mail.log.1", same);
    }
    writer_reopen(&w, LOG);
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    expect_same(3);
}
END_TEST

/* It is longer than the log, so it was not made of it: at the first start, or after a kill. */
START_TEST(packed_file_that_begins_like_the_log)
{
    int lines = _i / 2 ? 4 : 1;

    if (_i % 2) {
        writer_lines(&w, 10);
        follower_start(f, SOURCE_BEGIN);
        follower_stop(f);
        next_tick();
        rotate_name(LOG, in_scratch("mail.log.2"));
        writer_reopen(&w, LOG);
    }
    for (int i = 0; i < lines; i++)
        put(w.fd, same, strlen(same));
    writer_lines(&w, 10);
    next_tick();
    rotate_name(LOG, in_scratch("mail.log.1"));
    pack(in_scratch("mail.log.1"), "gzip");
    writer_reopen(&w, LOG);
    for (int i = 0; i < lines; i++)
        put(w.fd, same, strlen(same));
    if (_i % 2)
        follower_restart(f);
    else
        follower_start(f, SOURCE_SINCE);
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    expect_same(2 * (unsigned)lines);
}
END_TEST

static void begin_file(int alike, int lines)
{
    next_tick();
    rotate_name(LOG, in_scratch("mail.log.2"));
    writer_reopen(&w, LOG);
    for (int i = 0; i < alike; i++)
        put(w.fd, same, strlen(same));
    writer_lines(&w, lines);
}

static void rotate_and_pack(void)
{
    next_tick();
    rotate_name(LOG, in_scratch("mail.log.1"));
    pack(in_scratch("mail.log.1"), "gzip");
    writer_reopen(&w, LOG);
}

/* It is shorter than a file that was read to its end, and still is there: that was read longer ago,
 * or (odd) it begins like the other from end to end. */
START_TEST(packed_file_that_begins_like_a_finished_one)
{
    int alike = 4;

    begin_file(alike, _i % 2 ? 0 : 50);
    follower_start(f, SOURCE_BEGIN);
    follower_wait(f, 100 * S);
    follower_stop(f);
    begin_file(2 * alike, 5);
    rotate_and_pack();
    writer_lines(&w, 5);
    follower_restart(f);
    follower_wait(f, 100 * S);
    expect_same(3 * (unsigned)alike);
}
END_TEST

/* Than the log, of which nothing is read yet either. */
START_TEST(shorter_packed_file_that_begins_like_the_log)
{
    begin_file(4, 5);
    rotate_and_pack();
    begin_file(4, 50);
    follower_start(f, SOURCE_SINCE);
    follower_wait(f, 100 * S);
    expect_same(8);
}
END_TEST

/* Nothing but the beginning is known of a file that is gone: the packed one may be a copy of it. So
 * it is not read, and that is said. */
START_TEST(shorter_packed_file_that_begins_like_one_that_is_gone)
{
    begin_file(4, 50);
    follower_start(f, SOURCE_BEGIN);
    follower_wait(f, 100 * S);
    follower_stop(f);
    begin_file(4, 5);
    unlink(in_scratch("mail.log.2"));
    rotate_and_pack();
    writer_lines(&w, 5);
    follower_restart(f);
    follower_wait(f, 100 * S);
    ck_assert_uint_eq(f->other, 4);
    ck_assert_int_eq(lost(f, 0, w.seq), 5);
    expect_note(f, ASIDE, 1);
}
END_TEST

/* Somebody puts all of the log into one file beside it, which gets the inode number of a rotated
 * one that was packed. */
START_TEST(all_of_it_in_one_file)
{
    struct stat log, all;
    int tries = 0;

    writer_lines(&w, 50);
    follower_start(f, SOURCE_BEGIN);
    rotate_and_pack();
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    follower_stop(f);
    follower_restart(f); /* knows the packed one now */
    follower_wait(f, 100 * S);
    follower_stop(f);
    rename(in_scratch("mail.log.1.gz"), in_scratch("mail.log.2.gz"));
    ck_assert_int_eq(stat(LOG, &log), 0);
    rotate_and_pack();
    writer_lines(&w, 5);
    do {
        close(open(in_scratch("all.%d", tries), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        ck_assert_int_eq(stat(in_scratch("all.%d", tries), &all), 0);
    } while (all.st_ino != log.st_ino && ++tries < 1000);
    if (all.st_ino != log.st_ino)
        printf("SKIP all of it in one file: this file system does not reuse inodes\n");
    else
        ck_assert_int_eq(
            shell("cd '%s'; { zcat mail.log.2.gz mail.log.1.gz; cat mail.log; } >all.%d", scratch,
                  tries),
            0);
    follower_restart(f);
    follower_wait(f, 100 * S);
    expect_same(0);
}
END_TEST

/* A link is turned to another file within the second in which the one before began, while much more
 * of that had been read. */
START_TEST(next_target_of_a_link_that_begins_like_the_one_before)
{
    follower_free(f);
    f = follower_new(in_scratch("link"));
    for (int file = 0; file < 2; file++) {
        writer_reopen(&w, in_scratch("mail.%d", file));
        ck_assert_int_eq(shell("cd '%s'; ln -s mail.%d new; mv -T new link", scratch, file), 0);
        for (int i = 0; i < 4; i++)
            put(w.fd, same, strlen(same));
        if (file == 0) {
            writer_lines(&w, 10);
            follower_start(f, SOURCE_BEGIN);
        }
        follower_pump(f);
    }
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    expect_same(8);
}
END_TEST

/* What is a copy from end to end is not new: as far as it goes by the first look, and all of it. */
START_TEST(copy_of_the_log_is_not_said)
{
    follower_start(f, SOURCE_BEGIN);
    writer_lines(&w, 50);
    follower_pump(f);
    ck_assert_int_eq(shell("cp '%s' '%s'", LOG, in_scratch("mail.log.1")), 0);
    writer_lines(&w, 10 * _i);
    follower_wait(f, 100 * S);
    ck_assert_int_eq(shell("cp '%s' '%s'", LOG, in_scratch("mail.log.1")), 0);
    ck_assert_int_eq(ftruncate(w.fd, 0), 0);
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    expect_exact(f, 0, w.seq);
    expect_note(f, ASIDE, 0);
}
END_TEST

/* A line, or half of one, was seen of a log and not read, before it is packed while nobody
 * looks. */
START_TEST(packed_file_of_which_nothing_was_read)
{
    static const char *const line = "seq=000000; mx1 postfix/qmgr[9]: removed\n";
    size_t seen = _i / 2 ? 20 : strlen(line);

    put(w.fd, line, seen);
    w.seq++;
    f->options.start = SOURCE_BEGIN;
    follower_open(f);
    follower_stop(f);
    put(w.fd, line + seen, strlen(line) - seen);
    if (_i % 2)
        writer_lines(&w, 10);
    rotate_and_pack();
    writer_lines(&w, 5);
    follower_restart(f);
    follower_wait(f, 100 * S);
    expect_same(0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, packed_file_that_begins_like_a_finished_one, 0, 2);
    tcase_add_test(tc, shorter_packed_file_that_begins_like_the_log);
    tcase_add_test(tc, shorter_packed_file_that_begins_like_one_that_is_gone);
    tcase_add_test(tc, all_of_it_in_one_file);
    tcase_add_test(tc, next_target_of_a_link_that_begins_like_the_one_before);
    tcase_add_loop_test(tc, copy_of_the_log_is_not_said, 0, 2);
    tcase_add_loop_test(tc, packed_file_of_which_nothing_was_read, 0, 4);
    tcase_add_loop_test(tc, packed_file_that_begins_like_the_log, 0, 4);
    tcase_add_loop_test(tc, packed_file_beside_a_shorter_plain_one, 0, 4);
    tcase_add_loop_test(tc, short_file_that_begins_like_the_log, 0, 8);
    tcase_add_test(tc, file_that_begins_like_the_log);
    tcase_add_loop_test(tc, short_file_between_two_rotations, 0, 2);
}

int main(void)
{
    return suite_run("source_file_alike", add, setup, teardown);
}
