/* SPDX-License-Identifier: MIT */
/*
 * One log under two names counts once: a symbolic link, a hard link, a link to its directory, as a
 * bind mount would be.
 */
#include "file_harness.h"

static const char *const second_names[] = {"link.log", "hard.log", "dir/mail.log"};

static void make_second(int kind)
{
    static const char *const commands[] = {"ln -s mail.log link.log", "ln mail.log hard.log",
                                           "ln -s . dir"};

    ck_assert_int_eq(shell("cd '%s'; %s", scratch, commands[kind]), 0);
}

static void follow_both(int kind, bool second_first)
{
    char *names;
    const char *a = LOG, *b = in_scratch("%s", second_names[kind]);

    ck_assert_int_gt(asprintf(&names, "%s %s", second_first ? b : a, second_first ? a : b), 0);
    free((char *)(uintptr_t)f->files);
    f->files = names;
}

START_TEST(one_log_under_two_names)
{
    int kind = _i % 3;

    make_second(kind);
    follow_both(kind, _i / 3);
    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    expect_exact(f, 0, w.seq);
    expect_note(f, TWICE, 1);
    for (int round = 0; round < 3; round++) {
        writer_lines(&w, 10);
        follower_pump(f);
        if (round == 1)
            follower_stop(f);
        rename(in_scratch("mail.log.1"), in_scratch("mail.log.2"));
        rotate_create();
        writer_lines(&w, 10);
        writer_reopen(&w, LOG);
        writer_lines(&w, 10);
        if (round == 1)
            follower_restart(f);
        follower_wait(f, 100 * S);
        expect_exact(f, 0, w.seq);
    }
    expect_note(f, GAP, 0);
}
END_TEST

/* The second name becomes a log of its own. */
START_TEST(link_to_the_log_is_turned)
{
    make_second(0);
    follow_both(0, false);
    writer_lines(&w, 10);
    follower_start(f, SOURCE_END);
    writer_lines(&w, 10);
    writer_reopen(&w, in_scratch("other.log"));
    writer_lines(&w, 10);
    ck_assert_int_eq(shell("cd '%s'; ln -sfn other.log link.log", scratch), 0);
    writer_lines(&w, 10);
    follower_wait(f, 100 * S);
    expect_exact(f, 10, w.seq);
    ck_assert_uint_eq(f->lines, 30);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, one_log_under_two_names, 0, 6);
    tcase_add_test(tc, link_to_the_log_is_turned);
}

int main(void)
{
    return suite_run("source_file_twice", add, setup, teardown);
}
