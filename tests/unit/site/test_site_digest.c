/* SPDX-License-Identifier: MIT */
#include "site/site_digest.h"

#include "rows.h"
#include "site/site_accounts.h"
#include "site/site_hops.h"
#include "site/site_hosts.h"
#include "site/site_state.h"

static void add_domain(struct site *site, const char *domain, enum domain_class class)
{
    site_add_domain(site, span_str(domain), class, false);
}

static void add_network(struct site *site, const char *text, bool trusted)
{
    struct network net;

    ck_assert(network_parse(span_str(text), &net));
    site_add_network(site, &net, trusted);
}

static struct address address(const char *text)
{
    struct address a;

    ck_assert(address_parse(span_str(text), &a));
    return a;
}

static void add_host(struct site *site, const char *host, const char *network)
{
    struct site *its = site_new();

    add_network(its, network, true);
    ck_assert(site_add_host(site, span_str(host), its));
    site_free(its);
}

/* A site with something of everything. */
static struct site *whole(void)
{
    struct site *site = site_new();
    struct address own = address("192.0.2.1"), filter = address("192.0.2.2");
    struct network net;

    ck_assert_ptr_nonnull(site);
    add_domain(site, "a.example", CLASS_OURS);
    add_domain(site, "b.example", CLASS_OURS);
    add_network(site, "10.0.0.0/8", true);
    add_network(site, "192.0.2.0/24", true);
    site_add_own_address(site, &own);
    site_add_filter(site, &filter, 10024);
    ck_assert(network_parse(SPAN("127.0.0.0/8"), &net));
    site_add_xforward(site, &net);
    site_add_copy(site, SPAN("all@archive.example"));
    site_add_filter_service(site, SPAN("scan"));
    site_add_sender_domain(site, SPAN("c.example"));
    site_set_settings_host(site, SPAN("mx1.a.example"));
    site_domains_configured(site, false);
    site_begin_hosts(site);
    add_host(site, "mx1", "10.1.0.0/24");
    return site;
}

static uint64_t digest_and_free(struct site *site)
{
    uint64_t digest = site_digest(site);

    site_free(site);
    return digest;
}

START_TEST(the_same_settings_give_the_same)
{
    ck_assert_uint_eq(digest_and_free(whole()), digest_and_free(whole()));
    ck_assert_uint_ne(digest_and_free(site_new()), 0);
}
END_TEST

START_TEST(order_of_domains_does_not_matter)
{
    struct site *x = site_new(), *y = site_new();

    add_domain(x, "a.example", CLASS_OURS);
    add_domain(x, "b.example", CLASS_RELAY_DOMAIN);
    add_domain(y, "b.example", CLASS_RELAY_DOMAIN);
    add_domain(y, "a.example", CLASS_OURS);
    ck_assert_uint_eq(digest_and_free(x), digest_and_free(y));
}
END_TEST

START_TEST(what_the_log_taught_does_not_matter)
{
    struct site *site = whole();
    uint64_t before = site_digest(site);

    site_learn(site, SPAN("learned.example"), CLASS_OURS, PROOF_CERTAIN, 0);
    ck_assert_int_eq(site_class(site, SPAN("learned.example")), CLASS_OURS);
    site_warn(site, "some", "warning");
    ck_assert_uint_eq(digest_and_free(site), before);
}
END_TEST

static void change_domain(struct site *site)
{
    add_domain(site, "d.example", CLASS_OURS);
}

static void change_class(struct site *site)
{
    add_domain(site, "d.example", CLASS_RELAY_DOMAIN);
}

static void change_subdomains(struct site *site)
{
    site_add_domain(site, SPAN("d.example"), CLASS_OURS, true);
}

static void change_network(struct site *site)
{
    add_network(site, "198.51.100.0/24", true);
}

static void change_exclusion(struct site *site)
{
    add_network(site, "198.51.100.0/24", false);
}

static void change_login_domain(struct site *site)
{
    site_set_login_domain(site, SPAN("a.example"));
}

static void change_own(struct site *site)
{
    struct address a = address("192.0.2.3");
    site_add_own_address(site, &a);
}

static void change_filter(struct site *site)
{
    struct address a = address("192.0.2.3");
    site_add_filter(site, &a, 10024);
}

static void change_port(struct site *site)
{
    struct address a = address("192.0.2.3");
    site_add_filter(site, &a, 10025);
}

static void change_xforward(struct site *site)
{
    struct network net;
    ck_assert(network_parse(SPAN("192.0.2.3"), &net));
    site_add_xforward(site, &net);
}

