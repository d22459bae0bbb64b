/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "track/hosts.h"
#include "rows.h"

static struct interns texts;
static struct hosts hosts;

static void begin(void)
{
    ck_assert(interns_init(&texts, 1000, 1));
    ck_assert(hosts_init(&hosts, 3, &texts));
}

static void end(void)
{
    hosts_done(&hosts);
    want_number("texts left", texts.used, 0);
    interns_done(&texts);
}

/* A record of qmgr(8), and one of any other program. */
static uint16_t queue(const char *host, const char *instance)
{
    return hosts_source(&hosts, span_str(host), span_str(instance), true, ADDRESS_FORM_UNKNOWN);
}

static uint16_t source(const char *host, const char *instance)
{
    return hosts_source(&hosts, span_str(host), span_str(instance), false, ADDRESS_FORM_UNKNOWN);
}

START_TEST(a_queue_is_what_qmgr_logs_under)
{
    uint16_t before = source("mx1", "postfix"), a = queue("mx1", "postfix"),
             b = queue("mx1", "postfix-out"), c = queue("mx2", "postfix");

    ck_assert(a != b && b != c && a != c);
    want_number("the name's number stays", before, a);
    want_number("again", queue("mx2", "postfix"), c);
    want_number("host of b", hosts_host(b), hosts_host(a));
    want_number("two queues", hosts_may_share_queue(&hosts, a, b), 0);
    want_number("two hosts", hosts_may_share_queue(&hosts, a, c), 0);
    want_number("a queue and a service", hosts_may_share_queue(&hosts, a, source("mx1", "x")), 1);
    want_text("host of c", hosts_of(&hosts, c)->name->at, "mx2");
    want_number("sources of mx1", hosts_of(&hosts, a)->source_count, 4);
}
END_TEST

/* By the settings of each, when it is first heard of, after the site was replaced, and where
 * another takes its place. */
START_TEST(a_host_trusts_what_its_settings_say)
{
    struct site *site = site_new(), *other = site_new(), *its = site_new();
    uint16_t mx1 = source("mx1", "");

    site_begin_hosts(site);
    ck_assert(site_add_host(site, SPAN("mx1"), its) && site_add_host(site, SPAN("mx2"), its));
    site_networks_configured(its);
    ck_assert(site_add_host(site, SPAN("mx3.example.net"), its));
    want_number("without a site", hosts_networks(&hosts, mx1), SITE_NETWORKS_OF_ALL);
    hosts_set_site(&hosts, site);
    want_number("mx1", hosts_networks(&hosts, mx1), 1);
    want_number("mx2", hosts_networks(&hosts, source("mx2", "postfix")), 1);
    want_number("mx3", hosts_networks(&hosts, source("mx3", "postfix")), 2);
    hosts.at_s = 2 * HOSTS_SILENT_S;
    hosts.number = 1000;
    want_number("in the place of mx1", source("mx9", ""), mx1);
    want_number("mx9", hosts_networks(&hosts, mx1), SITE_NETWORKS_OF_ALL);
    hosts_set_site(&hosts, other);
    want_number("mx3 of another site", hosts_networks(&hosts, source("mx3", "postfix")),
                SITE_NETWORKS_OF_ALL);
    site_free(its);
    site_free(site);
    site_free(other);
}
END_TEST

START_TEST(what_is_known_changes_nothing)
{
    uint16_t first = source("mx1", ""), service = source("mx1", "x"), a = queue("mx1", "postfix");
    uint64_t changes = hosts.changes;
    const struct {
        const char *name, *host, *instance;
        bool is_queue;
        uint16_t want;
    } rows[] = {
        {"no instance", "mx1", "", false, first},
        {"host in capitals", "MX1", "postfix", true, a},
        {"a queue, by another program", "mx1", "postfix", false, a},
        {"a service", "mx1", "x", false, service},
        {"a service that is a queue from now on", "mx1", "x", true, HOSTS_NONE},
        {"a new name", "mx1", "y", false, HOSTS_NONE},
        {"a new host", "mx2", "", false, HOSTS_NONE},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        want_number(rows[i].name,
                    hosts_known(&hosts, span_str(rows[i].host), span_str(rows[i].instance),
                                rows[i].is_queue),
                    rows[i].want);
    want_number("hosts", hosts.host_count, 1);
    want_number("changes", hosts.changes, changes);
}
END_TEST

START_TEST(many_service_names_leave_room_for_queues)
{
    char name[32];
    uint16_t a = queue("mx1", "postfix");

    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "postfix-example%d-org", i);
        want_number(name, source("mx1", name) == hosts_any(a), i >= HOSTS_SERVICES_MAX - 2);
    }
    want_number("sources", hosts_of(&hosts, a)->source_count, HOSTS_SERVICES_MAX);
    ck_assert(queue("mx1", "postfix-out") != hosts_any(a));
    want_number("over", (int64_t)hosts.instances_over, 0);
}
END_TEST

