/* SPDX-License-Identifier: MIT */
#include "report/grounds.h"

#include "relay_run.h"

/* The sentences of the first incident, a line each. */
static char *said(void)
{
    static struct grounds grounds;
    struct buf out = buf_new(sizeof(grounds));

    incident_view_init(&view, &run.p->detector, core_incident(&run));
    grounds_find(&view, &grounds);
    incident_view_done(&view);
    for (uint32_t i = 0; i < grounds.count; i++)
        buf_printf(&out, "%s\n", grounds.text[i]);
    return out.at ? buf_take(&out) : strdup("");
}

static void want(const char *name, const char *text)
{
    char *got = said();

    want_text(name, got, text);
    free(got);
}

/* So many messages that smtpd accepted so, to a recipient each that is delivered. */
static void mail(int n, const char *accepted, const char *sender, const char *domain)
{
    static int number;

    for (int i = 0; i < n; i++, number++)
        core_feed(&run,
                  "smtpd: B%07X: %s\nqmgr: B%07X: from=<%s>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: B%07X: to=<u%d@%s>, relay=m.%s[198.51.100.1]:25, delay=1, dsn=2.0.0, "
                  "status=sent (x)",
                  number, accepted, number, sender, number, number, domain, domain);
}

/* Nothing is known but what the log says. */
static void forget_site(void)
{
    struct site *bare = site_new();

    pipeline_set(run.p, &run.settings, bare);
    site_free(run.site);
    run.site = bare;
}

/* --- recipients ------------------------------------------------------------------------------- */

START_TEST(settings_that_list_all_make_the_rest_outside)
{
    relay(5, "a[192.0.2.1]", "a@b.example", "victim.example");
    want("settings", "victim.example is outside: the settings don't list it\n"
                     "client 192.0.2.1 is a stranger: no trusted network has it\n");
}
END_TEST

START_TEST(a_reason_is_said_once_with_the_most_frequent_name)
{
    relay(2, "a[192.0.2.1]", "a@b.example", "one.example");
    relay(4, "a[192.0.2.1]", "a@b.example", "two.example");
    relay(1, "a[192.0.2.1]", "a@b.example", "gmail.com");
    relay(1, "a[192.0.2.1]", "a@b.example", "three.example");
    want("reasons", "two.example (and 2 more) is outside: the settings don't list it\n"
                    "gmail.com is outside: it belongs to a public mailbox provider\n"
                    "client 192.0.2.1 is a stranger: no trusted network has it\n");
}
END_TEST

/* Whatever is known of the domain, a login's mail that smtp takes has left. */
START_TEST(what_smtp_takes_of_a_login_has_left)
{
    core_end(&run);
    core_begin(&run, "[account-abuse]\nrecipients = 2\n");
    forget_site();
    mail(3, "client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=bob", "b@b.example",
         "victim.example");
    want("login",
         "victim.example is outside: its mail leaves by smtp, and nothing tells whose it is\n");
}
END_TEST

/* What the log has shown since is said, even where it speaks against the incident. */
START_TEST(what_is_known_now_is_said)
{
    relay(5, "a[192.0.2.1]", "a@b.example", "victim.example");
    relay(1, "a[192.0.2.1]", "a@b.example", "new.example");
    site_learn(run.site, SPAN("new.example"), CLASS_OURS, PROOF_CERTAIN, 0);
    want("now", "victim.example is outside: the settings don't list it\n"
                "new.example is ours: a mailbox here took its mail\n"
                "client 192.0.2.1 is a stranger: no trusted network has it\n");
}
END_TEST

/* A stranger chooses the name, and it is cut in its middle. */
START_TEST(a_long_name_is_cut)
{
    char name[251], text[512];

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    memcpy(name + 238, ".end.example", 12);
    for (int i = 60; i < 230; i += 60)
        name[i] = '.';
    relay(5, "a[192.0.2.1]", "a@b.example", name);
    snprintf(text, sizeof(text),
             "%.60s...%s is outside: the settings don't list it\n"
             "client 192.0.2.1 is a stranger: no trusted network has it\n",
             name, name + 220);
    want("cut", text);
}
END_TEST

