/* SPDX-License-Identifier: MIT */
#include "core_run.h"

static struct core_run run;

/* One message from outside, to one of ours and to an address outside, in that order or not. */
static void message(int i, const char *outside, bool ours, bool outside_first)
{
    char to_ours[200], to_outside[200];

    snprintf(to_ours, sizeof(to_ours),
             "virtual: AAAAA%02d: to=<u@example.net>, relay=virtual, delay=1, delays=1/0/0/0, "
             "dsn=2.0.0, status=sent (ok)\n",
             i);
    snprintf(to_outside, sizeof(to_outside),
             "smtp: AAAAA%02d: to=<%s>, relay=mx[198.51.100.1]:25, delay=1, delays=1/0/0/0, "
             "dsn=2.0.0, status=sent (ok)\n",
             i, outside);
    core_feed(&run,
              "smtpd: AAAAA%02d: client=c[192.0.2.1]\n"
              "qmgr: AAAAA%02d: from=<a@a.example>, size=1, nrcpt=2 (queue active)\n%s%s%s"
              "qmgr: AAAAA%02d: removed\n",
              i, i, outside_first ? to_outside : "", ours ? to_ours : "",
              outside_first ? "" : to_outside, i);
}

static void begin(void)
{
    core_begin(&run, NULL);
    site_set_fact(run.site, SITE_BCC_MAPS);
}

static void end(void)
{
    core_end(&run);
}

static int64_t relayed(void)
{
    return (int64_t)run.p->judge.verdicts[VERDICT_RELAYED];
}

START_TEST(an_address_in_every_message_gets_copies)
{
    for (int i = 10; i < 40; i++)
        message(i, "archive@vault.example", true, _i);
    want_number("relayed", relayed(), COPIES_MIN);
    want_text("warning", site_warning(run.site, 0)->code, "copies?");
    want_number("warnings", (int64_t)site_warning_count(run.site), 1);
}
END_TEST

START_TEST(an_address_that_is_written_to_alone_gets_none)
{
    message(10, "archive@vault.example", false, false);
    for (int i = 11; i < 40; i++)
        message(i, "archive@vault.example", true, false);
    want_number("relayed", relayed(), 30);
    want_number("warnings", (int64_t)site_warning_count(run.site), 0);
}
END_TEST

/* A relay that adds one of ours to each message. */
START_TEST(another_address_each_time_is_relaying)
{
    char to[64];

    for (int i = 10; i < 90; i++) {
        snprintf(to, sizeof(to), "x%d@c.example", i);
        message(i, to, true, false);
    }
    want_number("relayed", relayed(), 80);
}
END_TEST

START_TEST(no_site_has_more_than_a_few)
{
    char to[64];

    for (int i = 10; i < 90; i++) {
        snprintf(to, sizeof(to), "x%d@c.example", i % 10);
        message(i, to, true, false);
    }
    want_number("warnings", (int64_t)run.p->judge.copies.found, COPIES_MAX);
}
END_TEST

START_TEST(without_such_maps_nothing_is_a_copy)
{
    core_end(&run);
    core_begin(&run, NULL);
    for (int i = 10; i < 40; i++)
        message(i, "archive@vault.example", true, false);
    want_number("relayed", relayed(), 30);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("copies");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_loop_test(tc, an_address_in_every_message_gets_copies, 0, 2);
    tcase_add_test(tc, an_address_that_is_written_to_alone_gets_none);
    tcase_add_test(tc, another_address_each_time_is_relaying);
    tcase_add_test(tc, no_site_has_more_than_a_few);
    tcase_add_test(tc, without_such_maps_nothing_is_a_copy);
    return run_suite("copies", tc);
}
