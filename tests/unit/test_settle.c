/* SPDX-License-Identifier: MIT */
/* Which cells make which incident: the edges. The attacks as such, in any order, are in
 * tests/scenarios. */
#include "core_run.h"

static struct core_run run;
static int number;

static void begin(void)
{
    core_begin(&run, NULL);
    number = 0;
}

static void end(void)
{
    core_end(&run);
}

/* n messages of one client under one sender domain, to one recipient each. */
static void send(int n, const char *client, const char *domain)
{
    for (int i = 0; i < n; i++, number++)
        core_feed(&run,
                  "smtpd: A%07X: client=unknown[%s]\n"
                  "qmgr: A%07X: from=<a@%s>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: A%07X: to=<u%d@victim.example>, relay=none, delay=1, dsn=4.0.0, "
                  "status=deferred (x)",
                  number, client, number, domain, number, number);
}

static void scatter(int n)
{
    char client[32], domain[32];

    for (int i = 0; i < n; i++) {
        snprintf(client, sizeof(client), "100.%d.%d.1", i / 256, i % 256);
        snprintf(domain, sizeof(domain), "scattered%d.example", i);
        send(1, client, domain);
    }
}

/* "client 192.0.2.1 5, host mx1 20", in the order they were raised. */
static const char *incidents(char *buf)
{
    const struct detector *d = &run.p->detector;
    const struct incident *list[64];
    uint32_t n = incidents_in_order(d, list);

    detector_settle(&run.p->detector, run.now_s);
    n = incidents_in_order(d, list);
    buf[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        char key[VIEW_TEXT_MAX];
        incident_view_init(&view, d, list[i]);
        sprintf(buf + strlen(buf), "%s%s %llu", i ? ", " : "", incident_key(&view, key),
                (unsigned long long)view.totals.messages);
        incident_view_done(&view);
    }
    return buf;
}

static const struct {
    const char *name;
    struct {
        int n; /* 0 ends the list; negative: as many scattered ones */
        const char *client, *domain;
    } sent[6];
    const char *want;
} rows[] = {
    {"nothing", {{4, "192.0.2.1", "a.example"}}, ""},
    {"two clients wholly under one domain",
     {{5, "192.0.2.1", "a.example"}, {5, "192.0.3.1", "a.example"}},
     "sender domain a.example 10"},
    {"nine tenths of their messages under one domain",
     {{10, "192.0.2.1", "a.example"}, {8, "192.0.3.1", "a.example"}, {2, "192.0.3.1", "b.example"}},
     "sender domain a.example 20"},
    {"not quite nine tenths",
     {{10, "192.0.2.1", "a.example"}, {7, "192.0.3.1", "a.example"}, {3, "192.0.3.1", "b.example"}},
     "client 192.0.2.1 10, client 192.0.3.1 10"},
    {"two clients of one network under two domains",
     {{5, "192.0.2.1", "a.example"}, {5, "192.0.2.2", "b.example"}},
     "client network 192.0.2.0/24 10"},
    {"one network and one domain: the network is narrower",
     {{5, "192.0.2.1", "a.example"}, {5, "192.0.2.2", "a.example"}},
     "client network 192.0.2.0/24 10"},
    {"a network's two clients and a third elsewhere, all under one domain",
     {{5, "192.0.2.1", "a.example"}, {5, "192.0.2.2", "a.example"}, {5, "192.0.3.1", "a.example"}},
     "sender domain a.example 15"},
    {"three unrelated",
     {{5, "192.0.2.1", "a.example"}, {5, "192.0.3.1", "b.example"}, {5, "192.0.4.1", "c.example"}},
     "client 192.0.2.1 5, client 192.0.3.1 5, client 192.0.4.1 5"},
    {"four unrelated",
     {{5, "192.0.2.1", "a.example"},
      {5, "192.0.3.1", "b.example"},
      {5, "192.0.4.1", "c.example"},
      {5, "192.0.5.1", "d.example"}},
     "host mx1 20"},
    {"four of which two fold: three remain",
     {{5, "192.0.2.1", "a.example"},
      {5, "192.0.3.1", "a.example"},
      {5, "192.0.4.1", "c.example"},
      {5, "192.0.5.1", "d.example"}},
     "sender domain a.example 10, client 192.0.4.1 5, client 192.0.5.1 5"},
    {"one client and nineteen scattered",
     {{5, "192.0.2.1", "a.example"}, {-19, NULL, NULL}},
     "client 192.0.2.1 5"},
    {"one client and twenty scattered: the host, with all",
     {{5, "192.0.2.1", "a.example"}, {-20, NULL, NULL}},
     "host mx1 25"},
    {"a subdomain is the registered domain's",
     {{3, "192.0.2.1", "mail.a.example"}, {3, "192.0.3.1", "A.example"}},
     "sender domain a.example 6"},
    {"a public suffix of two labels",
     {{3, "192.0.2.1", "shop.co.uk"},
      {3, "192.0.3.1", "www.shop.co.uk"},
      {4, "192.0.4.1", "other.co.uk"}},
     "sender domain shop.co.uk 6"},
};

START_TEST(cells_make_incidents)
{
    char buf[2048];

    for (int i = 0; i < 6 && rows[_i].sent[i].n; i++)
        if (rows[_i].sent[i].n > 0)
            send(rows[_i].sent[i].n, rows[_i].sent[i].client, rows[_i].sent[i].domain);
        else
            scatter(-rows[_i].sent[i].n);
    want_text(rows[_i].name, incidents(buf), rows[_i].want);
}
END_TEST

