/* SPDX-License-Identifier: MIT */
/* Which cells make which incident, at the edges of the rules. Whole attacks, in any order, are in
 * tests/scenarios. */
#include "grouping_harness.h"

static const struct {
    const char *name;
    struct {
        int n; /* 0 ends the list; -n: n scattered messages */
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
    {"two clients, of one of which half is under the domain",
     {{45, "192.0.2.1", "a.example"}, {5, "192.0.3.1", "a.example"}, {5, "192.0.3.1", "b.example"}},
     "sender domain a.example 55"},
    {"two clients, of one of which not quite half is",
     {{51, "192.0.2.1", "a.example"}, {4, "192.0.3.1", "a.example"}, {5, "192.0.3.1", "b.example"}},
     "client 192.0.2.1 51, client 192.0.3.1 9"},
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

/* The same rows, with the last messages first. */
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

/* Evidence below the threshold whose window is over is not part of the next attack. */
START_TEST(old_evidence_is_not_grouped)
{
    char buf[2048];

    send(4, "192.0.2.1", "a.example");
    run.now_s += 7200;
    send(5, "192.0.2.1", "b.example");
    want_text("second attack", incidents(buf), "client 192.0.2.1 5");
}
END_TEST

/* A client with thresholds of its own is judged by them alone: it makes no network suspect. */
START_TEST(overridden_client_counts_for_no_wider_key)
{
    char buf[2048];

    end();
    core_begin(&run, "[open-relay 192.0.2.1]\nrecipients = 1000\n");
    send(4, "192.0.2.1", "a.example");
    send(4, "192.0.2.2", "b.example");
    want_text("neither", incidents(buf), "");
    send(1, "192.0.2.2", "b.example");
    want_text("the other one", incidents(buf), "client 192.0.2.2 5");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("grouping");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, cells_make_incidents, rows);
    ADD_ROWS(tc, order_does_not_matter, rows);
    tcase_add_test(tc, incident_does_not_fall_apart_when_its_attack_slows_down);
    tcase_add_test(tc, old_evidence_is_not_grouped);
    tcase_add_test(tc, overridden_client_counts_for_no_wider_key);
    return run_suite("settle", tc);
}
