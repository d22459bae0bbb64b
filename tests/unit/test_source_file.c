/* SPDX-License-Identifier: MIT */
#include "follow_harness.h"

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
        shell("cd '%s'; for i in 4 3 2 1; do [ -e mail.log.$i ] && mv mail.log.$i mail.log.$((i+1)); "
              "done", scratch);
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
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
