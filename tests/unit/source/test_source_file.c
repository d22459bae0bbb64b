/* SPDX-License-Identifier: MIT */
/*
 * Scenarios (the name of a test begins with the number of the scenario it is):
 *    1 any chunks            2 start at end, at the beginning     3 a line in two writes
 *    4 killed within a line  5 half a line of a deleted file      6 rename + create, HUP late
 *    7 created late          8 HUP never                          9 new file stays empty
 *   10 late lines in the old file                                35 long lines
 *   36 odd bytes            37 tiny file                         38 offsets beyond 32 bits
 *   39 busy directory
 *   11-18 test_source_file_rotated.c   19-28 test_source_file_cut.c
 *   29-34 test_source_file_around.c    40 test_source_file_model.c
 *   41 test_source_file_torture.c      42-64 test_source_journal.c, test_source_journald.c
 */
#include "file_harness.h"

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

/* As many lines as a turn may take: more than one buffer holds, whose last line is cut. */
START_TEST(s01_in_one_turn)
{
    writer_lines(&w, 20000);
    f->budget = 1000000;
    follower_start(f, SOURCE_BEGIN);
    expect_exact(f, 0, 20000);
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

/* A MiB before the end, and from the beginning of a line; of a smaller file, all. */
START_TEST(s02_start_before_the_end)
{
    static const struct {
        size_t lines, read;
    } rows[] = {{10, 10}, {26214, 26214}, {26215, 26214}, {26216, 26214}, {30000, 26214}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        follower_free(f);
        f = follower_new(LOG);
        ck_assert_int_eq(ftruncate(w.fd, 0), 0);
        for (size_t n = 0; n < rows[i].lines; n++)
            put(w.fd, "seq=000001; 0123456789 0123456789 01234\n", 40);
        put(w.fd, "seq=000002; half ", 17);
        follower_start(f, SOURCE_LAST);
        ck_assert_uint_eq(f->lines, rows[i].read);
        put(w.fd, "and half\n", 9);
        follower_pump(f);
        ck_assert_uint_eq(f->lines, rows[i].read + 1);
        ck_assert_str_eq(f->last, "seq=000002; half and half");
    }
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

/* CRI's P goes on in another line. */
START_TEST(s03_line_cut_by_a_runtime)
{
    static const char part[] = "2026-11-24T03:47:12.1Z stdout P seq=0;\n",
                      rest[] = "2026-11-24T03:47:12.1Z stdout F seq=1;\n";

    follower_start(f, SOURCE_BEGIN);
    put(w.fd, part, sizeof(part) - 1);
    follower_wait(f, 3 * S);
    ck_assert_uint_eq(f->lines, 0);
    follower_stop(f);
    put(w.fd, rest, sizeof(rest) - 1);
    follower_restart(f);
    expect_exact(f, 0, 2);
    for (int i = 0; i < 3000; i++) /* one that never ends */
        put(w.fd, part, sizeof(part) - 1);
    follower_pump(f);
    ck_assert_uint_gt(f->lines, 1500);
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

/* A whole line, but not all that its writer wrote. */
START_TEST(s05_cut_line_of_a_deleted_file)
{
    static const char part[] = "2026-11-24T03:47:12.1Z stdout P seq=0;\n";

    follower_start(f, SOURCE_BEGIN);
    put(w.fd, part, sizeof(part) - 1);
    rotate_create();
    ck_assert_int_eq(unlink(in_scratch("mail.log.1")), 0);
    w.seq = 1;
    writer_reopen(&w, LOG);
    writer_lines(&w, 3);
    follower_wait(f, 70 * S);
    expect_note(f, UNFINISHED, 1);
    expect_exact(f, 0, 4);
    ck_assert_uint_eq(f->lines, 4);
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

START_TEST(s08_writer_is_never_notified)
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

START_TEST(s35_long_lines)
{
    static const size_t lengths[] = {2047, 2048, 65535, 65536, 65537, 131072, 131073, 1 << 20};
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
    ck_assert(strstr(f->position, "\"offset\":53") != NULL);
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

START_TEST(odd_names_and_places)
{
    struct source *source = NULL;

    ck_assert_int_eq(source_open_files("mail.log", NULL, &f->options, 0, &source), -EINVAL);
    ck_assert_int_eq(source_open_files("", NULL, &f->options, 0, &source), -EINVAL);
    ck_assert_int_eq(source_open_files("/var/log/", NULL, &f->options, 0, &source), -EINVAL);
    f->position = strdup("{\"kind\":\"journal\"}");
    writer_lines(&w, 10);
    follower_start(f, SOURCE_BEGIN);
    expect_exact(f, 0, 10);
    source_close(f->source);
    free(f->position);
    f->position = strdup("not JSON");
    follower_start(f, SOURCE_END);
    expect_exact(f, 0, 10);
    source_close(NULL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, s01_basic_in_any_chunks);
    tcase_add_test(tc, s01_in_one_turn);
    tcase_add_loop_test(tc, s02_start_at_end_or_beginning, 0, 2);
    tcase_add_test(tc, s02_start_before_the_end);
    tcase_add_test(tc, s02_start_at_end_within_a_line);
    tcase_add_test(tc, s03_line_in_two_writes);
    tcase_add_test(tc, s03_line_cut_by_a_runtime);
    tcase_add_test(tc, s04_killed_within_a_line);
    tcase_add_test(tc, s05_half_a_line_of_a_deleted_file);
    tcase_add_test(tc, s05_cut_line_of_a_deleted_file);
    tcase_add_loop_test(tc, s06_rename_create_hup_late, 0, 4);
    tcase_add_test(tc, s07_rename_and_created_late);
    tcase_add_test(tc, s08_writer_is_never_notified);
    tcase_add_test(tc, s09_new_file_stays_empty);
    tcase_add_test(tc, s10_late_lines_in_the_old_file);
    tcase_add_test(tc, s10_old_file_never_quiet);
    tcase_add_loop_test(tc, s35_long_lines, 0, 8);
    tcase_add_test(tc, s36_odd_bytes);
    tcase_add_test(tc, s37_tiny_file);
    tcase_add_test(tc, s38_offsets_beyond_32_bits);
    tcase_add_test(tc, s39_busy_directory_costs_no_look);
    tcase_add_test(tc, idle_means_no_wake_ups);
    tcase_add_test(tc, odd_names_and_places);
}

int main(void)
{
    return suite_run("source_file", add, setup, teardown);
}
