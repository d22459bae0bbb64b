/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "site/site_settings.h"

#include <stdio.h>

/* A site of these [site] lines. */
static struct site *site_of(const char *lines)
{
    struct site *site = site_new();
    struct settings settings;
    struct inifile_error err = {0, ""};
    char text[1024];

    snprintf(text, sizeof(text), "[site]\n%s", lines);
    ck_assert(settings_init(&settings));
    ck_assert_msg(settings_parse(&settings, span_str(text), &err), "%s", err.text);
    ck_assert_msg(site_apply_settings(site, &settings, &err), "%s", err.text);
    settings_done(&settings);
    return site;
}

static bool trusts(const struct site *site, const char *text)
{
    struct address a;

    ck_assert(address_parse(span_str(text), &a));
    return site_trusts(site, SITE_NETWORKS_OF_ALL, &a);
}

START_TEST(empty_settings_tell_nothing)
{
    struct site *site = site_of("");

    ck_assert(!site_knows_domains(site));
    ck_assert(!site_knows_networks(site, SITE_NETWORKS_OF_ALL));
    ck_assert(trusts(site, "10.0.0.1"));
    site_free(site);
}
END_TEST

static const struct {
    const char *domain;
    enum domain_class want;
} classes[] = {
    {"example.org", CLASS_OURS},
    {"a.example.org", CLASS_OUTSIDE},
    {"a.sub.example", CLASS_OURS},
    {"sub.example", CLASS_OUTSIDE},
    {"out.sub.example", CLASS_OUTSIDE},
    {"relay.example", CLASS_RELAY_DOMAIN},
    {"a.relay.example", CLASS_RELAY_DOMAIN},
    {"out.relay.example", CLASS_OUTSIDE},
    {"[192.0.2.1]", CLASS_OURS},
    {"[192.0.2.2]", CLASS_OUTSIDE},
};

START_TEST(domains_are_added)
{
    struct site *site = site_of("own_domains = example.org .sub.example !out.sub.example\n"
                                "relay_domains = !out.relay.example, relay.example\n"
                                "own_addresses = 192.0.2.1 [2001:db8::1]\n");

    ck_assert(site_knows_domains(site));
    want_number(classes[_i].domain, site_class(site, span_str(classes[_i].domain)),
                classes[_i].want);
    site_free(site);
}
END_TEST

START_TEST(own_domains_are_complete)
{
    struct site *site = site_of("own_domains = example.org\n");

    site_learn(site, SPAN("new.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0);
    ck_assert_int_eq(site_class(site, SPAN("new.example")), CLASS_OUTSIDE);
    site_free(site);
}
END_TEST

START_TEST(relay_domains_alone_leave_the_rest_open)
{
    struct site *site = site_of("relay_domains = relay.example\n");

    ck_assert(!site_knows_domains(site));
    ck_assert_int_eq(site_class(site, SPAN("relay.example")), CLASS_RELAY_DOMAIN);
    ck_assert_int_eq(site_class(site, SPAN("far.example")), CLASS_UNKNOWN);
    site_free(site);
}
END_TEST

START_TEST(networks_are_added_in_order)
{
    struct site *site = site_of("trusted_networks = !10.0.0.7 10.0.0.0/8, 0.0.0.0/0\n");

    ck_assert(site_knows_networks(site, SITE_NETWORKS_OF_ALL));
    ck_assert(!trusts(site, "10.0.0.7"));
    ck_assert(trusts(site, "10.0.0.8"));
    ck_assert(!trusts(site, "192.168.0.1"));
    ck_assert_uint_eq(site_warning_count(site), 1);
    want_text("code", site_warning(site, 0)->code, "mynetworks-too-wide");
    want_text("the setting is named", site_warning(site, 0)->text,
              "trusted_networks in [site] trusts 0.0.0.0/0, far more than any site owns. It is not "
              "treated as trusted here. Set trusted_networks in [site] to your own networks only.");
    site_free(site);
}
END_TEST

/* Settings that the parser has not checked. */
START_TEST(a_bad_word_is_named)
{
    struct site *site = site_new();
    char none[] = "", networks[] = "10.0.0.0/8, 10.0.0/8", domains[] = "a@b", relays[] = "!",
         addresses[] = "192.0.2.0/24";
    struct settings s = {0};
    struct inifile_error err;

    s.site.own_domains = s.site.relay_domains = s.site.own_addresses = none;
    s.site.trusted_networks = networks;
    ck_assert(!site_apply_settings(site, &s, &err));
    ck_assert_str_eq(err.text, "trusted_networks = 10.0.0/8; allowed: networks, as in "
                               "192.0.2.0/24, [2001:db8::]/32 or !192.0.2.1");
    ck_assert_int_eq(err.line, 0);
    s.site.trusted_networks = none;
    s.site.own_domains = domains;
    ck_assert(!site_apply_settings(site, &s, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "own_domains = a@b; "));
    s.site.own_domains = none;
    s.site.relay_domains = relays;
    ck_assert(!site_apply_settings(site, &s, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "relay_domains = !; "));
    s.site.relay_domains = none;
    s.site.own_addresses = addresses;
    ck_assert(!site_apply_settings(site, &s, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "own_addresses = 192.0.2.0/24; "));
    site_free(site);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_settings");

    tcase_add_test(tc, empty_settings_tell_nothing);
    ADD_ROWS(tc, domains_are_added, classes);
    tcase_add_test(tc, own_domains_are_complete);
    tcase_add_test(tc, relay_domains_alone_leave_the_rest_open);
    tcase_add_test(tc, networks_are_added_in_order);
    tcase_add_test(tc, a_bad_word_is_named);
    return run_suite("site_settings", tc);
}
