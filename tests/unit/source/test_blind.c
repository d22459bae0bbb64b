/* SPDX-License-Identifier: MIT */
#include "source/blind.h"

#include <stdint.h>
#include <stdio.h>

#include "rows.h"

/* What was told, one after the other. */
struct told {
    unsigned begun, ended;
    char text[BLIND_TEXT_MAX];
};

static void on_tell(void *ctx, const struct blind *blind, bool begins, const char *text)
{
    struct told *told = ctx;

    (void)blind;
    told->begun += begins;
    told->ended += !begins;
    snprintf(told->text, sizeof(told->text), "%s", text);
}

enum { NONE, ONE, TWO, OTHER };

/* One look at that time, in seconds. */
static void look(struct blindness *all, struct told *told, int64_t at_s, int what)
{
    blindness_look_begin(all);
    if (what == OTHER)
        blindness_see(all, BLIND_UNREADABLE, "/var/log/other", "Input/output error");
    if (what == ONE || what == TWO)
        blindness_see(all, BLIND_UNREADABLE, "/var/log/mail.log", "Permission denied");
    if (what == TWO)
        blindness_see(all, BLIND_UNREADABLE, "/var/log/maillog", "Permission denied");
    blindness_look_end(all, (wall_us)(1000000 + at_s) * US_PER_S, at_s * US_PER_S, on_tell, told);
}

START_TEST(told_once_after_it_has_held)
{
    struct blindness all = {0};
    struct told told = {0};

    look(&all, &told, 100, NONE);
    ck_assert(!is_blind(&all));
    ck_assert_int_eq(blindness_deadline_us(&all), INT64_MAX);
    look(&all, &told, 101, ONE);
    ck_assert(is_blind(&all));
    want_number("deadline", blindness_deadline_us(&all), 111 * US_PER_S);
    look(&all, &told, 110, ONE);
    want_number("held for 9 s", told.begun, 0);
    look(&all, &told, 111, ONE);
    want_number("held for 10 s", told.begun, 1);
    want_text("text", told.text, "/var/log/mail.log can't be read: Permission denied");
    ck_assert_int_eq(blindness_deadline_us(&all), INT64_MAX);
    look(&all, &told, 100000, ONE);
    want_number("told once", told.begun, 1);
}
END_TEST

START_TEST(end_is_told_after_it_has_held)
{
    struct blindness all = {0};
    struct told told = {0};

    look(&all, &told, 100, TWO);
    look(&all, &told, 110, TWO);
    want_text("two", told.text, "/var/log/mail.log (and 1 more) can't be read: Permission denied");
    look(&all, &told, 160, NONE);
    ck_assert(!is_blind(&all));
    want_number("not yet", told.ended, 0);
    look(&all, &told, 165, ONE);
    look(&all, &told, 166, NONE);
    look(&all, &told, 175, NONE);
    want_number("it came back meanwhile", told.ended, 0);
    look(&all, &told, 176, NONE);
    want_number("ended", told.ended, 1);
    want_number("begun", told.begun, 1);
    want_text("text", told.text,
              "Over after 1m: /var/log/mail.log can't be read: Permission denied");
    look(&all, &told, 500, NONE);
    want_number("ended once", told.ended, 1);
}
END_TEST

START_TEST(a_flicker_is_not_told)
{
    struct blindness all = {0};
    struct told told = {0};

    for (int i = 0; i < 100; i++)
        look(&all, &told, 100 + i * 5, i % 2 ? ONE : NONE);
    want_number("begun", told.begun, 0);
    want_number("ended", told.ended, 0);
}
END_TEST

/* A log that comes in bursts is told of twice in ten minutes at most. */
START_TEST(coming_and_going_is_not_told_each_time)
{
    struct blindness all = {0};
    struct told told = {0};

    for (int at = 100; at < 100 + 3600; at++)
        look(&all, &told, at, at / 60 % 2 ? ONE : NONE);
    want_number("begun in an hour", told.begun, 6);
    want_number("ended", told.ended, 5);
    look(&all, &told, 4000, NONE);
    look(&all, &told, 4010, NONE);
    want_number("ended at last", told.ended, 6);
    look(&all, &told, 5000, ONE);
    look(&all, &told, 5010, ONE);
    want_number("a while later", told.begun, 7);
}
END_TEST

START_TEST(another_file_is_told_after_an_hour)
{
    struct blindness all = {0};
    struct told told = {0};

    look(&all, &told, 100, ONE);
    look(&all, &told, 110, ONE);
    look(&all, &told, 110 + 3599, OTHER);
    want_number("within the hour", told.begun, 1);
    look(&all, &told, 110 + 3600, OTHER);
    want_number("after it", told.begun, 2);
    want_text("text", told.text, "/var/log/other can't be read: Input/output error");
}
END_TEST

START_TEST(causes_have_words)
{
    for (int cause = 0; cause < BLIND_CAUSE_COUNT; cause++) {
        struct blindness all = {0};
        char text[BLIND_TEXT_MAX];
        blindness_look_begin(&all);
        blindness_see(&all, (enum blind_cause)cause, "x", "y");
        ck_assert_int_gt(strlen(blind_text(&all, (enum blind_cause)cause, text)), strlen("x : y"));
        ck_assert_int_gt(strlen(blind_cause_name((enum blind_cause)cause)), 3);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("blind");

    tcase_add_test(tc, told_once_after_it_has_held);
    tcase_add_test(tc, end_is_told_after_it_has_held);
    tcase_add_test(tc, a_flicker_is_not_told);
    tcase_add_test(tc, coming_and_going_is_not_told_each_time);
    tcase_add_test(tc, another_file_is_told_after_an_hour);
    tcase_add_test(tc, causes_have_words);
    return run_suite("blind", tc);
}
