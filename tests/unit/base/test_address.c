/* SPDX-License-Identifier: MIT */
#include "base/address.h"
#include "rows.h"

static const struct {
    const char *text, *want; /* NULL: no address */
} addresses[] = {
    {"192.0.2.1", "192.0.2.1"},
    {"0.0.0.0", "0.0.0.0"},
    {"255.255.255.255", "255.255.255.255"},
    {"2001:db8::1", "2001:db8::1"},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
    {"::", "::"},
    {"::1", "::1"},
    {"::ffff:192.0.2.1", "192.0.2.1"},
    {"::ffff:c000:201", "192.0.2.1"},
    {"fe80::1%eth0", "fe80::1"},
    {"1111:2222:3333:4444:5555:6666:7777:8888", "1111:2222:3333:4444:5555:6666:7777:8888"},
    {"", NULL},
    {".", NULL},
    {"1.2.3", NULL},
    {"1.2.3.", NULL},
    {"1.2.3.4.", NULL},
    {"1.2.3.4.5", NULL},
    {"1.2.3.256", NULL},
    {"1.2.3.1000", NULL},
    {"01.2.3.4", NULL},
    {"1.2.3.00", NULL},
    {" 1.2.3.4", NULL},
    {"1.2.3.4 ", NULL},
    {"1..3.4", NULL},
    {"-1.2.3.4", NULL},
    {"unknown", NULL},
    {":", NULL},
    {":::", NULL},
    {"1:2:3", NULL},
    {"2001:db8::g", NULL},
    {"[::1]", NULL},
    {"%eth0", NULL},
    {"::1%", "::1"},
    {"1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1", NULL},
};

START_TEST(addresses_are_read_and_printed)
{
    struct address a;
    char buf[ADDRESS_TEXT_MAX];
    bool good = address_parse(span_str(addresses[_i].text), &a);

    want_number(addresses[_i].text, good, addresses[_i].want != NULL);
    if (good)
        want_text(addresses[_i].text, address_print(&a, buf), addresses[_i].want);
}
END_TEST

START_TEST(a_nul_within_is_no_address)
{
    struct address a;

    ck_assert(!address_parse(span_of("::1\0", 4), &a));
    ck_assert(!address_parse(span_of("1.2.3\0004", 7), &a));
    ck_assert(!address_parse(SPAN_NONE, &a));
}
END_TEST

START_TEST(output_is_left_alone_on_failure)
{
    struct address a = {{7}};
    struct network n = {{{7}}, 9};

    ck_assert(!address_parse(SPAN("1.2.3.4.5"), &a));
    ck_assert(!network_parse(SPAN("1.2.3.4/33"), &n));
    ck_assert_int_eq(a.byte[0], 7);
    ck_assert_int_eq(n.base.byte[0], 7);
    ck_assert_int_eq(n.prefix, 9);
}
END_TEST

static const struct {
    const char *text, *want;
    bool too_wide;
} networks[] = {
    {"192.0.2.0/24", "192.0.2.0/24", false},
    {"192.0.2.77/24", "192.0.2.0/24", false},
    {"192.0.2.77", "192.0.2.77/32", false},
    {"[192.0.2.77]", "192.0.2.77/32", false},
    {"10.0.0.0/8", "10.0.0.0/8", false},
    {"10.0.0.0/7", "10.0.0.0/7", true},
    {"0.0.0.0/0", "0.0.0.0/0", true},
    {"1.2.3.4/31", "1.2.3.4/31", false},
    {"1.2.3.255/25", "1.2.3.128/25", false},
    {"2001:db8::/32", "2001:db8::/32", false},
    {"2001:db8::/31", "2001:db8::/31", true},
    {"::/0", "::/0", true},
    {"[::1]", "::1/128", false},
    {"[::1]/128", "::1/128", false},
    {"[2001:db8::]/32", "2001:db8::/32", false},
    {"2001:db8:ffff:ffff::/49", "2001:db8:ffff:8000::/49", false},
    {"::ffff:192.0.2.0/120", "192.0.2.0/24", false},
    {"::ffff:0:0/96", "0.0.0.0/0", true},
    {"", NULL, false},
    {"/24", NULL, false},
    {"[", NULL, false},
    {"[]", NULL, false},
    {"[::1", NULL, false},
    {"[::1]x", NULL, false},
    {"[::1]/", NULL, false},
    {"1.2.3.4/", NULL, false},
    {"1.2.3.4/33", NULL, false},
    {"1.2.3.4/24x", NULL, false},
    {"1.2.3.4/-1", NULL, false},
    {"::1/129", NULL, false},
    {"10/8", NULL, false},
    {"1.2.3.4/99999999999999999999", NULL, false},
    {"mail.example.org", NULL, false},
    {"!10.0.0.0/8", NULL, false},
};

START_TEST(networks_are_read_and_printed)
{
    struct network n;
    char buf[NETWORK_TEXT_MAX];
    bool good = network_parse(span_str(networks[_i].text), &n);

    want_number(networks[_i].text, good, networks[_i].want != NULL);
    if (!good)
        return;
    want_text(networks[_i].text, network_print(&n, buf), networks[_i].want);
    want_number(networks[_i].text, network_is_too_wide(&n), networks[_i].too_wide);
}
END_TEST

