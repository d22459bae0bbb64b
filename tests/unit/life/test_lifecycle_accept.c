/* SPDX-License-Identifier: MIT */
/* Who brought a message; the stories are in tests/scenarios. */
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

#define ACCEPT "smtpd: AAAAA01: client=b[192.0.2.2]"
#define DELIVERY(id, to, status)                                                                   \
    "smtp: " id ": to=<" to ">, relay=mx[198.51.100.1]:25, delay=1, dsn=4.0.0, status=" status     \
    " (x)\n"

static const struct {
    const char *name, *lines;
    enum origin origin;
} origins[] = {
    {"a stranger", "smtpd: AAAAA01: client=a[192.0.2.1]", ORIGIN_OUTSIDE},
    {"a trusted client", "smtpd: AAAAA01: client=a[10.0.0.1]", ORIGIN_TRUSTED},
    {"a stranger with a login",
     "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=bob", ORIGIN_ACCOUNT},
    {"a trusted client with a login",
     "smtpd: AAAAA01: client=a[10.0.0.1], sasl_method=PLAIN, sasl_username=bob", ORIGIN_ACCOUNT},
    {"nobody any more", "smtpd: AAAAA01: client=unknown[unknown]", ORIGIN_OUTSIDE},
    {"qmqp", "qmqpd: AAAAA01: client=a[192.0.2.1]", ORIGIN_OUTSIDE},
    {"sendmail", "pickup: AAAAA01: uid=33 from=<x>", ORIGIN_LOCAL},
    {"a filter that says so",
     "smtpd: AAAAA02: client=a[192.0.2.1]\n"
     "smtpd: AAAAA01: client=localhost[127.0.0.1], orig_queue_id=AAAAA02",
     ORIGIN_FILTER},
    {"a filter, of a message nobody saw",
     "smtpd: AAAAA01: client=localhost[127.0.0.1], orig_queue_id=AAAAA02", ORIGIN_FILTER},
    {"a stranger who says he is a filter",
     "smtpd: AAAAA02: client=b[192.0.2.2]\n"
     "smtpd: AAAAA01: client=a[192.0.2.1], orig_queue_id=AAAAA02",
     ORIGIN_OUTSIDE},
    {"a notice, named first",
     "smtpd: AAAAA02: client=a[192.0.2.1]\n"
     "bounce: AAAAA02: sender non-delivery notification: AAAAA01",
     ORIGIN_BOUNCE},
    {"a notice, named last",
     "smtpd: AAAAA02: client=a[192.0.2.1]\ncleanup: AAAAA01: message-id=<x@mx1>\n"
     "bounce: AAAAA02: sender delay notification: AAAAA01",
     ORIGIN_BOUNCE},
    {"forwarded",
     "smtpd: AAAAA02: client=a[192.0.2.1]\n"
     "local: AAAAA02: to=<b@example.net>, relay=local, delay=1, status=sent (forwarded as AAAAA01)",
     ORIGIN_FORWARD},
    {"requeued",
     "smtpd: AAAAA02: client=a[192.0.2.1]\n"
     "pickup: AAAAA01: uid=105 from=<x> orig_id=AAAAA02",
     ORIGIN_REQUEUE},
    {"the middle of the log", "qmgr: AAAAA01: from=<a@b>, size=1, nrcpt=1 (queue active)",
     ORIGIN_NONE},
};

START_TEST(origin_is_what_the_log_proves)
{
    core_feed(&run, "%s", origins[_i].lines);
    const struct message *m = core_find(&run, "AAAAA01");

    ck_assert_msg(m && m->origin == origins[_i].origin, "%s: got %s, want %s", origins[_i].name,
                  m ? origin_name((enum origin)m->origin) : "none",
                  origin_name(origins[_i].origin));
}
END_TEST

/* Of a message that the log does not hold, nobody can be blamed for it. */
START_TEST(requeued_mail_of_before_the_log_has_no_origin)
{
    core_feed(&run, "pickup: AAAAA01: uid=105 from=<x> orig_id=AAAAA02");
    want_text("root", origin_name(core_find(&run, "AAAAA01")->root), "unknown");
}
END_TEST

START_TEST(same_line_twice_is_one_message)
{
    core_feed(&run, ACCEPT "\n" ACCEPT);
    want_number("begun", (int64_t)run.p->life.counters.begun, 1);
    run.now_s += 2;
    core_feed(&run, ACCEPT);
    want_number("begun, two seconds later", (int64_t)run.p->life.counters.begun, 1);
    run.now_s += 1;
    core_feed(&run, ACCEPT);
    want_number("begun again later", (int64_t)run.p->life.counters.begun, 2);
}
END_TEST

/* postsuper -r takes the counted recipients along: a late line of the old queue file moves nothing
 * any more. */
START_TEST(requeued_mail_counts_under_its_new_id)
{
    const struct detector *d = &run.p->detector;

    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1]\n"
                    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=2 (queue active)");
    core_feed(&run, DELIVERY("AAAAA01", "x@b.example", "deferred")
                        DELIVERY("AAAAA01", "y@b.example", "deferred"));
    core_feed(&run, "pickup: AAAAA02: uid=105 from=<a@a.example> orig_id=AAAAA01\n"
                    "qmgr: AAAAA02: from=<a@a.example>, size=1, nrcpt=2 (queue active)");
    core_feed(&run, DELIVERY("AAAAA02", "x@b.example", "sent"));
    core_feed(&run, DELIVERY("AAAAA01", "x@b.example", "bounced"));
    want_number("cells", d->cell_used, 1);
    want_number("recipients", (int64_t)d->cell[0].totals.recipients, 2);
    want_number("sent", (int64_t)d->cell[0].totals.sent, 1);
    want_number("deferred", (int64_t)d->cell[0].totals.deferred, 1);
    want_number("bounced", (int64_t)d->cell[0].totals.bounced, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("life_accept");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, origin_is_what_the_log_proves, origins);
    tcase_add_test(tc, same_line_twice_is_one_message);
    tcase_add_test(tc, requeued_mail_of_before_the_log_has_no_origin);
    tcase_add_test(tc, requeued_mail_counts_under_its_new_id);
    return run_suite("life_accept", tc);
}