/* The same, the other way round: the last first. */
START_TEST(order_does_not_matter)
{
    char got[2048], want[2048];
    const char *words[8];
    int n = 0;

    for (int i = 5; i >= 0; i--)
        if (rows[_i].sent[i].n > 0)
            send(rows[_i].sent[i].n, rows[_i].sent[i].client, rows[_i].sent[i].domain);
        else if (rows[_i].sent[i].n < 0)
            scatter(-rows[_i].sent[i].n);
    incidents(got);
    strcpy(want, rows[_i].want);
    for (char *rest = want, *word; (word = strsep(&rest, ",")) != NULL;)
        words[n++] = *word == ' ' ? word + 1 : word;
    want_number(rows[_i].name, (int64_t)strlen(got), (int64_t)strlen(rows[_i].want));
    for (int i = 0; i < n; i++)
        ck_assert_msg(strstr(got, words[i]) != NULL, "%s: got \"%s\", want \"%s\" in it",
                      rows[_i].name, got, words[i]);
}
END_TEST

START_TEST(folding_keeps_the_oldest_id)
{
    char id[INCIDENT_ID_MAX];

    send(5, "192.0.2.1", "a.example");
    strcpy(id, core_incident(&run)->id);
    run.now_s += 60;
    send(5, "192.0.3.1", "a.example");
    want_text("widened to a domain", core_incident(&run)->id, id);
    want_text("narrower", core_incident(&run)->narrower[0]->at, "192.0.2.1");
    run.now_s += 60;
    send(5, "192.0.4.1", "c.example");
    send(5, "192.0.5.1", "d.example");
    send(5, "192.0.6.1", "e.example");
    want_text("widened to the host", core_incident(&run)->id, id);
    want_number("level", core_incident(&run)->level, 3);
    want_number("raised", run.events[INCIDENT_RAISED], 3);
    want_number("raised at", core_incident(&run)->raised_s, CORE_BEGIN_S);
}
END_TEST

/* Kind, host and the first message make the id; when it was raised and what came later do not. */
START_TEST(id_is_the_first_messages)
{
    char id[INCIDENT_ID_MAX];

    send(5, "192.0.2.1", "a.example");
    strcpy(id, core_incident(&run)->id);
    want_number("length", (int64_t)strlen(id), 3 + 12);
    want_number("prefix", strncmp(id, "or-", 3), 0);
    core_end(&run);
    core_begin(&run, "[open-relay]\nrecipients = 7\n");
    number = 0;
    run.now_s += 1000;
    send(7, "192.0.2.1", "a.example");
    want_text("another threshold and time", core_incident(&run)->id, id);
    core_end(&run);
    core_begin(&run, NULL);
    number = 1;
    send(5, "192.0.2.1", "a.example");
    ck_assert_msg(strcmp(core_incident(&run)->id, id) != 0, "another message: got the same id");
}
END_TEST

START_TEST(incident_does_not_fall_apart_when_its_attack_slows_down)
{
    char buf[2048];

    scatter(20);
    for (int i = 0; i < 10; i++) {
        run.now_s += 3000;
        send(1, "192.0.2.1", "a.example");
    }
    want_text("after hours", incidents(buf), "host mx1 30");
    want_number("raised", run.events[INCIDENT_RAISED], 1);
    want_number("ended", run.events[INCIDENT_OVER], 0);
}
END_TEST

/* What was below the threshold and is over does not come back with the next attack. */
START_TEST(what_is_over_is_not_taken_in)
{
    char buf[2048];

    send(4, "192.0.2.1", "a.example");
    run.now_s += 7200;
    send(5, "192.0.2.1", "b.example");
    want_text("second attack", incidents(buf), "client 192.0.2.1 5");
}
END_TEST

START_TEST(ended_incident_takes_nothing_more)
{
    char buf[2048];

    send(5, "192.0.2.1", "a.example");
    run.now_s += 3601;
    pipeline_tick(run.p, run.now_s * US_PER_S);
    want_number("ended", run.events[INCIDENT_OVER], 1);
    send(4, "192.0.2.1", "a.example");
    want_text("not yet", incidents(buf), "client 192.0.2.1 5");
    send(1, "192.0.2.1", "a.example");
    want_text("again", incidents(buf), "client 192.0.2.1 5, client 192.0.2.1 5");
}
END_TEST

/* Its late deliveries still change an ended incident's figures. */
START_TEST(ended_incident_hears_what_became_of_its_mail)
{
    struct incident_view view;

    send(5, "192.0.2.1", "a.example");
    run.now_s += 4000;
    core_feed(&run, "smtp: A0000000: to=<u0@victim.example>, relay=x[198.51.100.1]:25, delay=1, "
                    "status=sent (Ok)\nqmgr: A0000000: removed");
    want_number("ended", run.events[INCIDENT_OVER], 1);
    incident_view_init(&view, &run.p->detector, core_incident(&run));
    want_number("sent", (int64_t)view.totals.sent, 1);
    want_number("deferred", (int64_t)view.totals.deferred, 4);
    want_number("queued", (int64_t)view.totals.queued, 4);
    incident_view_done(&view);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("settle");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, cells_make_incidents, rows);
    ADD_ROWS(tc, order_does_not_matter, rows);
    tcase_add_test(tc, folding_keeps_the_oldest_id);
    tcase_add_test(tc, id_is_the_first_messages);
    tcase_add_test(tc, incident_does_not_fall_apart_when_its_attack_slows_down);
    tcase_add_test(tc, what_is_over_is_not_taken_in);
    tcase_add_test(tc, ended_incident_takes_nothing_more);
    tcase_add_test(tc, ended_incident_hears_what_became_of_its_mail);
    return run_suite("settle", tc);
}
