/* SPDX-License-Identifier: MIT */
#include "judge/clients.h"

#include <stdio.h>

#include "rows.h"

static struct interns texts;
static struct clients clients;
static struct site *site;

static void begin(void)
{
    struct network net;

    site = site_new();
    ck_assert(site && interns_init(&texts, 1000, 7));
    ck_assert(network_parse(SPAN("192.0.2.0/24"), &net));
    site_networks_configured(site);
    site_add_network(site, &net, true);
    clients = (struct clients){.site = site, .texts = &texts};
}

static void end(void)
{
    clients_reset(&clients);
    want_number("texts left", texts.used, 0);
    interns_done(&texts);
    site_free(site);
}

static const char *or_none(const char *why)
{
    return why ? why : "none";
}

static struct client_memo find_on(uint16_t networks, const char *text)
{
    struct intern *client = intern_get(&texts, span_str(text));
    struct client_memo found = *clients_find(&clients, client, networks);

    intern_put(&texts, client);
    return found;
}

static struct client_memo find(const char *text)
{
    return find_on(SITE_NETWORKS_OF_ALL, text);
}

static const struct {
    const char *text, *why;
    bool is_self, is_near;
} known[] = {
    {"a.example[192.0.2.1]", "its network is listed", false, false},
    {"unknown[198.51.100.1]", NULL, false, false},
    {"localhost[127.0.0.1]", "its network is listed", true, false},
    {"unknown[unknown]", NULL, false, false},
    {"pc.example.net[198.51.100.2]", NULL, false, false},
    {"unknown[10.1.1.1]", NULL, false, true},
    {"box.example.net[fd00::1]", NULL, false, true},
};

START_TEST(a_client_is_known_at_once_and_again)
{
    for (int round = 0; round < 2; round++) {
        struct client_memo got = find(known[_i].text);
        want_number(known[_i].text, got.is_self, known[_i].is_self);
        want_number(known[_i].text, got.is_near, known[_i].is_near);
        want_text(known[_i].text, or_none(got.why), or_none(known[_i].why));
    }
}
END_TEST

START_TEST(what_the_site_learns_counts_at_once)
{
    site_networks_incomplete(site); /* then names count */
    want_text("before", or_none(find("pc.example.net[198.51.100.2]").why), "none");
    site_learn(site, SPAN("example.net"), CLASS_OURS, PROOF_CERTAIN, 0);
    want_text("after", or_none(find("pc.example.net[198.51.100.2]").why),
              "its confirmed name is under one of our domains");
}
END_TEST

START_TEST(clients_with_one_place_do_not_mix)
{
    char text[40];

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 4 * CLIENTS_MEMOS; i++) {
            snprintf(text, sizeof(text), "unknown[%s.%d.%d]", i % 2 ? "192.0" : "198.51",
                     i % 2 ? 2 : i / 200, i % 200);
            struct client_memo got = find(text);
            want_number(text, got.why != NULL, i % 2);
        }
}
END_TEST

/* mx1 trusts the client, mx2 does not; the answers are remembered side by side. */
START_TEST(each_host_trusts_its_own)
{
    struct site *its = site_new();
    struct network net;

    site_begin_hosts(site);
    ck_assert(network_parse(SPAN("198.51.100.0/24"), &net));
    site_networks_configured(its);
    ck_assert(site_add_host(site, SPAN("mx2"), its));
    site_add_network(its, &net, true);
    ck_assert(site_add_host(site, SPAN("mx1"), its));
    uint16_t mx1 = site_networks_of(site, SPAN("mx1")), mx2 = site_networks_of(site, SPAN("mx2"));
    for (int round = 0; round < 2; round++) {
        want_text("mx1", or_none(find_on(mx1, "unknown[198.51.100.1]").why),
                  "its network is listed");
        want_text("mx2", or_none(find_on(mx2, "unknown[198.51.100.1]").why), "none");
        want_text("mx3", or_none(find("unknown[198.51.100.1]").why), "none");
        want_text("[site], on mx2", or_none(find_on(mx2, "a.example[192.0.2.1]").why),
                  "its network is listed");
    }
    site_free(its);
}
END_TEST

/* A message's client is looked at where the message is. */
START_TEST(a_messages_host_decides)
{
    uint16_t networks[] = {SITE_NETWORKS_OF_ALL, 1};
    struct hosts hosts = {.networks = networks};
    struct intern *client = intern_get(&texts, SPAN("a.example[192.0.2.1]"));
    struct message m = {.client = client};

    clients.hosts = &hosts;
    for (uint16_t host = 0; host < 2; host++) {
        m.source = (uint16_t)(host * HOSTS_INSTANCES_MAX + 1);
        want_number("networks", clients_of(&clients, &m)->networks, networks[host]);
    }
    intern_put(&texts, client);
}
END_TEST

START_TEST(nobody_is_a_stranger)
{
    const struct client_memo *nobody = clients_find(&clients, NULL, SITE_NETWORKS_OF_ALL);

    want_text("why", or_none(nobody->why), "none");
    want_number("is_self", nobody->is_self, false);
}
END_TEST

static const struct {
    const char *name;
    int hosts; /* apart */
    bool near, fleet, strangers;
} apart[] = {
    {"two hosts", 1, false, false, true},
    {"one host", 0, false, false, false},
    {"near by", 1, true, false, false},
    {"of a fleet", 1, false, true, false},
};

START_TEST(hosts_that_nobody_told_of_are_strangers)
{
    struct message parent = {.source = 1}, m = {.is_near = apart[_i].near};
    struct network net;

    m.source = (uint16_t)(apart[_i].hosts * HOSTS_INSTANCES_MAX);
    ck_assert(network_parse(SPAN("10.0.0.0/8"), &net));
    if (apart[_i].fleet)
        ck_assert(site_add_fleet(site, &net, true));
    want_number(apart[_i].name, clients_are_strangers(&clients, &m, &parent), apart[_i].strangers);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("clients");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, a_client_is_known_at_once_and_again, known);
    tcase_add_test(tc, what_the_site_learns_counts_at_once);
    tcase_add_test(tc, clients_with_one_place_do_not_mix);
    tcase_add_test(tc, each_host_trusts_its_own);
    tcase_add_test(tc, a_messages_host_decides);
    tcase_add_test(tc, nobody_is_a_stranger);
    ADD_ROWS(tc, hosts_that_nobody_told_of_are_strangers, apart);
    return run_suite("clients", tc);
}
