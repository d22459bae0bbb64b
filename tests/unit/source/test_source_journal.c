/* SPDX-License-Identifier: MIT */
/*
 * Places, times and hosts, in crafted journals. Where systemd-journal-remote is missing, scenarios
 * are skipped aloud. Scenarios:
 *   48 cursor's entry vacuumed     49 it is the last         50 it does not match
 *   51 nothing matches yet         52 end of 20 archives     53 new boot, clock back
 *   54 clock back and forth        56 two hosts, one late    57 directory made later
 *   42-47, 55, 57 test_source_journald.c     58-64 test_source_journal_odd.c
 */
#include "journal_craft.h"

START_TEST(reads_the_fields)
{
    struct craft c;

    if (!can_craft("fields"))
        return;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US, 5);
    craft_mail(&c, 1);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 5, 6);
    ck_assert_str_eq(last_host, "mx1");
    ck_assert_int_eq(last.pid, 123);
    ck_assert_int_eq(last.uid, 0);
    ck_assert_int_eq(last.when, BASE_US);
    ck_assert_str_eq(last_message, "seq=000005; connect");
}
END_TEST

START_TEST(start_policies)
{
    static const int want[] = {300, 0, 200};
    struct craft c;

    if (!can_craft("start"))
        return;
    craft_file("a.journal", "mx1", 0, 300);
    f->options.since = BASE_US + 100 * 1000;
    journal_start((enum source_start)_i);
    ck_assert_uint_eq(f->lines, (unsigned)want[_i]);
    ck_assert_int_eq(lost(f, 300 - want[_i], 300), 0);
    follower_stop(f);
    c = craft_begin("b.journal", "mx1", BOOT_A, BASE_US + 300000, 300);
    c.monotonic += 300000;
    craft_mail(&c, 10);
    craft_end(&c);
    journal_start((enum source_start)_i);
    expect_exact(f, 300 - want[_i], 310);
    ck_assert_uint_eq(f->lines, (unsigned)want[_i] + 10);
}
END_TEST

START_TEST(s48_cursor_entry_vacuumed)
{
    struct craft c;

    if (!can_craft("s48"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    journal_start(SOURCE_BEGIN);
    follower_stop(f);
    ck_assert_int_eq(unlink(in_scratch("a.journal")), 0);
    c = craft_begin("b.journal", "mx1", BOOT_A, BASE_US + 200000, 200);
    c.monotonic += 200000;
    craft_mail(&c, 100);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 100);
    expect_exact(f, 200, 300);
    expect_note(f, GAP, 1);
}
END_TEST

START_TEST(s49_cursor_entry_is_the_last)
{
    struct craft c;

    if (!can_craft("s49"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    journal_start(SOURCE_BEGIN);
    follower_stop(f);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 100);
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US + 100000, 100);
    c.monotonic += 100000;
    craft_mail(&c, 1);
    craft_end(&c);
    pump_lines(101);
    expect_exact(f, 0, 101);
    expect_note(f, GAP, 0);
}
END_TEST

START_TEST(s50_cursor_of_an_entry_that_does_not_match)
{
    char *cursor, *position;
    sd_journal *j;
    struct craft c;

    if (!can_craft("s50"))
        return;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US, 0);
    craft_mail(&c, 10);
    craft_other(&c, 1);
    craft_mail(&c, 10);
    craft_end(&c);
    ck_assert_int_ge(sd_journal_open_directory(&j, scratch, 0), 0);
    ck_assert_int_eq(sd_journal_seek_head(j), 0);
    ck_assert_int_eq(sd_journal_next_skip(j, 11), 11);
    ck_assert_int_eq(sd_journal_get_cursor(j, &cursor), 0);
    sd_journal_close(j);
    ck_assert_int_gt(asprintf(&position,
                              "{\"kind\":\"journal %s\",\"parts\":[{\"host\":\"mx1\",\"cursor\":"
                              "\"%s\",\"seqnum_id\":\"\",\"boot\":\"\",\"seqnum\":0,\"since\":0,"
                              "\"last\":0,\"seen\":0}]}",
                              scratch, cursor),
                     0);
    f->position = position;
    free(cursor);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 10, 20);
    ck_assert_uint_eq(f->lines, 10);
}
END_TEST

START_TEST(s51_nothing_matches_yet)
{
    struct craft c;

    if (!can_craft("s51"))
        return;
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US, 0);
    craft_other(&c, 100);
    craft_end(&c);
    journal_start(SOURCE_END);
    if (_i) {
        follower_stop(f);
        journal_start(SOURCE_END);
    }
    c = craft_begin("a.journal", "mx1", BOOT_A, BASE_US + 200000, 0);
    c.monotonic += 200000;
    craft_mail(&c, 1);
    craft_end(&c);
    pump_lines(1);
    expect_exact(f, 0, 1);
}
END_TEST

START_TEST(s52_start_at_the_end_of_20_archives)
{
    if (!can_craft("s52"))
        return;
    for (int i = 0; i < 20; i++)
        craft_file(in_scratch("a%02d.journal", i) + strlen(scratch) + 1, "mx1", i * 10, 10);
    journal_start(SOURCE_END);
    ck_assert_uint_eq(f->lines, 0);
    craft_file("b.journal", "mx1", 1000, 10);
    pump_lines(10);
    expect_exact(f, 1000, 1010);
    ck_assert_uint_eq(f->lines, 10);
}
END_TEST

