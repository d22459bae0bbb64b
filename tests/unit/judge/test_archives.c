/* SPDX-License-Identifier: MIT */
/* The stories are in scenarios a119 to a122. */
#include "judge/archives.h"

#include "core_run.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

/* A letter from a mail server of its own: to one of ours, and to another address or none. */
static void letter(int i, const char *outside)
{
    char copy[300] = "";

    if (outside)
        snprintf(copy, sizeof(copy),
                 "smtp: AAAAA%03d: to=<%s>, relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, "
                 "status=sent (ok)\n",
                 i, outside);
    core_feed(&run,
              "smtpd: AAAAA%03d: client=mx.friend%d.example[203.%d.113.7]\n"
              "qmgr: AAAAA%03d: from=<a@friend%d.example>, size=1, nrcpt=%d (queue active)\n"
              "%svirtual: AAAAA%03d: to=<u@example.net>, relay=virtual, delay=1, dsn=2.0.0, "
              "status=sent (ok)\nqmgr: AAAAA%03d: removed\n",
              i, i, i % 200, i, i, outside ? 2 : 1, copy, i, i);
    run.now_s += 600;
}

static void letters(int from, int to, const char *outside)
{
    for (int i = from; i < to; i++)
        letter(i, outside);
}

static int64_t copies(void)
{
    return (int64_t)run.p->judge.verdicts[VERDICT_COPY];
}

START_TEST(an_address_in_all_mail_gets_copies)
{
    letters(0, ARCHIVE_MESSAGES - 1, "archive@vault.example");
    want_number("warnings before", (int64_t)site_warning_count(run.site), 0);
    letters(ARCHIVE_MESSAGES - 1, 20, "archive@vault.example");
    want_number("copies", copies(), 20 - ARCHIVE_MESSAGES);
    want_number("warnings", (int64_t)site_warning_count(run.site), 1);
    want_text("warning", site_warning(run.site, 0)->code, "copies?");
    want_number("what was counted is in doubt", run.p->judge.reread, REREAD_FIGURES);
}
END_TEST

START_TEST(where_settings_are_known_they_tell)
{
    site_set_fact(run.site, SITE_POSTCONF);
    letters(0, 40, "archive@vault.example");
    want_number("copies", copies(), 0);
}
END_TEST

/* 95 % of the mail since its first, and no less. */
START_TEST(nearly_all_mail_is_enough)
{
    letters(0, 4, "archive@vault.example");
    letter(4, NULL);
    letters(5, 20, "archive@vault.example");
    want_number("19 of 20", (int64_t)site_warning_count(run.site), _i == 0);
}
END_TEST

START_TEST(what_came_before_its_first_does_not_count)
{
    letters(0, 100, NULL);
    letters(100, 120, "archive@vault.example");
    want_number("copies", copies(), 20 - ARCHIVE_MESSAGES);
}
END_TEST

START_TEST(part_of_the_mail_is_not_enough)
{
    for (int i = 0; i < 100; i++)
        letter(i, i % 5 ? "archive@vault.example" : NULL);
    want_number("copies", copies(), 0);
}
END_TEST

/* It was switched off; whoever writes there now is nobody's copy. */
START_TEST(an_address_that_gets_no_more_copies_is_forgotten)
{
    letters(0, 20, "archive@vault.example");
    ck_assert_int_gt(copies(), 0);
    letters(20, 30, NULL);
    int64_t before = copies();
    letters(30, 31, "archive@vault.example");
    want_number("copies", copies(), before);
}
END_TEST

START_TEST(too_few_mail_servers_show_nothing)
{
    for (int i = 0; i < 40; i++)
        letter(i % (ARCHIVE_STRANGERS - 1), "archive@vault.example");
    want_number("copies", copies(), 0);
}
END_TEST

/* Those of a provider are one. */
START_TEST(providers_servers_are_one_stranger)
{
    for (int i = 0; i < 40; i++) {
        core_feed(
            &run,
            "smtpd: AAAAA%03d: client=mail-ed1-f%d.google.com[209.85.%d.1]\n"
            "qmgr: AAAAA%03d: from=<u%d@gmail.com>, size=1, nrcpt=2 (queue active)\n"
            "virtual: AAAAA%03d: to=<u@example.net>, relay=virtual, delay=1, dsn=2.0.0, "
            "status=sent (ok)\n"
            "smtp: AAAAA%03d: to=<archive@vault.example>, relay=mx[198.51.100.1]:25, delay=1, "
            "dsn=2.0.0, status=sent (ok)\nqmgr: AAAAA%03d: removed\n",
            i, i, i, i, i, i, i, i);
        run.now_s += 600;
    }
    want_number("copies", copies(), 0);
    letters(40, 42, "archive@vault.example");
    want_number("warnings", (int64_t)site_warning_count(run.site), 1);
}
END_TEST

/* Another address each time takes the place of the weakest. */
START_TEST(a_flood_of_others_does_not_hide_it)
{
    char to[64];

    letters(0, 2, "archive@vault.example");
    for (int i = 2; i < 60; i++) {
        snprintf(to, sizeof(to), "x%d@c.example", i);
        letter(i, to);
    }
    want_number("watched", run.p->judge.archives.count, ARCHIVES_MAX);
    want_number("still there", run.p->judge.archives.candidate[0].with, 2);
}
END_TEST

START_TEST(a_site_notes_a_few)
{
    struct site *site = site_new();

    for (uint64_t address = 1; address <= 4; address++)
        want_number("new", site_learn_archive(site, address), true);
    want_number("again", site_learn_archive(site, 1), false);
    want_number("too many", site_learn_archive(site, 5), false);
    site_forget_archive(site, 2);
    site_forget_archive(site, 9);
    for (uint64_t address = 1; address <= 4; address++)
        want_number("left", site_is_archive(site, address), address != 2);
    struct site *other = site_new();
    site_learn_from(other, site);
    want_number("passed on", site_is_archive(other, 4), true);
    want_number("room again", site_learn_archive(site, 5), true);
    site_free(site);
    site_free(other);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("archives");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, an_address_in_all_mail_gets_copies);
    tcase_add_test(tc, where_settings_are_known_they_tell);
    tcase_add_loop_test(tc, nearly_all_mail_is_enough, 0, 1);
    tcase_add_test(tc, what_came_before_its_first_does_not_count);
    tcase_add_test(tc, part_of_the_mail_is_not_enough);
    tcase_add_test(tc, an_address_that_gets_no_more_copies_is_forgotten);
    tcase_add_test(tc, too_few_mail_servers_show_nothing);
    tcase_add_test(tc, providers_servers_are_one_stranger);
    tcase_add_test(tc, a_flood_of_others_does_not_hide_it);
    tcase_add_test(tc, a_site_notes_a_few);
    return run_suite("archives", tc);
}