static void change_copy(struct site *site)
{
    site_add_copy(site, SPAN("boss@a.example"));
}

static void change_exit(struct site *site)
{
    struct address a = address("192.0.2.1");

    site_add_exit(site, &a, 11125);
}

static void change_exit_service(struct site *site)
{
    site_add_exit_service(site, SPAN("scan"));
}

static void change_service(struct site *site)
{
    site_add_filter_service(site, SPAN("other"));
}

static void change_sender_domain(struct site *site)
{
    site_add_sender_domain(site, SPAN("d.example"));
}

static void change_host(struct site *site)
{
    site_set_settings_host(site, SPAN("mx2.a.example"));
}

static void change_fact(struct site *site)
{
    site_set_fact(site, SITE_RELAYHOST);
}

static void change_completeness(struct site *site)
{
    site_domains_configured(site, true);
}

static void change_networks_known(struct site *site)
{
    site_networks_configured(site);
}

static void change_networks_incomplete(struct site *site)
{
    site_networks_incomplete(site);
}

static void change_form(struct site *site)
{
    site_set_address_form(site, ADDRESS_FORM_INTERNAL);
}

static void change_hosts(struct site *site)
{
    add_host(site, "mx2", "10.1.0.0/24");
}

static void change_host_name(struct site *site)
{
    struct named_host *host = site->hosts.items;

    host->name[2] = '3';
}

static void change_host_networks(struct site *site)
{
    add_host(site, "mx3", "10.2.0.0/24");
    ((struct named_host *)site->hosts.items)->networks = 2;
    free(((struct named_host *)site->hosts.items)[--site->hosts.count].name);
}

/* The first of the networks holds on every host. */
static void change_networks_of_all(struct site *site)
{
    site->for_all--;
}

static void change_networks_of_all_known(struct site *site)
{
    site->told_for_all = true;
}

static const struct {
    const char *name;
    void (*change)(struct site *site);
} changes[] = {
    {"domain", change_domain},
    {"class", change_class},
    {"subdomains", change_subdomains},
    {"network", change_network},
    {"exclusion", change_exclusion},
    {"domain of logins", change_login_domain},
    {"own address", change_own},
    {"filter", change_filter},
    {"filter's port", change_port},
    {"xforward", change_xforward},
    {"copy", change_copy},
    {"service", change_service},
    {"exit", change_exit},
    {"exit service", change_exit_service},
    {"sender domain", change_sender_domain},
    {"myhostname", change_host},
    {"fact", change_fact},
    {"completeness", change_completeness},
    {"networks are known", change_networks_known},
    {"networks are incomplete", change_networks_incomplete},
    {"address form", change_form},
    {"a host", change_hosts},
    {"another host", change_host_name},
    {"a host's networks", change_host_networks},
    {"the networks of all", change_networks_of_all},
    {"the networks of all are known", change_networks_of_all_known},
};

START_TEST(each_part_matters)
{
    uint64_t seen[COUNT(changes) + 1] = {digest_and_free(whole())};

    for (int i = 0; i < COUNT(changes); i++) {
        struct site *site = whole();
        changes[i].change(site);
        seen[i + 1] = digest_and_free(site);
        for (int k = 0; k <= i; k++)
            ck_assert_msg(seen[k] != seen[i + 1], "%s: as %s", changes[i].name,
                          k ? changes[k - 1].name : "without it");
    }
}
END_TEST

/* A new member that the settings set is to be part of the digest: add it, then put the size
 * here. */
START_TEST(nothing_new)
{
    want_number("site", sizeof(struct site), 12872);
}
END_TEST

START_TEST(order_of_networks_matters)
{
    struct site *x = site_new(), *y = site_new();

    add_network(x, "10.0.0.0/8", true);
    add_network(x, "10.1.0.0/16", false);
    add_network(y, "10.1.0.0/16", false);
    add_network(y, "10.0.0.0/8", true);
    ck_assert_uint_ne(digest_and_free(x), digest_and_free(y));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_digest");

    tcase_add_test(tc, the_same_settings_give_the_same);
    tcase_add_test(tc, order_of_domains_does_not_matter);
    tcase_add_test(tc, what_the_log_taught_does_not_matter);
    tcase_add_test(tc, each_part_matters);
    tcase_add_test(tc, nothing_new);
    tcase_add_test(tc, order_of_networks_matters);
    return run_suite("site_digest", tc);
}
