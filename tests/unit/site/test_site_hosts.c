/* SPDX-License-Identifier: MIT */
#include "site/site_hosts.h"

#include <stdio.h>

#include "rows.h"
#include "site/site.h"
#include "site/site_state.h"

static struct site *site;

static struct network parse(const char *text)
{
    struct network net;

    ck_assert_msg(network_parse(span_str(text), &net), "%s", text);
    return net;
}

/* A host that trusts these two; one that begins with "!" it does not. */
static void add(const char *host, const char *a, const char *b)
{
    const char *const texts[] = {a, b};
    struct site *its = site_new();

    for (int i = 0; i < 2; i++)
        if (texts[i]) {
            struct network net = parse(texts[i] + (*texts[i] == '!'));
            ck_assert(site_add_network(its, &net, *texts[i] != '!'));
        }
    site_networks_configured(its);
    ck_assert(site_add_host(site, span_str(host), its));
    site_free(its);
}

static void begin(void)
{
    struct network net = parse("192.0.2.0/24");

    site = site_new();
    ck_assert(site && site_add_network(site, &net, true));
    site_begin_hosts(site);
    add("mx1", "10.1.0.0/24", NULL);
    add("mx2.example.net", "10.2.0.0/24", "10.1.0.0/24");
    add("mx3", "10.1.0.0/24", NULL);
    add("relay.a.example", "10.4.0.0/24", NULL);
    add("relay.b.example", "10.5.0.0/24", NULL);
    add("mx4", "!10.1.0.1/32", "10.1.0.0/24");
}

static void end(void)
{
    site_free(site);
}

static uint16_t of(const char *host)
{
    return site_networks_of(site, span_str(host));
}

/* What the log calls a host, and the settings that are its own. */
static const struct {
    const char *host, *name;
} names[] = {
    {"mx1", "mx1"},
    {"MX1", "mx1"},
    {"mx1.example.net", "mx1"},
    {"mx2", "mx2.example.net"},
    {"mx2.example.net", "mx2.example.net"},
    {"mx2.example.org", ""}, /* another domain's */
    {"mx", ""},
    {"mx9", ""},
    {"relay.a.example", "relay.a.example"},
    {"relay.b.example", "relay.b.example"},
    {"relay", ""}, /* either of two */
    {"", ""},
};

START_TEST(a_host_is_found_by_name)
{
    char got[100];
    struct span name = site_name_of_host(site, span_str(names[_i].host));

    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(name));
    want_text(names[_i].host, got, names[_i].name);
    want_number(names[_i].host, of(names[_i].host) == SITE_NETWORKS_OF_ALL, !*names[_i].name);
}
END_TEST

START_TEST(hosts_alike_share_a_list)
{
    want_number("hosts", (int64_t)site_host_count(site), 6);
    want_number("alike", of("mx1"), of("mx3"));
    want_number("not alike", of("mx1") != of("mx2"), true);
    want_number("the same network, but not all of it", of("mx1") != of("mx4"), true);
    add("mx5", "10.1.0.0/24", NULL);
    want_number("later", of("mx5"), of("mx1"));
}
END_TEST

/* The same networks, but not all of them could be read. */
START_TEST(what_is_incomplete_is_not_alike)
{
    struct site *its = site_new();
    struct network net = parse("10.1.0.0/24");
    struct address a;

    ck_assert(site_add_network(its, &net, true));
    site_networks_configured(its);
    site_networks_incomplete(its);
    ck_assert(site_add_host(site, SPAN("mx6"), its));
    site_free(its);
    ck_assert(site_add_domain(site, SPAN("example.net"), CLASS_OURS, true));
    ck_assert(address_parse(SPAN("203.0.113.9"), &a));
    want_number("names count there",
                site_why_trusted(site, of("mx6"), &a, SPAN("pc.example.net[203.0.113.9]")) != NULL,
                true);
    want_number("and only there",
                site_why_trusted(site, of("mx1"), &a, SPAN("pc.example.net[203.0.113.9]")) != NULL,
                false);
}
END_TEST

