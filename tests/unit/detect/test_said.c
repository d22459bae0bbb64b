/* SPDX-License-Identifier: MIT */
#include "detect/said.h"

#include <stdio.h>

#include "rows.h"

static struct interns texts;

static void begin(void)
{
    ck_assert(interns_init(&texts, 40000, 1));
}

static void end(void)
{
    want_number("texts left", texts.used, 0);
    want_number("bytes listed", (int64_t)texts.listed, 0);
    interns_done(&texts);
}

static void say(struct tally **said, const char *subject, const char *script)
{
    struct intern *message[MAIL_HEADER_COUNT] = {
        [MAIL_HEADER_SUBJECT] = subject ? intern_make(&texts, span_str(subject)) : NULL,
        [MAIL_HEADER_SCRIPT] = script ? intern_make(&texts, span_str(script)) : NULL};

    said_add(said, &texts, message, 1);
    for (int i = 0; i < MAIL_HEADER_COUNT; i++)
        intern_put(&texts, message[i]);
}

START_TEST(each_header_has_a_tally)
{
    struct tally *said = NULL;

    say(&said, "pills", "33:a.php");
    say(&said, NULL, "33:a.php");
    want_number("subjects", said[MAIL_HEADER_SUBJECT].count, 1);
    want_number("scripts", said[MAIL_HEADER_SCRIPT].entry[0].count, 2);
    want_number("bytes", (int64_t)said_bytes(said), (int64_t)texts.listed);
    want_number("no bytes", (int64_t)said_bytes(NULL), 0);
    said_done(&said, &texts);
    ck_assert_ptr_null(said);
}
END_TEST

static uint64_t sum(const struct tally *tally)
{
    uint64_t sum = tally->more;

    for (uint32_t i = 0; i < tally->count; i++)
        sum += tally->entry[i].count;
    return sum;
}

/* A mailbox's own mail is in the list before the spam. */
START_TEST(what_comes_often_finds_its_place)
{
    struct tally *said = NULL;
    char text[16];

    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof(text), "%d", i);
        say(&said, text, NULL);
        if (i >= 400)
            say(&said, "pills", NULL);
    }
    struct tally *subjects = &said[MAIL_HEADER_SUBJECT];
    tally_sort(subjects);
    want_text("most", subjects->entry[0].text->at, "pills");
    want_number("how often", subjects->entry[0].count, 100);
    want_number("in all", (int64_t)sum(subjects), 600);
    ck_assert_uint_le(subjects->count, SAID_MAX);
    said_done(&said, &texts);
}
END_TEST

START_TEST(the_last_that_finds_room_drops_none)
{
    struct tally *said = NULL;
    char text[16];

    for (int i = 0; i < SAID_MAX; i++) {
        snprintf(text, sizeof(text), "%d", i);
        say(&said, text, NULL);
    }
    say(&said, "0", NULL);
    want_number("all are there", said[MAIL_HEADER_SUBJECT].count, SAID_MAX);
    say(&said, "x", NULL);
    want_number("half went", said[MAIL_HEADER_SUBJECT].count, SAID_MAX / 2 + 1);
    want_number("in all", (int64_t)sum(&said[MAIL_HEADER_SUBJECT]), SAID_MAX + 2);
    said_done(&said, &texts);
}
END_TEST

START_TEST(two_become_one)
{
    struct tally *a = NULL, *b = NULL;

    say(&a, "pills", NULL);
    say(&b, "pills", "33:a.php");
    b[MAIL_HEADER_SUBJECT].more = 7;
    said_merge(&a, &texts, b);
    said_merge(&a, &texts, NULL);
    want_number("pills", a[MAIL_HEADER_SUBJECT].entry[0].count, 2);
    want_number("scripts", a[MAIL_HEADER_SCRIPT].count, 1);
    want_number("in all", (int64_t)sum(&a[MAIL_HEADER_SUBJECT]), 9);
    said_done(&a, &texts);
    said_done(&b, &texts);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("said");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, each_header_has_a_tally);
    tcase_add_test(tc, what_comes_often_finds_its_place);
    tcase_add_test(tc, the_last_that_finds_room_drops_none);
    tcase_add_test(tc, two_become_one);
    return run_suite("said", tc);
}