START_TEST(host_names_ignore_case_instances_do_not)
{
    uint16_t a = queue("MX1.example.net", "postfix");

    want_number("another case", queue("mx1.EXAMPLE.net", "postfix"), a);
    want_text("as first seen", hosts_of(&hosts, a)->name->at, "MX1.example.net");
    ck_assert(queue("MX1.example.net", "Postfix") != a);
}
END_TEST

static void touch(uint16_t source, uint32_t now_s)
{
    hosts.host[hosts_host(source)].now_s = now_s;
    hosts_touch(&hosts, source, ++hosts.number);
}

START_TEST(refuses_hosts_beyond_its_bound)
{
    touch(source("mx1", "postfix"), 1);
    touch(source("mx2", "postfix"), 1);
    touch(source("mx3", "postfix"), 1);
    want_number("a fourth", source("mx4", "postfix"), HOSTS_NONE);
    want_number("and again", source("mx4", "postfix"), HOSTS_NONE);
    want_number("refused", (int64_t)hosts.refused, 2);
    ck_assert(source("mx3", "postfix") != HOSTS_NONE);
    want_number("hosts", hosts.host_count, 3);
}
END_TEST

static int forgotten;

static void forget(void *ctx, uint16_t host)
{
    ck_assert_ptr_eq(ctx, &hosts);
    want_text("forgotten", hosts.host[host].name->at, "mx2");
    forgotten++;
}

/* mx1 is in use, mx2 was, mx3 has had no message. */
static void fill(void)
{
    forgotten = 0;
    hosts.forgotten = forget;
    hosts.ctx = &hosts;
    source("mx1", "postfix");
    touch(queue("mx2", "postfix"), 9000);
    for (int i = 0; i <= 4 * HOSTS_SILENT_LINES; i++)
        touch(source("mx1", "postfix"), 10000);
    source("mx3", "postfix");
}

START_TEST(host_without_messages_loses_its_place_first)
{
    fill();
    hosts.at_s = 20000;
    uint16_t three = source("mx3", "postfix"), four = source("mx4", "postfix-out");
    want_number("its place", hosts_host(four), hosts_host(three));
    want_number("forgotten", forgotten, 0);
    want_number("evicted", (int64_t)hosts.evicted, 1);
    want_number("changes", (int64_t)hosts.changes > 0, 1);
    want_number("sources", hosts_of(&hosts, four)->source_count, 2);
    want_text("name", hosts.source[four].instance->at, "postfix-out");
}
END_TEST

START_TEST(silent_host_loses_its_place)
{
    static const struct {
        const char *name;
        uint32_t now_s;
        int evicted;
    } when[] = {
        {"at an hour", 9000 + HOSTS_SILENT_S, 0},
        {"after it", 9000 + HOSTS_SILENT_S + 1, 1},
        {"before its time", 8000, 0},
    };

    for (int i = 0; i < COUNT(when); i++) {
        end();
        begin();
        fill();
        touch(source("mx3", "postfix"), 9500);
        hosts.at_s = when[i].now_s;
        uint16_t two = source("mx2", "postfix"), four = source("mx4", "postfix");
        want_number(when[i].name, four == two, when[i].evicted);
        want_number(when[i].name, forgotten, when[i].evicted);
        want_number(when[i].name, (int64_t)hosts.refused, !when[i].evicted);
        want_number("the oldest goes", hosts.host[0].last_s, 10000);
        if (when[i].evicted)
            want_number("no queue of the old host", hosts.source[four].is_queue, 0);
    }
}
END_TEST

/* The new host's clock is a day ahead, or that of mx2 behind: that does not make it silent. */
START_TEST(clocks_alone_drive_nobody_out)
{
    fill();
    touch(source("mx3", "postfix"), 10000);
    touch(source("mx2", "postfix"), 10000 - 7200);
    for (int i = 0; i < 3; i++)
        touch(source("mx1", "postfix"), 10000);
    hosts.at_s = 10000 + 86400;
    want_number("mx4", source("mx4", "postfix"), HOSTS_NONE);
    want_number("forgotten", forgotten, 0);
}
END_TEST