static const struct {
    const char *network, *address;
    bool has;
} members[] = {
    {"192.0.2.0/24", "192.0.2.0", true},
    {"192.0.2.0/24", "192.0.2.255", true},
    {"192.0.2.0/24", "192.0.3.0", false},
    {"192.0.2.0/24", "192.0.1.255", false},
    {"192.0.2.7", "192.0.2.7", true},
    {"192.0.2.7", "192.0.2.6", false},
    {"0.0.0.0/0", "203.0.113.9", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"::/0", "2001:db8::1", true},
    {"::/0", "203.0.113.9", false},
    {"2001:db8::/32", "2001:db8:ffff::1", true},
    {"2001:db8::/32", "2001:db9::1", false},
    {"2001:db8::/64", "2001:db8::ffff:0:0:1", true},
    {"2001:db8::/65", "2001:db8::8000:0:0:1", false},
    {"192.0.2.0/24", "::ffff:192.0.2.9", true},
    {"::/80", "192.0.2.9", false},
};

START_TEST(networks_have_their_members)
{
    struct network n;
    struct address a;

    ck_assert(network_parse(span_str(members[_i].network), &n));
    ck_assert(address_parse(span_str(members[_i].address), &a));
    ck_assert_msg(network_has(&n, &a) == members[_i].has, "%s in %s: want %d", members[_i].address,
                  members[_i].network, members[_i].has);
}
END_TEST

static const struct {
    const char *text;
    bool v4, loopback, private;
    const char *group;
} sorts[] = {
    {"127.0.0.1", true, true, true, "127.0.0.0/24"},
    {"127.255.3.4", true, true, true, "127.255.3.0/24"},
    {"::1", false, true, true, "::/48"},
    {"10.1.2.3", true, false, true, "10.1.2.0/24"},
    {"11.1.2.3", true, false, false, "11.1.2.0/24"},
    {"172.15.0.1", true, false, false, "172.15.0.0/24"},
    {"172.16.0.1", true, false, true, "172.16.0.0/24"},
    {"172.31.255.1", true, false, true, "172.31.255.0/24"},
    {"172.32.0.1", true, false, false, "172.32.0.0/24"},
    {"192.168.7.7", true, false, true, "192.168.7.0/24"},
    {"192.169.7.7", true, false, false, "192.169.7.0/24"},
    {"169.254.1.1", true, false, true, "169.254.1.0/24"},
    {"100.63.1.1", true, false, false, "100.63.1.0/24"},
    {"100.64.1.1", true, false, true, "100.64.1.0/24"},
    {"100.127.1.1", true, false, true, "100.127.1.0/24"},
    {"100.128.1.1", true, false, false, "100.128.1.0/24"},
    {"fe80::1", false, false, true, "fe80::/48"},
    {"febf::1", false, false, true, "febf::/48"},
    {"fec0::1", false, false, false, "fec0::/48"},
    {"fc00::1", false, false, true, "fc00::/48"},
    {"fdff::1", false, false, true, "fdff::/48"},
    {"fe00::1", false, false, false, "fe00::/48"},
    {"2001:db8:1:2::3", false, false, false, "2001:db8:1::/48"},
    {"::2", false, false, false, "::/48"},
};

START_TEST(addresses_have_their_sort_and_group)
{
    struct address a;
    char buf[NETWORK_TEXT_MAX];

    ck_assert(address_parse(span_str(sorts[_i].text), &a));
    want_number(sorts[_i].text, address_is_v4(&a), sorts[_i].v4);
    want_number(sorts[_i].text, address_is_loopback(&a), sorts[_i].loopback);
    want_number(sorts[_i].text, address_is_private(&a), sorts[_i].private);
    struct network group = network_of(&a);
    want_text(sorts[_i].text, network_print(&group, buf), sorts[_i].group);
    ck_assert(network_has(&group, &a));
}
END_TEST

static const struct {
    const char *address, *name;
    bool spelled;
} spelled[] = {
    {"198.51.100.7", "host-100-7.dsl.example.net", true},
    {"198.51.100.7", "7.100.51.198.example.net", true},
    {"198.51.100.7", "host-100-007.example.net", true},
    {"198.51.100.7", "c6336407.dip.example.net", true},
    {"198.51.100.7", "pC6336407.dip.example.net", true},
    {"198.51.100.7", "mail7.example.net", false},
    {"198.51.100.7", "mail100.example.net", false},
    {"198.51.100.7", "mail.example.net", false},
    {"198.51.100.7", "", false},
    {"198.51.7.7", "mail7.example.net", false},
    {"198.51.7.7", "7-7.example.net", true},
    {"2001:db8::7", "2001-db8-7.example.net", false},
};

START_TEST(names_made_of_an_address_are_recognised)
{
    struct address a;

    ck_assert(address_parse(span_str(spelled[_i].address), &a));
    want_number(spelled[_i].name, address_is_spelled(&a, span_str(spelled[_i].name)),
                spelled[_i].spelled);
}
END_TEST

START_TEST(equal_networks_have_base_and_prefix_alike)
{
    struct network a, b;

    ck_assert(network_parse(SPAN("192.0.2.9/24"), &a) && network_parse(SPAN("192.0.2.0/24"), &b));
    want_number("prefix", a.prefix, b.prefix);
    ck_assert_mem_eq(&a.base, &b.base, sizeof(a.base));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("address");

    ADD_ROWS(tc, addresses_are_read_and_printed, addresses);
    tcase_add_test(tc, a_nul_within_is_no_address);
    tcase_add_test(tc, output_is_left_alone_on_failure);
    ADD_ROWS(tc, networks_are_read_and_printed, networks);
    ADD_ROWS(tc, networks_have_their_members, members);
    ADD_ROWS(tc, addresses_have_their_sort_and_group, sorts);
    ADD_ROWS(tc, names_made_of_an_address_are_recognised, spelled);
    tcase_add_test(tc, equal_networks_have_base_and_prefix_alike);
    return run_suite("address", tc);
}
