/* SPDX-License-Identifier: MIT */
#include "site/postconf_networks.h"
#include "postconf_world.h"

static const struct {
    const char *text, *address;
    bool want;
} trusted[] = {
    {"mynetworks = 127.0.0.0/8, 192.0.2.0/24\n", "192.0.2.9", true},
    {"mynetworks = 127.0.0.0/8, 192.0.2.0/24\n", "10.0.0.1", false},
    {"mynetworks = !192.0.2.7 192.0.2.0/24\n", "192.0.2.7", false},
    {"mynetworks = [::1]/128 [2001:db8::]/32\n", "2001:db8:7::1", true},
    {"mynetworks = /networks\n", "192.0.2.7", true}, /* the first match counts */
    {"mynetworks = !192.0.2.8, /networks\n", "192.0.2.8", false},
    {"mynetworks = !/networks 192.0.2.0/24\n", "192.0.2.9", false},
    {"mynetworks = cidr:/clients\n", "198.51.100.1", true},
    {"mynetworks = cidr:/clients\n", "2001:db8::1", true},
    {"mynetworks = $mine\nmine = 192.0.2.0/24\n", "192.0.2.9", true},
    {"mynetworks =\n", "10.0.0.1", false},
    {"mynetworks_style = host\n", "10.0.0.1", false},
    {"compatibility_level = 2\n", "10.0.0.1", false},
    {"mynetworks_style = subnet\ncompatibility_level = 2\n", "10.0.0.1", true},
    {"compatibility_level = 1\n", "10.0.0.1", true},
    {"mynetworks_style = class\n", "203.0.113.1", false},
};

START_TEST(networks_are_trusted_as_postfix_does)
{
    struct site *site = site_of(trusted[_i].text);
    struct address a;

    ck_assert(address_parse(span_str(trusted[_i].address), &a));
    ck_assert_msg(site_trusts(site, SITE_NETWORKS_OF_ALL, &a) == trusted[_i].want,
                  "%s: %s: want %d", trusted[_i].text, trusted[_i].address, trusted[_i].want);
    site_free(site);
}
END_TEST

/* Where some of the networks are not known, a name may show that a client is ours. */
static const struct {
    const char *text;
    bool want;
} named[] = {
    {HOST, false},
    {HOST "mynetworks = 127.0.0.0/8 mysql:/x.cf\n", true},
    {HOST "mynetworks = 127.0.0.0/8 host.example\n", true},
    {"mynetworks_style = subnet\n", true},
    {"mynetworks_style = host\n", false},
};

START_TEST(names_count_where_networks_are_missing)
{
    struct site *site = site_of(named[_i].text);
    struct span client = SPAN("app.example.net[198.51.100.7]");
    struct address a;

    site_add_domain(site, SPAN("example.net"), CLASS_OURS, false);
    ck_assert(address_parse(client_address(client), &a));
    want_number(named[_i].text, site_why_trusted(site, SITE_NETWORKS_OF_ALL, &a, client) != NULL,
                named[_i].want);
    site_free(site);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_networks");

    ADD_ROWS(tc, networks_are_trusted_as_postfix_does, trusted);
    ADD_ROWS(tc, names_count_where_networks_are_missing, named);
    return run_suite("postconf_networks", tc);
}
