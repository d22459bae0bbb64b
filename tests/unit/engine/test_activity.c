/* SPDX-License-Identifier: MIT */
#include "engine/activity.h"

#include "core_run.h"

static struct core_run run;
static int number; /* of messages */
static struct activity activity;
static struct activity_subject subject[2];

static void listen(uint32_t count)
{
    activity_init(&activity, subject, count);
    activity_begin(&activity, run.p);
    run.p->options.on_line = activity_line;
    run.p->options.on_line_ctx = &activity;
    run.p->judge.on_verdict = activity_verdict;
    run.p->judge.on_verdict_ctx = &activity;
}

static void begin(void)
{
    core_begin(&run, NULL);
    number = 0;
    memset(subject, 0, sizeof(subject));
}

static void end(void)
{
    activity_done(&activity);
    core_end(&run);
}

static void relay(int n, const char *client, const char *sender)
{
    for (int i = 0; i < n; i++, number++)
        core_feed(&run,
                  "smtpd: A%07X: client=%s\n"
                  "qmgr: A%07X: from=<%s>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: A%07X: to=<u%d@victim.example>, relay=none, delay=1, dsn=4.0.0, "
                  "status=deferred (x)",
                  number, client, number, sender, number, number);
}

static struct activity_subject about(enum kind kind, enum key_type type, const char *key)
{
    return (struct activity_subject){.kind = kind,
                                     .key_type = type,
                                     .key = span_str(key),
                                     .host = SPAN("mx1"),
                                     .first_s = CORE_BEGIN_S,
                                     .last_s = CORE_BEGIN_S + 3600};
}

static void want_series(const struct timeline *t, int accepted, int sent, int deferred, int bounced)
{
    want_number("accepted", (int64_t)timeline_sum(t, ACTIVITY_ACCEPTED), accepted);
    want_number("sent", (int64_t)timeline_sum(t, ACTIVITY_SENT), sent);
    want_number("deferred", (int64_t)timeline_sum(t, ACTIVITY_DEFERRED), deferred);
    want_number("bounced", (int64_t)timeline_sum(t, ACTIVITY_BOUNCED), bounced);
}

static void try_again(const char *id, const char *status)
{
    core_feed(&run,
              "smtp: %s: to=<u0@victim.example>, relay=none, delay=9, dsn=4.0.0, status=%s (x)", id,
              status);
}

/* Also what came before it was raised; of others' mail nothing. */
START_TEST(test_counts_its_own)
{
    subject[0] = about(KIND_OPEN_RELAY, KEY_CLIENT, "192.0.2.1");
    listen(1);
    relay(7, "a[192.0.2.1]", "a@b.example");
    relay(2, "b[198.51.100.1]", "a@c.example");
    want_series(&subject[0].timeline, 7, 0, 7, 0);
    want_number("all messages", (int64_t)timeline_sum(&activity.origins, ACTIVITY_OUTSIDE), 9);
    core_incident(&run);
}
END_TEST

START_TEST(test_each_attempt_in_its_time)
{
    subject[0] = about(KIND_OPEN_RELAY, KEY_CLIENT, "192.0.2.1");
    listen(1);
    relay(1, "a[192.0.2.1]", "a@b.example");
    run.now_s += 600;
    try_again("A0000000", "deferred");
    run.now_s += 4 * 3600;
    try_again("A0000000", "sent");
    want_series(&subject[0].timeline, 1, 1, 2, 0);
    want_series(&subject[0].begin, 1, 0, 2, 0);
    want_number("by the minute", timeline_width_s(&subject[0].begin), 60);
    want_number("its second attempt", subject[0].begin.n[10][ACTIVITY_DEFERRED], 1);
}
END_TEST

START_TEST(test_narrowest)
{
    subject[0] = about(KIND_OPEN_RELAY, KEY_HOST, "mx1");
    subject[1] = about(KIND_OPEN_RELAY, KEY_CLIENT, "192.0.2.1");
    listen(2);
    relay(3, "a[192.0.2.1]", "a@b.example");
    relay(2, "b[198.51.100.1]", "a@c.example");
    want_series(&subject[0].timeline, 2, 0, 2, 0);
    want_series(&subject[1].timeline, 3, 0, 3, 0);
}
END_TEST

