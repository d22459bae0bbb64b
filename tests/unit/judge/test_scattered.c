/* SPDX-License-Identifier: MIT */
/* How often a day mail to a domain, or to somebody, is news. */
#include "core_run.h"
#include "judge/scattered.h"
#include "site/site_doors.h"

static struct core_run run;
static struct site *bare; /* which knows no domains */
static struct message m;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\n");
    bare = site_new();
    run.p->judge.classifier.site = bare;
    m = (struct message){.source = core_find(&run, "AAAAA01")->source};
}

static void end(void)
{
    run.p->judge.classifier.site = run.site;
    site_free(bare);
    core_end(&run);
}

/* A recipient in that domain, which a server near by took. */
static struct recipient one(const char *domain)
{
    return (struct recipient){.text = intern_get(&run.p->texts, span_str(domain)),
                              .hash = hash_bytes(span_str(domain), 1),
                              .at_s = run.now_s,
                              .class = CLASS_RELAY_DOMAIN,
                              .status = STATUS_SENT,
                              .flags = RECIPIENT_LEFT,
                              .door = site_door(bare, SPAN("[10.0.0.9]"))};
}

static int count(enum origin root, const char *domain, int times)
{
    struct recipient r = one(domain);
    int n = 0;

    m.root = root;
    for (int i = 0; i < times; i++)
        n += scattered_is(&run.p->judge, &m, &r);
    intern_put(&run.p->texts, r.text);
    return n;
}

START_TEST(a_domain_is_news_ten_times_a_day)
{
    want_number("a login", count(ORIGIN_ACCOUNT, "a.example", 30), SCATTERED_MAX);
    want_number("whatever its case", count(ORIGIN_ACCOUNT, "A.example", 30), 0);
    want_number("a uid", count(ORIGIN_LOCAL, "a.example", 30), SCATTERED_MAX);
    want_number("a client", count(ORIGIN_TRUSTED, "a.example", 30), SCATTERED_MAX);
    want_number("a stranger", count(ORIGIN_OUTSIDE, "a.example", 30), 0);
    run.now_s += 86400;
    want_number("the next day", count(ORIGIN_ACCOUNT, "a.example", 30), SCATTERED_MAX);
}
END_TEST

START_TEST(only_what_nothing_tells_of_is_news)
{
    struct recipient r = one("b.example");

    m.root = ORIGIN_ACCOUNT;
    r.flags = 0;
    want_number("it has not left", scattered_is(&run.p->judge, &m, &r), 0);
    r.flags = RECIPIENT_LEFT;
    r.class = CLASS_OURS;
    want_number("ours", scattered_is(&run.p->judge, &m, &r), 0);
    r.class = CLASS_RELAY_DOMAIN;
    site_learn(bare, SPAN("b.example"), CLASS_UNKNOWN, PROOF_LIKE_GATEWAY, 0);
    want_number("it is asked for", scattered_is(&run.p->judge, &m, &r), 0);
    site_add_domain(bare, SPAN("c.example"), CLASS_RELAY_DOMAIN, false);
    want_number("it is told", count(ORIGIN_ACCOUNT, "c.example", 1), 0);
    intern_put(&run.p->texts, r.text);
}
END_TEST

START_TEST(strangers_domains_are_asked_for_at_twenty)
{
    char domain[32];

    m.root = ORIGIN_OUTSIDE;
    for (int i = 1; i <= SCATTERED_ASK; i++) {
        snprintf(domain, sizeof(domain), "d%d.example", i);
        struct recipient r = one(domain);
        for (int again = 0; again < 3; again++)
            scattered_ask(&run.p->judge, &m, &r);
        want_number(domain, (int64_t)site_warning_count(bare), i == SCATTERED_ASK);
        intern_put(&run.p->texts, r.text);
    }
}
END_TEST

START_TEST(a_recipient_is_new_once)
{
    struct recipient r = {.hash = 17, .at_s = run.now_s};

    want_number("the first time", scattered_is_new_to(&run.p->judge, &m, &r), 1);
    want_number("the second time", scattered_is_new_to(&run.p->judge, &m, &r), 0);
    r.hash++;
    want_number("another", scattered_is_new_to(&run.p->judge, &m, &r), 1);
    r.at_s += 86400;
    want_number("the next day", scattered_is_new_to(&run.p->judge, &m, &r), 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("scattered");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_domain_is_news_ten_times_a_day);
    tcase_add_test(tc, only_what_nothing_tells_of_is_news);
    tcase_add_test(tc, strangers_domains_are_asked_for_at_twenty);
    tcase_add_test(tc, a_recipient_is_new_once);
    return run_suite("scattered", tc);
}