/* The last entries, over all files: of one host fewer than of a journal that is one. */
START_TEST(s52_start_before_the_end)
{
    if (!can_craft("s52"))
        return;
    for (int i = 0; i < 4; i++)
        craft_file(in_scratch("a%02d.journal", i) + strlen(scratch) + 1, "mx1", i * 200, 200);
    craft_file("b.journal", "mx2", 1000, 10);
    journal_start(SOURCE_LAST);
    ck_assert_uint_eq(f->lines, 499 + 10);
    expect_exact(f, 301, 800);
    expect_exact(f, 1000, 1010);
}
END_TEST

START_TEST(s53_new_boot_with_the_clock_back)
{
    struct craft c;

    if (!can_craft("s53"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    journal_start(SOURCE_BEGIN);
    follower_stop(f);
    ck_assert_int_eq(unlink(in_scratch("a.journal")), 0);
    c = craft_begin("b.journal", "mx1", BOOT_B, BASE_US - 3600 * US_PER_S, 100);
    craft_mail(&c, 50);
    craft_end(&c);
    journal_start(SOURCE_BEGIN);
    c = craft_begin("b.journal", "mx1", BOOT_B, BASE_US - 1800 * US_PER_S, 150);
    c.monotonic += 1800 * US_PER_S;
    craft_mail(&c, 50);
    craft_end(&c);
    pump_lines(200);
    expect_exact(f, 0, 200);
    expect_note(f, CLOCK_BACK, 1);
    follower_stop(f);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 200);
    expect_note(f, CLOCK_BACK, 1);
}
END_TEST

START_TEST(s54_clock_back_and_forth_while_running)
{
    struct craft c;

    if (!can_craft("s54"))
        return;
    craft_file("a.journal", "mx1", 0, 10);
    journal_start(SOURCE_BEGIN);
    for (int i = 1; i < 7; i++) {
        c = craft_begin("a.journal", "mx1", BOOT_A,
                        BASE_US + (i % 2 ? -3600 : 3600) * US_PER_S + i * 10000, i * 10);
        c.monotonic += i * 20000;
        craft_mail(&c, 10);
        craft_end(&c);
        pump_lines((unsigned)i * 10 + 10);
        if (i % 3 == 0) {
            follower_stop(f);
            journal_start(SOURCE_BEGIN);
        }
    }
    expect_exact(f, 0, 70);
}
END_TEST

START_TEST(s56_two_hosts_one_late)
{
    struct craft c;

    if (!can_craft("s56"))
        return;
    craft_file("a.journal", "mx1", 0, 100);
    craft_file("b.journal", "mx2", 1000, 10);
    journal_start(SOURCE_BEGIN);
    expect_exact(f, 0, 100);
    expect_exact(f, 1000, 1010);
    /* mx2 delivers what is older than all that mx1 had. */
    c = craft_begin("b.journal", "mx2", BOOT_B, BASE_US - 60 * US_PER_S, 1010);
    craft_mail(&c, 100);
    craft_end(&c);
    pump_lines(210);
    expect_exact(f, 1000, 1110);
    /* And a third host comes. */
    c = craft_begin("c.journal", "mx3", BOOT_B, BASE_US - 3600 * US_PER_S, 2000);
    craft_mail(&c, 10);
    craft_end(&c);
    follower_wait(f, 61 * US_PER_S);
    expect_exact(f, 2000, 2010);
    follower_stop(f);
    c = craft_begin("d.journal", "mx4", BOOT_B, BASE_US - 3600 * US_PER_S, 3000);
    craft_mail(&c, 10);
    craft_end(&c);
    journal_start(SOURCE_END);
    expect_exact(f, 3000, 3010);
    ck_assert_uint_eq(f->lines, 230);
}
END_TEST

START_TEST(s57_directory_made_later)
{
    const char *directory = strdup(in_scratch("later"));

    if (!can_craft("s57"))
        return;
    which.directory = directory;
    journal_start(SOURCE_END);
    expect_note(f, WAITING, 1);
    follower_wait(f, 600 * US_PER_S);
    ck_assert_uint_lt(f->runs, 40);
    ck_assert_int_eq(mkdir(directory, 0755), 0);
    craft_file("later/a.journal", "mx1", 0, 10);
    follower_wait(f, 61 * US_PER_S);
    expect_exact(f, 0, 10);
    free((char *)(uintptr_t)directory);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, reads_the_fields);
    tcase_add_loop_test(tc, start_policies, 0, 3);
    tcase_add_test(tc, s48_cursor_entry_vacuumed);
    tcase_add_test(tc, s49_cursor_entry_is_the_last);
    tcase_add_test(tc, s50_cursor_of_an_entry_that_does_not_match);
    tcase_add_loop_test(tc, s51_nothing_matches_yet, 0, 2);
    tcase_add_test(tc, s52_start_at_the_end_of_20_archives);
    tcase_add_test(tc, s52_start_before_the_end);
    tcase_add_test(tc, s53_new_boot_with_the_clock_back);
    tcase_add_test(tc, s54_clock_back_and_forth_while_running);
    tcase_add_test(tc, s56_two_hosts_one_late);
    tcase_add_test(tc, s57_directory_made_later);
}

int main(void)
{
    return suite_run("source_journal", add, setup, teardown);
}
