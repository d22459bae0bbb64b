/* SPDX-License-Identifier: MIT */
/* A host's place in the table goes to another one. */
#include "core_run.h"
#include "report/view.h"
#include "site/site_hosts.h"

static struct core_run run;

static void relay(const char *host, const char *client, int messages, char first)
{
    run.host = host;
    for (int i = 0; i < messages; i++)
        core_feed(&run,
                  "smtpd: %cBC%05d: client=b[%s]\n"
                  "qmgr: %cBC%05d: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: %cBC%05d: to=<x@victim.example>, relay=h[198.51.100.1]:25, delay=1, "
                  "dsn=4.0.0, status=deferred (later)",
                  first, i, client, first, i, first, i);
}

/* "HOST CLIENT MESSAGES ..." */
static const char *incidents(void)
{
    static char text[300];
    const struct incident *list[64];
    uint32_t n = incidents_in_order(&run.p->detector, list);

    text[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, &run.p->detector, list[i]);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s %d ",
                 list[i]->host_name->at, list[i]->key_text->at, (int)view.totals.messages);
        incident_view_done(&view);
    }
    return text;
}

START_TEST(next_host_inherits_nothing)
{
    core_begin(&run, "[limits]\nhosts = 1\n");
    relay("mx1", "192.0.2.1", 7, 'A'); /* in the queue for good */
    want_text("before", incidents(), "mx1 192.0.2.1 7 ");
    relay("mx2", "192.0.2.1", 7, 'A');
    want_text("mx1 is in use", incidents(), "mx1 192.0.2.1 7 ");
    want_number("refused", (int64_t)run.p->counters.hosts_refused, 21);
    run.now_s += HOSTS_SILENT_S + 1;
    pipeline_tick(run.p, (wall_us)run.now_s * US_PER_S);
    relay("mx2", "192.0.2.1", 4, 'A'); /* the same IDs and client */
    want_text("its evidence is its own", incidents(), "mx1 192.0.2.1 7 ");
    want_number("ended", run.events[INCIDENT_OVER], 1);
    want_number("messages", tracker_in_flight(&run.p->tracker), 4);
    relay("mx2", "192.0.2.1", 5, 'B');
    want_text("after", incidents(), "mx1 192.0.2.1 7 mx2 192.0.2.1 9 ");
    want_number("evicted", (int64_t)run.p->hosts.evicted, 1);
    core_end(&run);
}
END_TEST

START_TEST(more_hosts_by_reload)
{
    core_begin(&run, "[limits]\nhosts = 1\n");
    relay("mx1", "192.0.2.1", 5, 'A');
    run.settings.limits.hosts = 100;
    pipeline_set(run.p, &run.settings, run.site);
    relay("mx2", "192.0.2.1", 5, 'A');
    want_text("two hosts", incidents(), "mx1 192.0.2.1 5 mx2 192.0.2.1 5 ");
    want_number("refused", (int64_t)run.p->counters.hosts_refused, 0);
    core_end(&run);
}
END_TEST

static void trust_on(struct site *site, const char *host, const char *network)
{
    struct site *its = site_new();
    struct network net;

    ck_assert(network_parse(span_str(network), &net) && site_add_network(its, &net, true));
    site_networks_configured(its);
    ck_assert(site_add_host(site, span_str(host), its));
    site_free(its);
}

/* What mx1 trusts, mx2 does not. Other settings count from then on, and for what was counted. */
START_TEST(each_host_trusts_its_own)
{
    struct site *other = site_new();

    core_begin(&run, "");
    site_begin_hosts(run.site);
    trust_on(run.site, "mx1.example.net", "192.0.2.0/24");
    trust_on(run.site, "mx2", "203.0.113.0/24");
    pipeline_set(run.p, &run.settings, run.site);
    relay("mx1", "192.0.2.1", 7, 'A');
    want_text("on mx1", incidents(), "");
    relay("mx2", "192.0.2.1", 6, 'A');
    want_text("on mx2", incidents(), "mx2 192.0.2.1 6 ");
    relay("mx2", "10.0.0.1", 7, 'B');
    want_text("[site]'s", incidents(), "mx2 192.0.2.1 6 ");
    ck_assert(site_add_domain(other, SPAN("example.net"), CLASS_OURS, false));
    site_domains_configured(other, true);
    trust_on(other, "mx1", "203.0.113.0/24");
    trust_on(other, "mx2", "192.0.2.0/24");
    pipeline_set(run.p, &run.settings, other);
    want_text("it was not alerted", incidents(), "");
    want_number("to be judged again", run.p->judge.reread & REREAD_SETTINGS, REREAD_SETTINGS);
    relay("mx2", "192.0.2.1", 7, 'C');
    want_text("on mx2, now", incidents(), "");
    relay("mx1", "192.0.2.1", 8, 'C');
    want_text("on mx1, now", incidents(), "mx1 192.0.2.1 8 ");
    core_end(&run);
    site_free(other);
}
END_TEST

