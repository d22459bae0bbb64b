/* SPDX-License-Identifier: MIT */
#include "source/blind.h"

#include <stdint.h>
#include <stdio.h>

#include "rows.h"

/* What was reported, one after the other. */
struct reported {
    unsigned begun, ended;
    char text[BLIND_TEXT_MAX];
};

static void on_tell(void *ctx, const struct blind *blind, bool begins, const char *text)
{
    struct reported *reported = ctx;

    (void)blind;
    reported->begun += begins;
    reported->ended += !begins;
    snprintf(reported->text, sizeof(reported->text), "%s", text);
}

enum { NONE, ONE, TWO, OTHER };

/* One look at that time, in seconds. */
static void look(struct blindness *all, struct reported *reported, int64_t at_s, int what)
{
    blindness_look_begin(all);
    if (what == OTHER)
        blindness_see(all, BLIND_UNREADABLE, "/var/log/other", "Input/output error");
    if (what == ONE || what == TWO)
        blindness_see(all, BLIND_UNREADABLE, "/var/log/mail.log", "Permission denied");
    if (what == TWO)
        blindness_see(all, BLIND_UNREADABLE, "/var/log/maillog", "Permission denied");
    blindness_look_end(all, (wall_us)(1000000 + at_s) * US_PER_S, at_s * US_PER_S, on_tell,
                       reported);
}

#define DENIED "/var/log/mail.log can't be read: Permission denied"

/* Looks one after the other; those without a story's name go on with the one before. */
static const struct look {
    const char *story;
    int at_s, what;
    unsigned begun, ended; /* reported so far */
    const char *text;      /* of the last; NULL: any */
} looks[] = {
    {"it holds", 100, NONE, 0, 0, NULL},
    {NULL, 101, ONE, 0, 0, NULL},
    {NULL, 110, ONE, 0, 0, NULL}, /* for 9 s */
    {NULL, 111, ONE, 1, 0, DENIED},
    {NULL, 100000, ONE, 1, 0, NULL},
    {"it ends", 100, TWO, 0, 0, NULL},
    {NULL, 110, TWO, 1, 0, "/var/log/mail.log (and 1 more) can't be read: Permission denied"},
    {NULL, 160, NONE, 1, 0, NULL},
    {NULL, 165, ONE, 1, 0, NULL}, /* it is back */
    {NULL, 166, NONE, 1, 0, NULL},
    {NULL, 175, NONE, 1, 0, NULL},
    {NULL, 176, NONE, 1, 1, "Over after 1m: " DENIED},
    {NULL, 500, NONE, 1, 1, NULL},
    {"another file", 100, ONE, 0, 0, NULL},
    {NULL, 110, ONE, 1, 0, DENIED},
    {NULL, 110 + 3599, OTHER, 1, 0, NULL}, /* within the hour */
    {NULL, 110 + 3600, OTHER, 2, 0, "/var/log/other can't be read: Input/output error"},
};

START_TEST(reported_once_after_it_has_held)
{
    struct blindness all = {0};
    struct reported reported = {0};
    const char *story = "";

    for (int i = 0; i < COUNT(looks); i++) {
        const struct look *l = &looks[i];
        char name[80];
        if (l->story) {
            all = (struct blindness){0};
            reported = (struct reported){0};
            story = l->story;
        }
        look(&all, &reported, l->at_s, l->what);
        snprintf(name, sizeof(name), "%s, at %d", story, l->at_s);
        want_number(name, is_blind(&all), l->what != NONE);
        want_number(name, reported.begun, l->begun);
        want_number(name, reported.ended, l->ended);
        if (l->text)
            want_text(name, reported.text, l->text);
    }
}
END_TEST

START_TEST(it_looks_again_when_something_may_be_reported)
{
    struct blindness all = {0};
    struct reported reported = {0};

    look(&all, &reported, 100, NONE);
    ck_assert_int_eq(blindness_deadline_us(&all), INT64_MAX);
    look(&all, &reported, 101, ONE);
    want_number("deadline", blindness_deadline_us(&all), 111 * US_PER_S);
    look(&all, &reported, 111, ONE);
    ck_assert_int_eq(blindness_deadline_us(&all), INT64_MAX);
}
END_TEST

START_TEST(a_flicker_is_not_reported)
{
    struct blindness all = {0};
    struct reported reported = {0};

    for (int i = 0; i < 100; i++)
        look(&all, &reported, 100 + i * 5, i % 2 ? ONE : NONE);
    want_number("begun", reported.begun, 0);
    want_number("ended", reported.ended, 0);
}
END_TEST

/* A log that comes in bursts is reported twice in ten minutes at most. */
START_TEST(coming_and_going_is_not_reported_each_time)
{
    struct blindness all = {0};
    struct reported reported = {0};

    for (int at = 100; at < 100 + 3600; at++)
        look(&all, &reported, at, at / 60 % 2 ? ONE : NONE);
    want_number("begun in an hour", reported.begun, 6);
    want_number("ended", reported.ended, 5);
    look(&all, &reported, 4000, NONE);
    look(&all, &reported, 4010, NONE);
    want_number("ended at last", reported.ended, 6);
    look(&all, &reported, 5000, ONE);
    look(&all, &reported, 5010, ONE);
    want_number("a while later", reported.begun, 7);
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

    tcase_add_test(tc, reported_once_after_it_has_held);
    tcase_add_test(tc, it_looks_again_when_something_may_be_reported);
    tcase_add_test(tc, a_flicker_is_not_reported);
    tcase_add_test(tc, coming_and_going_is_not_reported_each_time);
    tcase_add_test(tc, causes_have_words);
    return run_suite("blind", tc);
}