/* Nobody can write a sentence of ours. */
START_TEST(a_name_is_no_part_of_the_sentence)
{
    relay(5, "a[192.0.2.1]", "a@b.example", "x.example is ours: the settings");
    want("blanks", "x.example?is?ours:?the?settings is outside: the settings don't list it\n"
                   "client 192.0.2.1 is a stranger: no trusted network has it\n");
}
END_TEST

/* A notice goes to a sender, whose domain smtp takes it to. */
START_TEST(of_backscatter_the_senders_are_outside)
{
    core_end(&run);
    core_begin(&run, "[backscatter-source]\nnotices = 1\n");
    core_feed(&run,
              "smtpd: AAAAA01: client=a[192.0.2.1]\n"
              "qmgr: AAAAA01: from=<a@forged.example>, size=1, nrcpt=1 (queue active)\n"
              "local: AAAAA01: to=<nobody@example.net>, relay=local, delay=1, dsn=5.1.1, "
              "status=bounced (unknown user: \"nobody\")\n"
              "bounce: AAAAA01: sender non-delivery notification: AAAAA02\n"
              "qmgr: AAAAA02: from=<>, size=1, nrcpt=1 (queue active)\n"
              "smtp: AAAAA02: to=<a@forged.example>, relay=none, delay=1, status=deferred (x)");
    want("senders", "forged.example is outside: the settings don't list it\n");
}
END_TEST

/* Our own address is ours, and who sends to it a stranger. */
START_TEST(of_a_victim_the_address_is_ours)
{
    core_end(&run);
    core_begin(&run, "[backscatter-victim]\nmessages = 2\nclients = 2\n");
    for (int i = 1; i <= 2; i++)
        core_feed(&run,
                  "smtpd: AAAAA0%d: client=a[192.0.2.%d]\n"
                  "qmgr: AAAAA0%d: from=<>, size=1, nrcpt=1 (queue active)\n"
                  "local: AAAAA0%d: to=<alice@example.net>, relay=local, delay=1, dsn=2.0.0, "
                  "status=sent (delivered to mailbox)",
                  i, i, i, i);
    want("victim", "example.net is ours: the settings\n"
                   "client 192.0.2.1 (and 1 more) is a stranger: no trusted network has it\n");
}
END_TEST

/* --- clients ---------------------------------------------------------------------------------- */

START_TEST(the_most_active_clients_are_looked_at)
{
    for (int i = 1; i <= 25; i++) {
        char client[64];
        snprintf(client, sizeof(client), "unknown[192.0.%d.1]", i);
        relay(i == 7 ? 3 : 2, client, "a@b.example", "victim.example");
    }
    want("clients",
         "victim.example is outside: the settings don't list it\n"
         "client 192.0.7.1 (and 19 more of 25) is a stranger: no trusted network has it\n");
}
END_TEST

START_TEST(a_trusted_client_says_why)
{
    core_end(&run);
    core_begin(&run, "[trusted-relay]\nrecipients = 2\n");
    mail(3, "client=unknown[10.1.2.3]", "b@example.net", "victim.example");
    want("trusted", "victim.example is outside: the settings don't list it\n"
                    "client 10.1.2.3 is trusted: its network is listed\n");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("grounds");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, settings_that_list_all_make_the_rest_outside);
    tcase_add_test(tc, a_reason_is_said_once_with_the_most_frequent_name);
    tcase_add_test(tc, what_smtp_takes_of_a_login_has_left);
    tcase_add_test(tc, what_is_known_now_is_said);
    tcase_add_test(tc, a_long_name_is_cut);
    tcase_add_test(tc, a_name_is_no_part_of_the_sentence);
    tcase_add_test(tc, of_backscatter_the_senders_are_outside);
    tcase_add_test(tc, of_a_victim_the_address_is_ours);
    tcase_add_test(tc, the_most_active_clients_are_looked_at);
    tcase_add_test(tc, a_trusted_client_says_why);
    return run_suite("grounds", tc);
}