/* Another host's, another time's, another kind's. */
START_TEST(test_not_its_own)
{
    subject[0] = about(KIND_OPEN_RELAY, KEY_CLIENT, "192.0.2.1");
    if (_i == 0)
        subject[0].host = SPAN("mx2");
    if (_i == 1)
        subject[0].first_s = CORE_BEGIN_S + 600;
    if (_i == 2)
        subject[0].last_s = CORE_BEGIN_S - 600;
    if (_i == 3)
        subject[0].kind = KIND_TRUSTED_RELAY;
    listen(1);
    relay(3, "a[192.0.2.1]", "a@b.example");
    want_series(&subject[0].timeline, 0, 0, 0, 0);
}
END_TEST

/* JSON has "?" for what is not UTF-8. */
START_TEST(test_key_that_is_not_utf8)
{
    subject[0] = about(KIND_ACCOUNT_ABUSE, KEY_ACCOUNT, "b??b");
    listen(1);
    core_feed(
        &run,
        "smtpd: A0000000: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=B\xff\xfe"
        "b\n"
        "qmgr: A0000000: from=<a@b.example>, size=1, nrcpt=1 (queue active)\n"
        "smtp: A0000000: to=<u@v.example>, relay=none, delay=1, dsn=5.0.0, status=bounced (x)");
    want_series(&subject[0].timeline, 1, 0, 0, 1);
    want_number("by a login", (int64_t)timeline_sum(&activity.origins, ACTIVITY_OF_ACCOUNT), 1);
}
END_TEST

START_TEST(test_victim)
{
    subject[0] = about(KIND_BACKSCATTER_VICTIM, KEY_RECIPIENT, "bob@example.net");
    listen(1);
    core_feed(&run, "smtpd: A0000000: client=a[192.0.2.1]\n"
                    "qmgr: A0000000: from=<>, size=1, nrcpt=1 (queue active)\n"
                    "local: A0000000: to=<Bob@example.net>, relay=local, delay=1, dsn=2.0.0, "
                    "status=sent (x)\nqmgr: A0000000: removed");
    want_series(&subject[0].timeline, 1, 1, 0, 0);
}
END_TEST

START_TEST(test_what_postsuper_does)
{
    subject[0] = about(KIND_OPEN_RELAY, KEY_CLIENT, "192.0.2.1");
    listen(1);
    relay(3, "a[192.0.2.1]", "a@b.example");
    relay(1, "b[198.51.100.1]", "a@c.example");
    run.now_s += 7200;
    core_feed(&run, "postsuper: A0000000: placed on hold\npostsuper: A0000001: placed on hold\n"
                    "postsuper: A0000003: placed on hold");
    run.now_s += 60;
    core_feed(&run, "postsuper: A0000000: released from hold\npostsuper: A0000001: removed\n"
                    "qmgr: A0000000: removed");
    want_number("held", (int64_t)subject[0].held.n, 2);
    want_number("at", subject[0].held.first_s, CORE_BEGIN_S + 7200);
    want_number("released", (int64_t)subject[0].released.n, 1);
    want_number("deleted", (int64_t)subject[0].deleted.n, 1);
    want_number("at", subject[0].deleted.first_s, CORE_BEGIN_S + 7260);
    want_number("the plot spans it",
                (subject[0].timeline.first + subject[0].timeline.count) *
                        timeline_width_s(&subject[0].timeline) >
                    CORE_BEGIN_S + 7260,
                1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("activity");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, test_counts_its_own);
    tcase_add_test(tc, test_each_attempt_in_its_time);
    tcase_add_test(tc, test_narrowest);
    tcase_add_loop_test(tc, test_not_its_own, 0, 4);
    tcase_add_test(tc, test_key_that_is_not_utf8);
    tcase_add_test(tc, test_victim);
    tcase_add_test(tc, test_what_postsuper_does);
    return run_suite("activity", tc);
}