static const struct {
    const char *host, *client;
    bool want;
} trusted[] = {
    {"mx1", "10.1.0.1", true},  {"mx1", "10.2.0.1", false},     {"mx2", "10.1.0.1", true},
    {"mx2", "10.2.0.1", true},  {"mx3", "10.1.0.1", true},      {"mx4", "10.1.0.1", false},
    {"mx4", "10.1.0.2", true},  {"mx4", "192.0.2.1", true}, /* [site]'s */
    {"mx4", "127.0.0.1", true}, {"mx1", "198.51.100.1", false}, {"mx9", "192.0.2.1", true},
};

START_TEST(each_host_trusts_its_own)
{
    struct address a;
    char name[60];

    ck_assert(address_parse(span_str(trusted[_i].client), &a));
    snprintf(name, sizeof(name), "%s on %s", trusted[_i].client, trusted[_i].host);
    want_number(name, site_trusts(site, of(trusted[_i].host), &a), trusted[_i].want);
}
END_TEST

static const struct {
    const char *client, *host; /* the first that trusts it */
    bool everywhere;
} first[] = {
    {"10.1.0.1", "mx1", false},
    {"10.2.0.1", "mx2.example.net", false},
    {"10.9.0.1", "", false},
    {"192.0.2.1", "mx1", true},
};

START_TEST(who_trusts_it)
{
    struct address a;
    char got[100];

    ck_assert(address_parse(span_str(first[_i].client), &a));
    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(site_host_that_trusts(site, &a)));
    want_text(first[_i].client, got, first[_i].host);
    want_number(first[_i].client, site_trusts_everywhere(site, &a), first[_i].everywhere);
}
END_TEST

static const struct {
    const char *network;
    bool trusted;
    int64_t want;
} with[] = {
    {"10.1.0.0/24", true, 4},  {"10.1.0.0/24", false, 0}, {"10.1.0.1/32", false, 1},
    {"10.1.0.0/25", true, 0},  {"10.2.0.0/24", true, 1},  {"198.51.100.0/24", true, 0},
    {"192.0.2.0/24", true, 6},
};

START_TEST(how_many_list_it)
{
    struct network net = parse(with[_i].network);

    want_number(with[_i].network, (int64_t)site_hosts_with(site, &net, with[_i].trusted),
                with[_i].want);
}
END_TEST

/* At the bound, of all lists together, another one is refused, but not a host that shares one. */
START_TEST(the_bound_is_of_all_lists)
{
    enum { LISTS = SITE_HOST_NETWORKS_MAX / SITE_NETWORKS_MAX };
    struct site *its = site_new();
    char text[30];

    site_free(site);
    site = site_new();
    site_begin_hosts(site);
    for (int i = 0; i < SITE_NETWORKS_MAX; i++) {
        snprintf(text, sizeof(text), "10.1.%d.%d/32", i / 256, i % 256);
        struct network net = parse(text);
        ck_assert(site_add_network(its, &net, true));
    }
    struct trust *one = its->networks.items;
    for (int i = 0; i <= LISTS; i++) {
        one->net.base.byte[15] = (uint8_t)i;
        snprintf(text, sizeof(text), "mx%d", i);
        want_number(text, site_add_host(site, span_str(text), its), i < LISTS);
    }
    one->net.base.byte[15] = LISTS - 1;
    want_number("shared", site_add_host(site, SPAN("one more"), its), true);
    want_number("whose", of("one more"), of("mx63"));
    want_number("hosts", (int64_t)site_host_count(site), LISTS + 1);
    site_free(its);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_hosts");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_loop_test(tc, a_host_is_found_by_name, 0, COUNT(names));
    tcase_add_test(tc, hosts_alike_share_a_list);
    tcase_add_test(tc, what_is_incomplete_is_not_alike);
    tcase_add_loop_test(tc, each_host_trusts_its_own, 0, COUNT(trusted));
    tcase_add_loop_test(tc, who_trusts_it, 0, COUNT(first));
    tcase_add_loop_test(tc, how_many_list_it, 0, COUNT(with));
    tcase_add_test(tc, the_bound_is_of_all_lists);
    return run_suite("site_hosts", tc);
}
