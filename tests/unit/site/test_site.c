/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "site/site.h"
#include "site/site_state.h"

#include <stdio.h>

static struct address address(const char *text)
{
    struct address a;

    ck_assert(address_parse(span_str(text), &a));
    return a;
}

static struct network network(const char *text)
{
    struct network n;

    ck_assert(network_parse(span_str(text), &n));
    return n;
}

static bool trusts(const struct site *site, const char *text)
{
    struct address a = address(text);

    return site_trusts(site, SITE_NETWORKS_OF_ALL, &a);
}

static enum domain_class class_of(const struct site *site, const char *domain)
{
    return site_class(site, span_str(domain));
}

static const struct {
    const char *name, *beginning;
    unsigned facts;
    bool complete, want;
} beginnings[] = {
    {"another domain", "victim", SITE_SMTP_LEAVES, true, true},
    {"one of ours goes another way", "example.o", SITE_SMTP_LEAVES, true, true},
    {"a relay domain", "Gate", SITE_SMTP_LEAVES, true, false},
    {"all of it", "gate.example", SITE_SMTP_LEAVES, true, false},
    {"more than it", "gate.example.org", SITE_SMTP_LEAVES, true, true},
    {"any", "", SITE_SMTP_LEAVES, true, false},
    {"there may be more domains", "victim", SITE_SMTP_LEAVES, false, false},
    {"aliases, perhaps", "victim", SITE_BCC_MAPS, true, false},
};

START_TEST(smtp_takes_mail_outside)
{
    struct site *site = site_new();

    site_add_domain(site, SPAN("example.org"), CLASS_OURS, false);
    site_add_domain(site, SPAN("gate.example"), CLASS_RELAY_DOMAIN, false);
    site_domains_configured(site, beginnings[_i].complete);
    site_set_fact(site, beginnings[_i].facts);
    want_number(beginnings[_i].name, site_takes_outside(site, span_str(beginnings[_i].beginning)),
                beginnings[_i].want);
    if (beginnings[_i].want) { /* a subdomain of it may begin in any way */
        site_add_domain(site, SPAN("below.example"), CLASS_RELAY_DOMAIN, true);
        ck_assert(!site_takes_outside(site, span_str(beginnings[_i].beginning)));
    }
    site_free(site);
}
END_TEST

START_TEST(nothing_is_known_of_a_new_site)
{
    struct site *site = site_new();

    ck_assert(!site_knows_domains(site));
    ck_assert(!site_knows_networks(site, SITE_NETWORKS_OF_ALL));
    ck_assert_int_eq(class_of(site, "example.org"), CLASS_UNKNOWN);
    ck_assert_int_eq(class_of(site, "[203.0.113.1]"), CLASS_UNKNOWN);
    ck_assert_int_eq(class_of(site, ""), CLASS_OURS);
    ck_assert_int_eq(site_address_form(site), ADDRESS_FORM_UNKNOWN);
    ck_assert_uint_eq(site_warning_count(site), 0);
    ck_assert_ptr_null(site_warning(site, 0));
    site_free(site);
    site_free(NULL);
}
END_TEST

static const struct {
    const char *domain;
    enum domain_class want;
} classes[] = {
    {"example.org", CLASS_OURS},
    {"Example.ORG", CLASS_OURS},
    {"sub.example.org", CLASS_OUTSIDE},
    {"relay.example", CLASS_RELAY_DOMAIN},
    {"sub.relay.example", CLASS_RELAY_DOMAIN},
    {"not.relay.example", CLASS_OUTSIDE},
    {"gmail.com", CLASS_OUTSIDE},
    {"", CLASS_OURS},
    {"[127.0.0.1]", CLASS_OURS},
    {"[192.0.2.1]", CLASS_OURS},
    {"[192.0.2.2]", CLASS_OUTSIDE},
    {"[IPv6:2001:db8::1]", CLASS_OURS},
    {"[ipv6:2001:DB8:0::1]", CLASS_OURS},
    {"[2001:db8::1]", CLASS_OURS},
    {"[IPv6:2001:db8::2]", CLASS_OUTSIDE},
    {"[", CLASS_OUTSIDE},
    {"[]", CLASS_OUTSIDE},
    {"[IPv6:]", CLASS_OUTSIDE},
    {"[192.0.2.1", CLASS_OUTSIDE},
};

