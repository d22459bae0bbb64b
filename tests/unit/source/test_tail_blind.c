/* SPDX-License-Identifier: MIT */
#include "source/tail_blind.h"

#include "file_harness.h"
#include "rows.h"

#include <sys/resource.h>

/* "missing mail.log; beyond-limit log256": what can't be read now, by the names' last parts. */
static char blind[512];

static void on_blind(void *ctx, enum blind_cause cause, const char *what, const char *why)
{
    size_t len = strlen(blind);

    (void)ctx;
    ck_assert(why[0]);
    snprintf(blind + len, sizeof(blind) - len, "%s%s %s", len ? "; " : "", blind_cause_name(cause),
             strrchr(what, '/') + 1);
}

static void want_blind(const char *name, const char *want)
{
    blind[0] = '\0';
    source_each_blind(f->source, f->now_us, on_blind, NULL);
    want_text(name, blind, want);
}

START_TEST(missing_until_it_is_there)
{
    unlink(LOG);
    follower_start(f, SOURCE_BEGIN);
    want_blind("at start", "missing mail.log");
    writer_reopen(&w, LOG);
    follower_wait(f, S);
    want_blind("empty", "");
}
END_TEST

START_TEST(directory_is_missing)
{
    follower_free(f);
    f = follower_new(in_scratch("not/there/mail.log"));
    follower_start(f, SOURCE_BEGIN);
    want_blind("at start", "missing mail.log");
}
END_TEST

START_TEST(rotated_file_may_wait_for_its_successor)
{
    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    follower_pump(f);
    rotate_name(LOG, in_scratch("mail.log.1"));
    follower_wait(f, 86400 * S);
    want_blind("for a day", "");
    follower_wait(f, 2 * 86400 * S);
    want_blind("for three days", "missing mail.log");
}
END_TEST

START_TEST(deleted_file_is_read_while_it_is_open)
{
    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    follower_pump(f);
    unlink(LOG);
    follower_wait(f, 10 * S);
    want_blind("still open", "");
    follower_stop(f);
    follower_restart(f);
    follower_wait(f, 10 * S);
    want_blind("after a restart", "missing mail.log");
}
END_TEST

START_TEST(not_readable)
{
    if (geteuid() != 0) {
        printf("SKIP: not root, cannot give up and regain a right\n");
        return;
    }
    ck_assert_int_eq(chmod(scratch, 0755), 0);
    ck_assert_int_eq(chmod(LOG, 0600), 0);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_start(f, SOURCE_BEGIN);
    follower_wait(f, 4 * S);
    want_blind("for 4 s", "");
    follower_wait(f, 6 * S);
    want_blind("for 10 s", "unreadable mail.log");
    ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_eq(chmod(LOG, 0644), 0);
    ck_assert_int_eq(seteuid(65534), 0);
    follower_wait(f, 30 * S);
    want_blind("readable", "");
    ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(nothing_matches_a_glob)
{
    follower_free(f);
    f = follower_new(in_scratch("*/mail.log"));
    follower_start(f, SOURCE_BEGIN);
    want_blind("no match", "missing mail.log");
    ck_assert_int_eq(shell("mkdir '%s/mx1'; touch '%s/mx1/mail.log'", scratch, scratch), 0);
    follower_wait(f, S);
    want_blind("a match", "");
}
END_TEST

/* 4096, where as many descriptors may be had. */
START_TEST(more_files_than_are_followed)
{
    struct rlimit before, many;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    many = before;
    many.rlim_cur = 2 * (4096 + 64);
    if (many.rlim_cur > before.rlim_max) {
        printf("SKIP more_files_than_are_followed: so many can't be open here\n");
        return;
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &many), 0);
    follower_free(f);
    f = follower_new(in_scratch("*/log*"));
    ck_assert_int_eq(shell("cd '%s'; for i in $(seq 1001 5096); do echo $i; done | xargs mkdir; "
                           "for i in $(seq 1001 5096); do : >$i/log$i; done",
                           scratch),
                     0);
    follower_start(f, SOURCE_BEGIN);
    want_blind("4096 files", "");
    ck_assert_int_eq(shell("mkdir '%s/5097'; : >'%s/5097/log5097'", scratch, scratch), 0);
    follower_pump(f);
    want_blind("4097 files", "beyond-limit log5097");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
}
END_TEST

START_TEST(tells_when_it_was_written)
{
    struct timespec times[2] = {{1700000000, 0}, {1700000000, 0}};

    follower_start(f, SOURCE_BEGIN);
    ck_assert_int_eq(utimensat(AT_FDCWD, LOG, times, 0), 0);
    want_number("written", source_written(f->source), 1700000000 * S);
    unlink(LOG);
    want_number("gone", source_written(f->source), WHEN_UNKNOWN);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("tail_blind");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, missing_until_it_is_there);
    tcase_add_test(tc, directory_is_missing);
    tcase_add_test(tc, rotated_file_may_wait_for_its_successor);
    tcase_add_test(tc, deleted_file_is_read_while_it_is_open);
    tcase_add_test(tc, not_readable);
    tcase_add_test(tc, nothing_matches_a_glob);
    tcase_add_test(tc, more_files_than_are_followed);
    tcase_add_test(tc, tells_when_it_was_written);
    return run_suite("tail_blind", tc);
}