START_TEST(bound_can_be_set)
{
    fill();
    touch(source("mx3", "postfix"), 9500);
    ck_assert(hosts_set_max(&hosts, 4));
    uint16_t four = source("mx4", "postfix");
    want_number("more", hosts_host(four), 3);
    touch(four, 9500);
    ck_assert(hosts_set_max(&hosts, 1));
    want_number("known hosts stay", hosts.host_count, 4);
    want_number("a fifth", source("mx5", "postfix"), HOSTS_NONE);
    hosts.at_s = 9001 + HOSTS_SILENT_S;
    want_number("in the place of another", hosts_host(source("mx5", "postfix")), 1);
}
END_TEST

START_TEST(queues_beyond_the_bound_are_counted)
{
    char instance[32];

    for (int i = 0; i < HOSTS_INSTANCES_MAX + 2; i++) {
        snprintf(instance, sizeof(instance), "postfix-%d", i);
        uint16_t k = queue("mx1", instance);
        want_number(instance, k % HOSTS_INSTANCES_MAX == 0, i >= HOSTS_INSTANCES_MAX - 1);
        touch(k, 1);
    }
    want_number("over", (int64_t)hosts.instances_over, 3);
    want_number("sources", hosts.host[0].source_count, HOSTS_INSTANCES_MAX);
}
END_TEST

static int moved;

static void move(void *ctx, uint16_t source)
{
    ck_assert_ptr_eq(ctx, &hosts);
    want_text("moved", hosts.source[source].instance->at, "postfix-2");
    moved++;
}

/* Seven queues have all the numbers: all are in use but the second, which has been silent. */
START_TEST(silent_queue_loses_its_place)
{
    for (int used = 0; used < 2; used++) {
        end();
        begin();
        hosts.unplaced = move;
        hosts.ctx = &hosts;
        moved = 0;
        for (int i = 1; i < HOSTS_INSTANCES_MAX; i++) {
            char name[20];
            snprintf(name, sizeof(name), "postfix-%d", i);
            uint16_t k = queue("mx1", name);
            if (i != 2 || used)
                touch(k, i == 2 ? 9000 : 9500);
        }
        uint16_t two = queue("mx1", "postfix-2");
        hosts.at_s = 9000 + HOSTS_SILENT_S;
        if (used)
            want_number("within the hour", queue("mx1", "new"), hosts_any(two));
        hosts.at_s++;
        want_number("a service takes no place", source("mx1", "service"), hosts_any(two));
        want_number("a queue does", queue("mx1", "new"), two);
        want_number("messages moved", moved, used);
        want_number("evicted", (int64_t)hosts.evicted, 1);
        want_number("over", (int64_t)hosts.instances_over, used);
        touch(two, hosts.at_s);
        want_number("the old one has none", queue("mx1", "postfix-2"), hosts_any(two));
    }
}
END_TEST

START_TEST(walks_the_sources_in_use)
{
    uint16_t a = queue("mx1", "postfix"), c = queue("mx3", "postfix");
    const uint16_t want[] = {hosts_any(a), a, hosts_any(c), c, HOSTS_NONE};
    uint16_t got = hosts_next_source(&hosts, 0);

    for (int i = 0; i < COUNT(want); i++, got = hosts_next_source(&hosts, (uint16_t)(got + 1)))
        want_number("next", got, want[i]);
}
END_TEST

START_TEST(remembers_how_addresses_are_written)
{
    uint16_t a = hosts_source(&hosts, SPAN("mx1"), SPAN("postfix"), false, ADDRESS_FORM_EXTERNAL);
    uint16_t b = hosts_source(&hosts, SPAN("mx1"), SPAN("postfix"), true, ADDRESS_FORM_INTERNAL);

    want_number("at first", hosts.source[a].form, ADDRESS_FORM_EXTERNAL);
    want_number("still", hosts.source[b].form, ADDRESS_FORM_EXTERNAL); /* it was known already */
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("hosts");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, a_queue_is_what_qmgr_logs_under);
    tcase_add_test(tc, a_host_trusts_what_its_settings_say);
    tcase_add_test(tc, what_is_known_changes_nothing);
    tcase_add_test(tc, many_service_names_leave_room_for_queues);
    tcase_add_test(tc, host_names_ignore_case_instances_do_not);
    tcase_add_test(tc, refuses_hosts_beyond_its_bound);
    tcase_add_test(tc, host_without_messages_loses_its_place_first);
    tcase_add_test(tc, silent_host_loses_its_place);
    tcase_add_test(tc, clocks_alone_drive_nobody_out);
    tcase_add_test(tc, bound_can_be_set);
    tcase_add_test(tc, queues_beyond_the_bound_are_counted);
    tcase_add_test(tc, silent_queue_loses_its_place);
    tcase_add_test(tc, walks_the_sources_in_use);
    tcase_add_test(tc, remembers_how_addresses_are_written);
    return run_suite("hosts", tc);
}
