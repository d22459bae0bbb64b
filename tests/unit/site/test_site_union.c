/* SPDX-License-Identifier: MIT */
#include "site/site_union.h"

#include <stdio.h>

#include "rows.h"
#include "site/site_accounts.h"
#include "site/site_doors.h"
#include "site/site_hops.h"
#include "site/site_hosts.h"
#include "site/site_state.h"

static struct site *all;
static struct site_union u;

/* Each host has its own of the two networks, and both have domains. */
static struct site *host_of(const char *domain, enum domain_class class, const char *network)
{
    struct site *its = site_new();
    struct network net;

    ck_assert(site_add_domain(its, span_str(domain), class, false));
    site_domains_configured(its, true);
    ck_assert(network_parse(span_str(network), &net));
    ck_assert(site_add_network(its, &net, true));
    site_networks_configured(its);
    return its;
}

static void add(const char *host, struct site *its)
{
    site_union_add(&u, span_str(host), its);
    site_free(its);
}

/* On a host whose settings are not known. */
static bool trusts(const char *text)
{
    struct address a;

    ck_assert(address_parse(span_str(text), &a));
    return site_trusts(all, SITE_NETWORKS_OF_ALL, &a);
}

static bool trusts_on(const char *host, const char *text)
{
    struct address a;

    ck_assert(address_parse(span_str(text), &a));
    return site_trusts(all, site_networks_of(all, span_str(host)), &a);
}

static void begin(void)
{
    all = site_new();
    ck_assert(site_union_init(&u, all));
}

static void end(void)
{
    ck_assert(site_union_done(&u));
}

START_TEST(what_is_ours_anywhere_is_ours_everywhere)
{
    begin();
    add("mx1", host_of("example.org", CLASS_RELAY_DOMAIN, "10.1.0.0/24"));
    struct site *second = host_of("b.example", CLASS_OURS, "10.2.0.0/24");
    ck_assert(site_add_domain(second, SPAN("c.example"), CLASS_OUTSIDE, false));
    add("mx2", second);
    struct site *third = host_of("example.org", CLASS_OURS, "10.2.0.0/24");
    ck_assert(site_add_domain(third, SPAN("c.example"), CLASS_RELAY_DOMAIN, false));
    add("mx3", third);
    end();
    want_number("ours before relay", site_class(all, SPAN("example.org")), CLASS_OURS);
    want_number("of the second", site_class(all, SPAN("b.example")), CLASS_OURS);
    want_number("relay before outside", site_class(all, SPAN("c.example")), CLASS_RELAY_DOMAIN);
    want_number("nobody's", site_class(all, SPAN("d.example")), CLASS_OUTSIDE);
    want_number("complete", site_may_have_more_domains(all), false);
    want_number("on a host that is not known", trusts("10.1.0.9"), true);
    want_number("there, another's", trusts("10.2.0.9"), true);
    want_number("nobody's network", trusts("10.3.0.9"), false);
    want_number("its own", trusts_on("mx1", "10.1.0.9"), true);
    want_number("not another's", trusts_on("mx1", "10.2.0.9"), false);
    want_number("the other's own", trusts_on("mx3", "10.2.0.9"), true);
    want_number("not the first's", trusts_on("mx3", "10.1.0.9"), false);
    site_free(all);
}
END_TEST

/* What one host does not tell is open on all. */
START_TEST(what_is_known_must_be_known_of_all)
{
    struct site *second = site_new();

    begin();
    add("mx1", host_of("example.org", CLASS_OURS, "10.1.0.0/24"));
    ck_assert(site_add_domain(second, SPAN("b.example"), CLASS_OURS, false));
    site_domains_configured(second, false);
    site_set_fact(second, SITE_SMTP_LEAVES | SITE_BCC_MAPS | SITE_LISTED_CERTS);
    add("mx2", second);
    end();
    want_number("more domains", site_may_have_more_domains(all), true);
    want_number("networks", site_knows_networks(all, SITE_NETWORKS_OF_ALL), false);
    want_number("private", trusts("10.3.0.9"), true);
    want_number("private, where networks are told", trusts_on("mx1", "10.3.0.9"), false);
    want_number("private, where they are not", trusts_on("mx2", "10.3.0.9"), true);
    want_number("of all", site_has_fact(all, SITE_SMTP_LEAVES), false);
    want_number("of one", site_has_fact(all, SITE_BCC_MAPS), true);
    want_number("certificates on one", site_has_fact(all, SITE_LISTED_CERTS), false);
    site_free(all);
}
END_TEST