START_TEST(domains_have_their_class)
{
    struct site *site = site_new();
    struct address v4 = address("192.0.2.1"), v6 = address("2001:db8::1");

    ck_assert(site_add_domain(site, SPAN("example.org"), CLASS_OURS, false));
    ck_assert(site_add_domain(site, SPAN("not.relay.example"), CLASS_OUTSIDE, false));
    ck_assert(site_add_domain(site, SPAN("relay.example"), CLASS_RELAY_DOMAIN, true));
    ck_assert(site_add_own_address(site, &v4) && site_add_own_address(site, &v6));
    site_domains_configured(site, true);
    ck_assert(site_knows_domains(site));
    want_number(classes[_i].domain, class_of(site, classes[_i].domain), classes[_i].want);
    site_free(site);
}
END_TEST

START_TEST(localhost_alone_tells_nothing)
{
    struct site *site = site_new();

    site_add_domain(site, SPAN("localhost"), CLASS_OURS, false);
    site_add_domain(site, SPAN("localhost.localdomain"), CLASS_OURS, false);
    site_domains_configured(site, false);
    ck_assert(!site_knows_domains(site));
    ck_assert_int_eq(class_of(site, "far.example"), CLASS_UNKNOWN);
    ck_assert_int_eq(class_of(site, "gmail.com"), CLASS_OUTSIDE);
    site_learn(site, SPAN("localhost"), CLASS_OURS, PROOF_CERTAIN, 0);
    ck_assert(!site_knows_domains(site));
    site_learn(site, SPAN("mx.example.org"), CLASS_OURS, PROOF_CERTAIN, 0);
    ck_assert(site_knows_domains(site));
    ck_assert_int_eq(class_of(site, "far.example"), CLASS_OUTSIDE);
    site_free(site);
}
END_TEST

/* A null client's, or an outgoing relay's: complete, and there is nothing of ours in it. */
START_TEST(complete_and_empty_is_knowledge)
{
    struct site *site = site_new();

    site_add_domain(site, SPAN("localhost"), CLASS_OURS, false);
    site_domains_configured(site, true);
    ck_assert(site_knows_domains(site));
    ck_assert_int_eq(class_of(site, "far.example"), CLASS_OUTSIDE);
    site_free(site);
}
END_TEST

/* What can be learned, by what was configured before. */
static const struct {
    const char *name;
    bool certain;
    bool unconfigured, incomplete, complete;
} teachers[] = {
    {"certain", true, true, true, true},
    {"likely", false, true, true, false},
};

static bool teaches(bool certain, bool configured, bool complete)
{
    struct site *site = site_new();

    if (configured) {
        site_add_domain(site, SPAN("example.org"), CLASS_OURS, false);
        site_domains_configured(site, complete);
    }
    site_learn(site, SPAN("new.example"), CLASS_OURS, certain ? PROOF_CERTAIN : PROOF_BY_DELIVERY,
               0);
    bool ours = class_of(site, "NEW.example") == CLASS_OURS;
    site_free(site);
    return ours;
}

START_TEST(deliveries_teach)
{
    want_number(teachers[_i].name, teaches(teachers[_i].certain, false, false),
                teachers[_i].unconfigured);
    want_number(teachers[_i].name, teaches(teachers[_i].certain, true, false),
                teachers[_i].incomplete);
    want_number(teachers[_i].name, teaches(teachers[_i].certain, true, true),
                teachers[_i].complete);
}
END_TEST