/* journald writes the system's name, postlogd(8) the first label of myhostname. */
START_TEST(own_names_are_one_host)
{
    core_begin(&run, "");
    site_set_settings_host(run.site, SPAN("mx.example.net"));
    site_set_machine(run.site, SPAN("vm17.example.net"));
    relay("vm17.example.net", "192.0.2.1", 4, 'A');
    relay("mx", "192.0.2.1", 4, 'B');
    relay("mx.example.net", "192.0.2.1", 4, 'C');
    relay("vm17", "192.0.2.1", 4, 'D');
    relay("vm18", "192.0.2.1", 4, 'A');
    want_text("incidents", incidents(), "vm17.example.net 192.0.2.1 16 ");
    core_end(&run);
}
END_TEST

/* A line of qmgr(8) in that instance. */
static void feed_queue(int instance, const char *record)
{
    char line[300], when[WHEN_TEXT_MAX];
    int n = snprintf(line, sizeof(line), "%s mx1 q%d/qmgr[1]: %s\n",
                     when_print(run.now_s * US_PER_S, when), instance, record);

    pipeline_lines(run.p, line, (size_t)n);
}

#define ACTIVE ": from=<a@a.example>, size=1, nrcpt=1 (queue active)"

/* Its messages are found among those of all queues on the host. */
START_TEST(silent_queue_keeps_its_messages)
{
    core_begin(&run, NULL);
    for (int i = 1; i < HOSTS_INSTANCES_MAX; i++)
        feed_queue(i, "AAAAA01" ACTIVE);
    run.now_s += HOSTS_SILENT_S + 1;
    for (int i = 2; i < HOSTS_INSTANCES_MAX; i++)
        feed_queue(i, "AAAAA01: removed");
    want_number("in flight", tracker_in_flight(&run.p->tracker), 1);
    feed_queue(9, "BBBBB01" ACTIVE);
    want_number("evicted", (int64_t)run.p->hosts.evicted, 1);
    want_number("both", tracker_in_flight(&run.p->tracker), 2);
    feed_queue(1, "AAAAA01: removed");
    want_number("the old one", tracker_in_flight(&run.p->tracker), 1);
    feed_queue(9, "BBBBB01: removed");
    want_number("the new one", tracker_in_flight(&run.p->tracker), 0);
    core_end(&run);
}
END_TEST

/* What anybody on the machine can log. */
START_TEST(forged_names_keep_nobody_out)
{
    char host[20];

    core_begin(&run, "[limits]\nhosts = 4\n");
    for (int i = 0; i < 700; i++) {
        snprintf(host, sizeof(host), "h%d", i);
        run.host = host;
        core_feed(&run, "smtp: hello\nx%d/qmgr: hello", i);
    }
    relay("mx1", "192.0.2.1", 5, 'A');
    want_text("mx1", incidents(), "mx1 192.0.2.1 5 ");
    want_number("refused", (int64_t)run.p->counters.hosts_refused, 0);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pipeline_hosts");

    tcase_add_test(tc, next_host_inherits_nothing);
    tcase_add_test(tc, each_host_trusts_its_own);
    tcase_add_test(tc, more_hosts_by_reload);
    tcase_add_test(tc, own_names_are_one_host);
    tcase_add_test(tc, silent_queue_keeps_its_messages);
    tcase_add_test(tc, forged_names_keep_nobody_out);
    return run_suite("pipeline_hosts", tc);
}