/* The domain of logins holds where all say the same. */
START_TEST(logins_are_of_one_domain)
{
    for (int differ = 0; differ < 2; differ++) {
        begin();
        for (int i = 0; i < 3; i++) {
            struct site *its = host_of("example.org", CLASS_OURS, "10.1.0.0/24");
            site_set_login_domain(its, span_str(i == 1 && differ ? "b.example" : "a.example"));
            add(i ? "mx1" : "mx2", its);
        }
        end();
        want_number("length", (int64_t)site_login_domain(all).len, differ ? 0 : 9);
        site_free(all);
    }
}
END_TEST

/* A host that trusts everybody must not hide another's strangers; that is said, of alike hosts
 * once. */
START_TEST(a_wide_network_is_nobodys)
{
    static const char *const names[] = {"mx1", "mx2", "mx3"};

    begin();
    for (int i = 0; i < COUNT(names); i++)
        add(names[i], host_of("example.org", CLASS_OURS, i ? "0.0.0.0/0" : "10.1.0.0/24"));
    end();
    want_number("a stranger", trusts("192.0.2.1"), false);
    want_number("a stranger on the host that trusts all", trusts_on("mx2", "192.0.2.1"), false);
    want_number("listed", trusts("10.1.0.1"), true);
    want_number("by another host", trusts_on("mx2", "10.1.0.1"), false);
    want_number("warnings", (int64_t)site_warning_count(all), 1);
    want_text("code", site_warning(all, 0)->code, "mynetworks-too-wide");
    want_text("text", span_str(site_warning(all, 0)->text).at,
              "mx2 and 1 more hosts: mynetworks trusts 0.0.0.0/0, far more than any site owns: "
              "anyone in it may relay. It is not treated as trusted here. Set mynetworks to your "
              "own networks only.");
    site_free(all);
}
END_TEST

/* [site] goes before, on every host. */
START_TEST(settings_stay)
{
    struct network net;

    all = site_new();
    ck_assert(network_parse(SPAN("192.0.2.0/24"), &net) && site_add_network(all, &net, true));
    ck_assert(network_parse(SPAN("10.1.0.7/32"), &net) && site_add_network(all, &net, false));
    site_networks_configured(all);
    ck_assert(site_union_init(&u, all));
    ck_assert(site_add_domain(all, SPAN("example.org"), CLASS_OUTSIDE, false));
    add("mx1", host_of("example.org", CLASS_OURS, "10.1.0.0/24"));
    end();
    want_number("class", site_class(all, SPAN("example.org")), CLASS_OUTSIDE);
    want_number("trusted everywhere", trusts_on("mx1", "192.0.2.1"), true);
    want_number("its own", trusts_on("mx1", "10.1.0.8"), true);
    want_number("excluded everywhere", trusts_on("mx1", "10.1.0.7"), false);
    want_number("on a host that is not known", trusts_on("mx9", "192.0.2.1"), true);
    site_free(all);
}
END_TEST

/* So many that all together can't be kept: each host still has its own. */
START_TEST(more_networks_than_can_be_united)
{
    char host[20], network[40];

    begin();
    for (int i = 0; i <= SITE_NETWORKS_MAX; i++) {
        snprintf(host, sizeof(host), "mx%d", i);
        snprintf(network, sizeof(network), "10.%d.%d.0/24", i / 256, i % 256);
        add(host, host_of("example.org", CLASS_OURS, network));
    }
    end();
    want_number("the last one's", trusts_on("mx4096", "10.16.0.1"), true);
    want_number("it alone", trusts_on("mx4095", "10.16.0.1"), false);
    want_number("united", trusts("10.16.0.1"), false);
    want_number("the one before, united", trusts("10.15.255.1"), true);
    want_text("said", site_warning(all, 0)->code, "networks-not-taken");
    site_free(all);
}
END_TEST

START_TEST(exits_are_everybodys)
{
    struct address a;
    struct site *its = host_of("a.example", CLASS_OURS, "10.0.0.0/8");

    begin();
    ck_assert(address_parse(SPAN("127.0.0.1"), &a));
    site_add_exit(its, &a, 11125);
    site_add_exit_service(its, SPAN("ses"));
    add("mx1", its);
    end();
    ck_assert(site_is_exit(all, &a, 11125));
    ck_assert(site_door_is_exit(all, site_door(all, SPAN("ses"))));
    site_free(all);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_union");

    tcase_add_test(tc, what_is_ours_anywhere_is_ours_everywhere);
    tcase_add_test(tc, what_is_known_must_be_known_of_all);
    tcase_add_test(tc, logins_are_of_one_domain);
    tcase_add_test(tc, a_wide_network_is_nobodys);
    tcase_add_test(tc, settings_stay);
    tcase_add_test(tc, more_networks_than_can_be_united);
    tcase_add_test(tc, exits_are_everybodys);
    return run_suite("site_union", tc);
}