/* Callers that remember a class must notice every change, even one that adds no name. */
START_TEST(every_change_is_a_generation)
{
    struct site *site = site_new();
    uint64_t before = site_generation(site);

    ck_assert(site_add_domain(site, SPAN(".example.org"), CLASS_RELAY_DOMAIN, false));
    ck_assert_uint_ne(site_generation(site), before);
    before = site_generation(site);
    site_domains_configured(site, false);
    ck_assert_uint_ne(site_generation(site), before);
    before = site_generation(site);
    ck_assert_int_eq(site_class(site, SPAN("example.org")), CLASS_OUTSIDE);
    site_learn(site, SPAN("example.org"), CLASS_OURS, PROOF_CERTAIN, 0);
    ck_assert_int_eq(site_class(site, SPAN("example.org")), CLASS_OURS);
    ck_assert_uint_ne(site_generation(site), before);
    before = site_generation(site);
    site_learn(site, SPAN("example.org"), CLASS_OURS, PROOF_CERTAIN, 0);
    ck_assert_uint_eq(site_generation(site), before);
    site_free(site);
}
END_TEST

START_TEST(one_complete_list_ends_the_matter)
{
    struct site *site = site_new();

    site_add_domain(site, SPAN("example.org"), CLASS_OURS, false);
    site_domains_configured(site, true);
    site_domains_configured(site, false);
    site_learn(site, SPAN("new.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0);
    ck_assert_int_eq(class_of(site, "new.example"), CLASS_OUTSIDE);
    site_free(site);
}
END_TEST

START_TEST(what_was_taken_out_is_not_learned)
{
    struct site *site = site_new();

    site_add_domain(site, SPAN("example.org"), CLASS_OURS, false);
    site_add_domain(site, SPAN("out.example"), CLASS_OUTSIDE, false);
    site_domains_configured(site, true);
    site_learn(site, SPAN("out.example"), CLASS_OURS, PROOF_CERTAIN, 0);
    ck_assert_int_eq(class_of(site, "out.example"), CLASS_OUTSIDE);
    site_free(site);
}
END_TEST

START_TEST(learning_ends_at_its_bound_and_is_counted)
{
    struct site *site = site_new();
    char name[32];

    for (int i = 0; i < SITE_LEARNED_MAX + 3; i++) {
        snprintf(name, sizeof(name), "d%d.example", i);
        site_learn(site, span_str(name), CLASS_OURS, PROOF_CERTAIN, 0);
    }
    site_learn(site, SPAN("d0.example"), CLASS_OURS, PROOF_CERTAIN, 0); /* known: no loss */
    site_learn(site, SPAN(""), CLASS_OURS, PROOF_CERTAIN, 0);
    site_learn(site, SPAN("[192.0.2.1]"), CLASS_OURS, PROOF_CERTAIN, 0);
    ck_assert_uint_eq(site_learned_dropped(site), 3);
    ck_assert_int_eq(class_of(site, "d0.example"), CLASS_OURS);
    snprintf(name, sizeof(name), "d%d.example", SITE_LEARNED_MAX);
    ck_assert_int_eq(class_of(site, name), CLASS_UNKNOWN);
    site_free(site);
}
END_TEST

static const struct {
    const char *address;
    bool unconfigured, configured;
} trusted[] = {
    {"127.0.0.1", true, true},
    {"::1", true, true},
    {"127.9.9.9", true, true},
    {"10.0.0.1", true, false},
    {"192.168.1.1", true, true},
    {"192.168.1.7", true, false},
    {"fe80::1", true, false},
    {"fd00::1", true, false},
    {"203.0.113.1", false, false},
    {"198.51.100.5", false, true},
    {"2001:db8::5", false, true},
    {"2001:db9::5", false, false},
    {"::ffff:198.51.100.5", false, true},
};

START_TEST(networks_are_asked_in_order)
{
    struct site *site = site_new();
    struct network out = network("192.168.1.7"), in = network("192.168.1.0/24"),
                   v4 = network("198.51.100.0/24"), v6 = network("[2001:db8::]/32");

    want_number(trusted[_i].address, trusts(site, trusted[_i].address), trusted[_i].unconfigured);
    ck_assert(site_add_network(site, &out, false) && site_add_network(site, &in, true));
    ck_assert(site_add_network(site, &v4, true) && site_add_network(site, &v6, true));
    site_networks_configured(site);
    ck_assert(site_knows_networks(site, SITE_NETWORKS_OF_ALL));
    want_number(trusted[_i].address, trusts(site, trusted[_i].address), trusted[_i].configured);
    site_free(site);
}
END_TEST

static const struct {
    const char *network;
    bool warns;
} wide[] = {
    {"0.0.0.0/0", true},     {"128.0.0.0/1", true}, {"10.0.0.0/7", true},     {"10.0.0.0/8", false},
    {"2001:db8::/31", true}, {"::/0", true},        {"2001:db8::/32", false},
};

START_TEST(a_network_too_wide_is_a_warning_and_no_trust)
{
    struct site *site = site_new();
    struct network n = network(wide[_i].network);

    ck_assert(site_add_network(site, &n, true));
    ck_assert(site_add_network(site, &n, true)); /* one warning only */
    site_networks_configured(site);
    want_number(wide[_i].network, site_warning_count(site), wide[_i].warns);
    want_number(wide[_i].network, site_trusts(site, SITE_NETWORKS_OF_ALL, &n.base),
                !wide[_i].warns);
    if (wide[_i].warns) {
        want_text(wide[_i].network, site_warning(site, 0)->code, "mynetworks-too-wide");
        ck_assert_ptr_nonnull(strstr(site_warning(site, 0)->text, wide[_i].network));
    }
    site_free(site);
}
END_TEST

START_TEST(a_wide_network_may_be_taken_out)
{
    struct site *site = site_new();
    struct network n = network("0.0.0.0/0"), lan = network("10.0.0.0/8");

    ck_assert(site_add_network(site, &n, false) && site_add_network(site, &lan, true));
    ck_assert_uint_eq(site_warning_count(site), 0);
    ck_assert(!trusts(site, "10.0.0.1"));
    ck_assert(trusts(site, "127.0.0.1"));
    site_free(site);
}
END_TEST

START_TEST(filters_have_address_and_port)
{
    struct site *site = site_new();
    struct address loopback = address("127.0.0.1"), other = address("192.0.2.9");

    ck_assert(!site_is_filter(site, &loopback, 10024));
    ck_assert(site_add_filter(site, &loopback, 10024));
    ck_assert(site_is_filter(site, &loopback, 10024));
    ck_assert(!site_is_filter(site, &loopback, 10025));
    ck_assert(!site_is_filter(site, &other, 10024));
    ck_assert(site_add_filter(site, &other, 0));
    ck_assert(site_is_filter(site, &other, 1) && site_is_filter(site, &other, 65535));
    site_free(site);
}
END_TEST

START_TEST(copies_go_to_whole_addresses)
{
    struct site *site = site_new();
    char address[32];

    ck_assert(!site_add_copy(site, SPAN("")));
    ck_assert(!site_add_copy(site, SPAN("example.org")));
    ck_assert(site_add_copy(site, SPAN("Archive@Example.org")));
    ck_assert(site_is_copy(site, SPAN("archive@example.ORG")));
    ck_assert(!site_is_copy(site, SPAN("b@example.org")));
    for (int i = 1; i < SITE_COPIES_MAX; i++) {
        snprintf(address, sizeof(address), "a%d@example.org", i);
        ck_assert(site_add_copy(site, span_str(address)));
    }
    ck_assert(!site_add_copy(site, SPAN("one-more@example.org")));
    ck_assert(site_add_copy(site, SPAN("a1@example.org")));
    site_free(site);
}
END_TEST

START_TEST(filter_services_have_names)
{
    struct site *site = site_new();
    char name[SERVICE_LEN_MAX];

    memset(name, 'x', sizeof(name));
    ck_assert(site_add_filter_service(site, SPAN("spamassassin")));
    ck_assert(site_is_filter_service(site, SPAN("spamassassin")));
    ck_assert(site_add_filter_service(site, SPAN("spamassassin")));
    ck_assert(site_is_filter_service(site, SPAN("spamassassin")));
    ck_assert(!site_is_filter_service(site, SPAN("spam")));
    ck_assert(!site_is_filter_service(site, SPAN("")));
    ck_assert(!site_add_filter_service(site, SPAN("")));
    ck_assert(!site_add_filter_service(site, span_of(name, sizeof(name))));
    ck_assert(site_add_filter_service(site, span_of(name, sizeof(name) - 1)));
    int added = 0;
    for (size_t len = 1; len < 40; len++)
        added += site_add_filter_service(site, span_of(name, len));
    ck_assert_int_lt(added, 39);
    site_free(site);
}
END_TEST

START_TEST(xforward_and_own_addresses)
{
    struct site *site = site_new();
    struct address a = address("192.0.2.9"), loopback = address("::1");
    struct network n = network("192.0.2.0/24");

    ck_assert(!site_may_xforward(site, &a));
    ck_assert(site_add_xforward(site, &n));
    ck_assert(site_may_xforward(site, &a));
    ck_assert(!site_may_xforward(site, &loopback));
    ck_assert(site_is_own_address(site, &loopback));
    ck_assert(!site_is_own_address(site, &a));
    for (int i = 0; i < 2 * SITE_NETWORKS_MAX; i++)
        ck_assert(site_add_own_address(site, &a)); /* kept once */
    ck_assert(site_is_own_address(site, &a));
    site_free(site);
}
END_TEST

START_TEST(networks_end_at_their_bound)
{
    struct site *site = site_new();
    struct network n = network("192.0.2.0/24");
    char text[32];

    for (int i = 0; i < SITE_NETWORKS_MAX; i++) {
        snprintf(text, sizeof(text), "10.%d.%d.0/24", i / 256, i % 256);
        n = network(text);
        ck_assert(site_add_network(site, &n, true));
    }
    ck_assert(site_add_network(site, &n, true)); /* kept once */
    n = network("192.0.2.0/24");
    ck_assert(!site_add_network(site, &n, true));
    site_free(site);
}
END_TEST

START_TEST(warnings_are_kept_once_and_to_a_bound)
{
    struct site *site = site_new();
    char text[2 * SITE_WARNING_TEXT_MAX];

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 2; i++) {
        site_warn(site, "a", "text %d", 1);
        site_warn(site, "a", "text %d", 2);
        site_warn(site, "b", "text %d", 1);
        site_warn(site, "c", "%s", text);
    }
    ck_assert_uint_eq(site_warning_count(site), 4);
    ck_assert_str_eq(site_warning(site, 2)->code, "b");
    ck_assert_str_eq(site_warning(site, 1)->text, "text 2");
    ck_assert_uint_eq(strlen(site_warning(site, 3)->text), SITE_WARNING_TEXT_MAX - 1);
    for (int i = 0; i < 2 * SITE_WARNINGS_MAX; i++)
        site_warn(site, "d", "%d", i);
    ck_assert_uint_eq(site_warning_count(site), SITE_WARNINGS_MAX);
    ck_assert_uint_eq(site_warnings_dropped(site), SITE_WARNINGS_MAX + 4);
    site_free(site);
}
END_TEST

/* In a fleet the clocks of many hosts are off and set right again, one after the other. */
START_TEST(what_is_over_makes_room_for_the_next_warning)
{
    struct site *site = site_new();

    for (int i = 0; i < SITE_WARNINGS_MAX; i++)
        site_warn(site, "a", "%d", i);
    ck_assert_int_eq(site_warn(site, "b", "standing"), 0);
    site_warning_over(site, 7);
    site_warning_over(site, 3);
    ck_assert_int_eq(site_warn(site, "b", "first"), 3);
    ck_assert_int_eq(site_warn(site, "b", "second"), 7);
    ck_assert_int_eq(site_warn(site, "b", "third"), 0);
    ck_assert_str_eq(site_warning(site, 2)->text, "first");
    ck_assert(!site_warning(site, 2)->over);
    ck_assert_uint_eq(site_warning(site, 2)->number, SITE_WARNINGS_MAX + 1);
    site_warning_over(site, 7);
    site_warning_over(site, 9);
    ck_assert_int_eq(site_warn(site, "b", "fourth"), 9);
    ck_assert_uint_eq(site_warning_count(site), SITE_WARNINGS_MAX);
    ck_assert_uint_eq(site_warnings_dropped(site), 2);
    site_free(site);
}
END_TEST

struct walk {
    char text[256];
};

static void add_domain_text(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                            enum proof proof, uint8_t door)
{
    struct walk *walk = ctx;
    size_t len = strlen(walk->text);

    (void)door;
    snprintf(walk->text + len, sizeof(walk->text) - len, "%.*s %d%d%d, ", SPAN_ARG(domain),
             (int)class, subdomains, proof != PROOF_NONE);
}

static void add_network_text(void *ctx, const struct network *net, bool is_trusted)
{
    struct walk *walk = ctx;
    char buf[NETWORK_TEXT_MAX];
    size_t len = strlen(walk->text);

    snprintf(walk->text + len, sizeof(walk->text) - len, "%s%s, ", is_trusted ? "" : "!",
             network_print(net, buf));
}

START_TEST(what_is_known_can_be_walked)
{
    struct site *site = site_new();
    struct network out = network("192.0.2.7"), in = network("192.0.2.0/24");
    struct walk walk = {""};

    site_add_domain(site, SPAN("example.org"), CLASS_OURS, false);
    site_add_network(site, &out, false);
    site_add_network(site, &in, true);
    site_learn(site, SPAN("new.example"), CLASS_OURS, PROOF_CERTAIN, 0);
    site_each_domain(site, add_domain_text, &walk);
    site_each_network(site, add_network_text, &walk);
    ck_assert_str_eq(walk.text, "example.org 100, new.example 101, !192.0.2.7/32, 192.0.2.0/24, ");
    site_set_address_form(site, ADDRESS_FORM_INTERNAL);
    ck_assert_int_eq(site_address_form(site), ADDRESS_FORM_INTERNAL);
    site_free(site);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site");

    tcase_add_test(tc, nothing_is_known_of_a_new_site);
    ADD_ROWS(tc, domains_have_their_class, classes);
    tcase_add_test(tc, localhost_alone_tells_nothing);
    tcase_add_test(tc, complete_and_empty_is_knowledge);
    ADD_ROWS(tc, deliveries_teach, teachers);
    tcase_add_test(tc, every_change_is_a_generation);
    tcase_add_test(tc, one_complete_list_ends_the_matter);
    tcase_add_test(tc, what_was_taken_out_is_not_learned);
    tcase_add_test(tc, learning_ends_at_its_bound_and_is_counted);
    ADD_ROWS(tc, networks_are_asked_in_order, trusted);
    ADD_ROWS(tc, a_network_too_wide_is_a_warning_and_no_trust, wide);
    tcase_add_test(tc, a_wide_network_may_be_taken_out);
    tcase_add_test(tc, filters_have_address_and_port);
    tcase_add_test(tc, copies_go_to_whole_addresses);
    tcase_add_test(tc, filter_services_have_names);
    tcase_add_test(tc, xforward_and_own_addresses);
    tcase_add_test(tc, networks_end_at_their_bound);
    tcase_add_test(tc, warnings_are_kept_once_and_to_a_bound);
    tcase_add_test(tc, what_is_over_makes_room_for_the_next_warning);
    tcase_add_test(tc, what_is_known_can_be_walked);
    ADD_ROWS(tc, smtp_takes_mail_outside, beginnings);
    return run_suite("site", tc);
}
