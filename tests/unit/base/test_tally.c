/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "rows.h"
#include "base/tally.h"

static struct interns texts;
static struct tally tally;

static void begin(void)
{
    ck_assert(interns_init(&texts, 40000, 1));
    tally = (struct tally){0};
}

/* All references must be dropped; the leak check sees the rest. */
static void end(void)
{
    tally_done(&tally, &texts);
    want_number("texts left", texts.used, 0);
    interns_done(&texts);
}

static void add(int n, uint32_t count, uint32_t now_s, uint32_t max)
{
    char buf[32];
    struct intern *text = intern_get(&texts, span_of(buf, (size_t)sprintf(buf, "%d", n)));

    tally_add(&tally, &texts, text, count, now_s, max);
    intern_put(&texts, text);
}

static const struct tally_entry *entry(const char *text)
{
    for (uint32_t i = 0; i < tally.count; i++)
        if (strcmp(tally.entry[i].text->at, text) == 0)
            return &tally.entry[i];
    return NULL;
}

START_TEST(counts_and_remembers_the_last_time)
{
    add(1, 1, 100, 10);
    add(2, 1, 101, 10);
    add(1, 3, 105, 10);
    add(1, 1, 90, 10); /* late */
    want_number("distinct", tally.count, 2);
    want_number("count of 1", entry("1")->count, 5);
    want_number("last of 1", entry("1")->last_s, 105);
    want_number("count of 2", entry("2")->count, 1);
    want_number("more", (int64_t)tally.more, 0);
}
END_TEST

/* Around the sizes at which the array doubles and the index begins. */
static const int sizes[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 255, 256, 257, 8192, 32000};

START_TEST(finds_each_again_at_any_size)
{
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < sizes[_i]; i++)
            add(i, 1, 1, 32000);
    char name[32];
    snprintf(name, sizeof(name), "%d", sizes[_i]);
    want_number(name, tally.count, sizes[_i]);
    for (uint32_t i = 0; i < tally.count; i++)
        want_number(name, tally.entry[i].count, 2);
}
END_TEST

START_TEST(keeps_no_more_than_its_bound)
{
    for (int i = 0; i < 30; i++)
        add(i, 2, 1, 20);
    add(3, 1, 1, 20);
    want_number("distinct", tally.count, 20);
    want_number("more", (int64_t)tally.more, 10); /* none had room */
    want_number("count of 3", entry("3")->count, 3);
    ck_assert_ptr_null(entry("20"));
    tally_add(&tally, &texts, NULL, 1, 1, 20); /* a text that could not be interned */
    want_number("more", (int64_t)tally.more, 11);
}
END_TEST

START_TEST(counts_spans_like_texts)
{
    for (int i = 0; i < 40; i++)
        add(i, 1, 1, 40);
    const struct tally_entry *known = tally_count(&tally, &texts, SPAN("7"), 9, 40);
    ck_assert_ptr_eq(known, entry("7"));
    want_number("count of 7", known->count, 2);
    want_number("last of 7", known->last_s, 9);
    want_number("again", tally_again(&tally, SPAN("7"), 8), true);
    want_number("count of 7", known->count, 3);
    want_number("last of 7", known->last_s, 9);
    want_number("another", tally_again(&tally, SPAN("8"), 8), false);
    uint32_t used = texts.used;
    ck_assert_ptr_null(tally_count(&tally, &texts, SPAN("new"), 9, 40));
    want_number("texts", texts.used, used); /* what is not kept is not interned */
    want_number("more", (int64_t)tally.more, 1);
    want_number("nothing again", tally_again(&tally, SPAN("new"), 9), false);
    ck_assert_ptr_nonnull(tally_count(&tally, &texts, SPAN("new"), 9, 41));
    want_number("distinct", tally.count, 41);
}
END_TEST

START_TEST(merges_with_what_is_there)
{
    struct tally other;

    for (int i = 0; i < 20; i++)
        add(i, 1, 10, 100);
    other = tally;
    tally = (struct tally){0};
    for (int i = 10; i < 30; i++)
        add(i, 2, 5, 100);
    tally.more = 3;
    other.more = 4;
    tally_merge(&tally, &texts, &other, 25);
    tally_done(&other, &texts);
    want_number("distinct", tally.count, 25);
    want_number("more", (int64_t)tally.more, 3 + 4 + 5); /* 5 of 0..9 had no room */
    want_number("count of 10", entry("10")->count, 3);
    want_number("last of 10", entry("10")->last_s, 10);
    want_number("count of 29", entry("29")->count, 2);
}
END_TEST

START_TEST(says_how_many_were_seen_since)
{
    for (int i = 0; i < 100; i++)
        add(i, 1, (uint32_t)i, 100);
    want_number("since 0", tally_since(&tally, 0), 100);
    want_number("since 99", tally_since(&tally, 99), 1);
    want_number("since 100", tally_since(&tally, 100), 0);
}
END_TEST

START_TEST(sorts_by_count_then_text)
{
    static const char *const want[] = {"5", "1", "10", "2", "3"};

    add(3, 1, 1, 10);
    add(10, 2, 1, 10);
    add(2, 2, 1, 10);
    add(5, 9, 1, 10);
    add(1, 2, 1, 10);
    tally_sort(&tally);
    for (int i = 0; i < COUNT(want); i++)
        want_text("sorted", tally.entry[i].text->at, want[i]);
}
END_TEST

START_TEST(goes_on_after_sorting)
{
    for (int i = 0; i < 100; i++)
        add(i, (uint32_t)(i % 7) + 1, 1, 1000);
    tally_sort(&tally);
    for (int i = 0; i < 200; i++)
        add(i, 1, 1, 1000);
    want_number("distinct", tally.count, 200);
    want_number("count of 6", entry("6")->count, 8);
}
END_TEST

/* Keeps the most seen at any size, and goes on counting them. */
START_TEST(keeps_the_most_seen)
{
    static const int counts[] = {3, 16, 40, 300, 2000};
    char buf[64];

    for (int c = 0; c < COUNT(counts); c++) {
        struct tally many = {0};
        for (int i = 0; i < counts[c]; i++) {
            snprintf(buf, sizeof(buf), "name-%d", i);
            for (int n = 0; n <= i % 2 + 5 * (i < 10); n++)
                tally_count(&many, &texts, span_str(buf), 100, 3000);
        }
        tally_keep(&many, &texts, 20);
        want_number("count", many.count, counts[c] < 20 ? counts[c] : 20);
        want_number("texts", texts.used, many.count);
        for (int i = 0; i < 10 && i < counts[c]; i++) {
            snprintf(buf, sizeof(buf), "name-%d", i);
            struct tally_entry *entry = tally_count(&many, &texts, span_str(buf), 200, 3000);
            want_number(buf, entry->count, 6 + i % 2 + 1);
        }
        want_number("nothing new", many.count, counts[c] < 20 ? counts[c] : 20);
        tally_done(&many, &texts);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("tally");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, counts_and_remembers_the_last_time);
    ADD_ROWS(tc, finds_each_again_at_any_size, sizes);
    tcase_add_test(tc, keeps_no_more_than_its_bound);
    tcase_add_test(tc, counts_spans_like_texts);
    tcase_add_test(tc, merges_with_what_is_there);
    tcase_add_test(tc, says_how_many_were_seen_since);
    tcase_add_test(tc, sorts_by_count_then_text);
    tcase_add_test(tc, goes_on_after_sorting);
    tcase_add_test(tc, keeps_the_most_seen);
    return run_suite("tally", tc);
}
