/* SPDX-License-Identifier: MIT */
#include "site/domains.h"
#include "rows.h"

#include <stdio.h>

#define MANY 5000

static enum domain_class ask(const struct domains *domains, const char *name)
{
    return domains_class(domains, span_str(name));
}

static bool tell(struct domains *domains, const char *name, enum domain_class class,
                 bool subdomains)
{
    return domains_configure(domains, span_str(name), class, subdomains, MANY);
}

static const struct {
    const char *name;
    enum domain_class want;
} lookups[] = {
    {"example.org", CLASS_OURS},
    {"EXAMPLE.Org", CLASS_OURS},
    {"example.org.", CLASS_OURS},
    {"www.example.org", CLASS_UNKNOWN},
    {"xexample.org", CLASS_UNKNOWN},
    {"org", CLASS_UNKNOWN},
    {"", CLASS_UNKNOWN},
    {".", CLASS_UNKNOWN},
    {"..", CLASS_UNKNOWN},
    {"below.example", CLASS_UNKNOWN},
    {"a.below.example", CLASS_OURS},
    {"a.b.below.example", CLASS_OURS},
    {"relay.example", CLASS_RELAY_DOMAIN},
    {"a.relay.example", CLASS_RELAY_DOMAIN},
    {"out.relay.example", CLASS_OUTSIDE},
    {"a.out.relay.example", CLASS_RELAY_DOMAIN},
    {"near.relay.example", CLASS_OURS},
    {"a.near.relay.example", CLASS_OURS},
    {"mixed.example", CLASS_OURS},
    {"a.mixed.example", CLASS_RELAY_DOMAIN},
};

START_TEST(the_nearest_word_on_a_name_holds)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    ck_assert(tell(&domains, "Example.ORG", CLASS_OURS, false));
    ck_assert(tell(&domains, ".below.example", CLASS_OURS, false));
    ck_assert(tell(&domains, "out.relay.example", CLASS_OUTSIDE, false));
    ck_assert(tell(&domains, "relay.example", CLASS_RELAY_DOMAIN, true));
    ck_assert(tell(&domains, "near.relay.example", CLASS_OURS, true));
    ck_assert(tell(&domains, "mixed.example", CLASS_OURS, false));
    ck_assert(tell(&domains, ".mixed.example", CLASS_RELAY_DOMAIN, false));
    want_number(lookups[_i].name, ask(&domains, lookups[_i].name), lookups[_i].want);
    domains_done(&domains);
}
END_TEST

START_TEST(the_first_class_configured_holds)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    ck_assert(tell(&domains, "a.example", CLASS_OUTSIDE, false));
    ck_assert(tell(&domains, "A.example.", CLASS_OURS, false));
    ck_assert_int_eq(ask(&domains, "a.example"), CLASS_OUTSIDE);
    ck_assert_uint_eq(domains.configured, 1);
    domains_done(&domains);
}
END_TEST

START_TEST(configuration_replaces_what_was_learned)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    ck_assert(domains_learn(&domains, SPAN("a.example"), CLASS_OURS, PROOF_CERTAIN, 0, MANY));
    ck_assert_uint_eq(domains.learned_real, 1);
    ck_assert(tell(&domains, "a.example", CLASS_RELAY_DOMAIN, false));
    ck_assert_int_eq(ask(&domains, "a.example"), CLASS_RELAY_DOMAIN);
    ck_assert_uint_eq(domains.learned, 0);
    ck_assert_uint_eq(domains.learned_real, 0);
    ck_assert(domains_learn(&domains, SPAN("a.example"), CLASS_OURS, PROOF_CERTAIN, 0, MANY));
    ck_assert_int_eq(ask(&domains, "a.example"), CLASS_RELAY_DOMAIN);
    domains_done(&domains);
}
END_TEST

START_TEST(a_domain_with_only_subdomains_configured_can_be_learned)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    ck_assert(tell(&domains, ".a.example", CLASS_RELAY_DOMAIN, false));
    ck_assert(domains_learn(&domains, SPAN("a.example"), CLASS_OURS, PROOF_CERTAIN, 0, MANY));
    ck_assert(domains_learn(&domains, SPAN("b.a.example"), CLASS_OURS, PROOF_CERTAIN, 0, MANY));
    ck_assert_int_eq(ask(&domains, "a.example"), CLASS_OURS);
    ck_assert_int_eq(ask(&domains, "b.a.example"), CLASS_OURS);
    ck_assert_int_eq(ask(&domains, "c.a.example"), CLASS_RELAY_DOMAIN);
    domains_done(&domains);
}
END_TEST

START_TEST(a_subdomain_of_ours_needs_no_learning)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    ck_assert(tell(&domains, "a.example", CLASS_OURS, true));
    ck_assert(domains_learn(&domains, SPAN("b.a.example"), CLASS_OURS, PROOF_CERTAIN, 0, 0));
    ck_assert_uint_eq(domains.learned, 0);
    domains_done(&domains);
}
END_TEST

static const char *const no_domains[] = {
    "", ".", "..", "..example", "a b", "a\tb", "a@b", "[192.0.2.1]", "a\x7f.example",
};

START_TEST(what_can_be_no_domain_is_refused)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    ck_assert_msg(!tell(&domains, no_domains[_i], CLASS_OURS, true), "told %s", no_domains[_i]);
    ck_assert_msg(
        !domains_learn(&domains, span_str(no_domains[_i]), CLASS_OURS, PROOF_CERTAIN, 0, MANY),
        "learned %s", no_domains[_i]);
    domains_done(&domains);
}
END_TEST

START_TEST(names_end_at_255_bytes)
{
    struct domains domains;
    char name[256];

    memset(name, 'a', sizeof(name));
    ck_assert(domains_init(&domains));
    ck_assert(domains_configure(&domains, span_of(name, 255), CLASS_OURS, false, MANY));
    ck_assert(!domains_configure(&domains, span_of(name, 256), CLASS_OURS, false, MANY));
    ck_assert_int_eq(domains_class(&domains, span_of(name, 255)), CLASS_OURS);
    ck_assert_int_eq(domains_class(&domains, span_of(name, 256)), CLASS_UNKNOWN);
    ck_assert_int_eq(domains_class(&domains, span_of(name, 254)), CLASS_UNKNOWN);
    domains_done(&domains);
}
END_TEST

START_TEST(many_names_are_all_found_and_bounds_are_kept)
{
    struct domains domains;
    char name[64];

    ck_assert(domains_init(&domains));
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "host%d.example.net", i);
        ck_assert(tell(&domains, name, i % 2 ? CLASS_OURS : CLASS_RELAY_DOMAIN, false));
        snprintf(name, sizeof(name), "mail%d.example.com", i);
        ck_assert(domains_learn(&domains, span_str(name), CLASS_OURS, PROOF_CERTAIN, 0, MANY));
    }
    ck_assert(!tell(&domains, "one.too.many", CLASS_OURS, false));
    ck_assert(!domains_learn(&domains, SPAN("one.too.many"), CLASS_OURS, PROOF_CERTAIN, 0, MANY));
    ck_assert(tell(&domains, "host0.example.net", CLASS_OURS, false));
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "HOST%d.example.net", i);
        ck_assert_int_eq(ask(&domains, name), i % 2 ? CLASS_OURS : CLASS_RELAY_DOMAIN);
        snprintf(name, sizeof(name), "Mail%d.example.com", i);
        ck_assert_int_eq(ask(&domains, name), CLASS_OURS);
    }
    domains_done(&domains);
}
END_TEST

static void write_down(void *ctx, struct span domain, enum domain_class class, bool subdomains,
                       enum proof proof, uint8_t door)
{
    char *text = ctx;
    size_t len = strlen(text);

    (void)door;
    snprintf(text + len, 256 - len, "%.*s/%s%s%s ", SPAN_ARG(domain), class_name(class),
             subdomains ? "+" : "", proof != PROOF_NONE ? "?" : "");
}

/* The host's own name tells nothing about other domains, unless there is a better proof of it. */
START_TEST(a_better_proof_counts)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    ck_assert(
        domains_learn(&domains, SPAN("mx.own.example"), CLASS_OURS, PROOF_OF_HOSTNAME, 0, MANY));
    ck_assert_uint_eq(domains.learned, 1);
    ck_assert_uint_eq(domains.learned_real, 0);
    uint64_t changes = domains.changes;
    ck_assert(
        domains_learn(&domains, SPAN("mx.own.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0, MANY));
    ck_assert_uint_eq(domains.learned, 1);
    ck_assert_uint_eq(domains.learned_real, 1);
    ck_assert_uint_gt(domains.changes, changes);
    ck_assert(
        domains_learn(&domains, SPAN("mx.own.example"), CLASS_OURS, PROOF_OF_HOSTNAME, 0, MANY));
    ck_assert_uint_eq(domains.learned_real, 1);
    ck_assert(tell(&domains, "mx.own.example", CLASS_RELAY_DOMAIN, false));
    ck_assert_uint_eq(domains.learned, 0);
    ck_assert_uint_eq(domains.learned_real, 0);
    domains_done(&domains);
}
END_TEST

START_TEST(what_came_back_proves_nothing_any_more)
{
    struct domains d;

    ck_assert(domains_init(&d));
    ck_assert(domains_learn(&d, SPAN("a.example"), CLASS_OURS, PROOF_BY_SOCKET, 1, MANY));
    ck_assert(domains_learn(&d, SPAN("b.example"), CLASS_OURS, PROOF_BY_SOCKET, 1, MANY));
    ck_assert(domains_learn(&d, SPAN("c.example"), CLASS_OURS, PROOF_BY_SOCKET, 2, MANY));
    ck_assert(domains_learn(&d, SPAN("d.example"), CLASS_OURS, PROOF_BY_SOCKET, 1, MANY));
    ck_assert(domains_learn(&d, SPAN("d.example"), CLASS_OURS, PROOF_CERTAIN, 0, MANY));
    domains_forget_delivery(&d, SPAN("A.example."), 1);
    domains_forget_delivery(&d, SPAN("c.example"), 1);
    domains_forget_delivery(&d, SPAN("x.example"), 1);
    want_number("that domain", domains_class(&d, SPAN("a.example")), CLASS_UNKNOWN);
    want_number("another one", domains_class(&d, SPAN("b.example")), CLASS_OURS);
    want_number("another door's", domains_class(&d, SPAN("c.example")), CLASS_OURS);
    domains_forget_door(&d, 1);
    want_number("all of the door", domains_class(&d, SPAN("b.example")), CLASS_UNKNOWN);
    want_number("still another door's", domains_class(&d, SPAN("c.example")), CLASS_OURS);
    want_number("proved better", domains_class(&d, SPAN("d.example")), CLASS_OURS);
    domains_done(&d);
}
END_TEST

START_TEST(localhost_is_not_real)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    ck_assert(tell(&domains, "localhost", CLASS_OURS, false));
    ck_assert(tell(&domains, "LocalHost.example.org", CLASS_OURS, false));
    ck_assert(tell(&domains, "out.example", CLASS_OUTSIDE, false));
    ck_assert(!domains.configured_real);
    ck_assert(tell(&domains, "out.example", CLASS_OURS, false)); /* too late, it is outside */
    ck_assert(!domains.configured_real);
    ck_assert(tell(&domains, "localhosts", CLASS_OURS, false));
    ck_assert(domains.configured_real);
    domains_done(&domains);
}
END_TEST

START_TEST(all_are_visited_in_the_order_they_came)
{
    struct domains domains;
    char text[256] = "";

    ck_assert(domains_init(&domains));
    ck_assert(tell(&domains, "b.example", CLASS_RELAY_DOMAIN, true));
    ck_assert(tell(&domains, "A.example", CLASS_OURS, false));
    ck_assert(tell(&domains, ".A.example", CLASS_RELAY_DOMAIN, false));
    ck_assert(tell(&domains, ".c.example", CLASS_OURS, false));
    ck_assert(domains_learn(&domains, SPAN("d.example"), CLASS_OURS, PROOF_CERTAIN, 0, MANY));
    domains_each(&domains, write_down, text);
    ck_assert_str_eq(text, "b.example/relay-domain+ a.example/ours .a.example/relay-domain+ "
                           ".c.example/ours+ d.example/ours? ");
    domains_done(&domains);
}
END_TEST

/* domains_learn changes nothing exactly where domains_knows says so. */
START_TEST(what_is_known_changes_nothing)
{
    struct domains domains;
    struct span name = SPAN("example.org");

    ck_assert(domains_init(&domains));
    want_number("new", domains_knows(&domains, name, CLASS_OURS, PROOF_BY_LOGIN), false);
    domains_learn(&domains, name, CLASS_OURS, PROOF_BY_LOGIN, 0, 10);
    want_number("as good", domains_knows(&domains, name, CLASS_OURS, PROOF_BY_LOGIN), true);
    want_number("weaker", domains_knows(&domains, name, CLASS_OURS, PROOF_BY_NAME), true);
    want_number("better", domains_knows(&domains, name, CLASS_OURS, PROOF_CERTAIN), false);
    want_number("other class", domains_knows(&domains, name, CLASS_OUTSIDE, PROOF_BY_NAME), false);
    want_number("last dot",
                domains_knows(&domains, SPAN("Example.org."), CLASS_OURS, PROOF_BY_LOGIN), true);
    domains_configure(&domains, name, CLASS_OURS, false, 10);
    want_number("configured", domains_knows(&domains, name, CLASS_OURS, PROOF_CERTAIN), true);
    domains_done(&domains);
}
END_TEST

/* Of what the log taught, nothing tells the table. */
START_TEST(table_of_recipients_is_the_first_that_is_told)
{
    struct domains domains;

    ck_assert(domains_init(&domains));
    domains_set_address_class(&domains, SPAN("a.example"), ADDRESS_LOCAL);
    want_number("no such name", domains_address_class(&domains, SPAN("a.example")),
                ADDRESS_UNKNOWN);
    domains_learn(&domains, SPAN("b.example"), CLASS_OURS, PROOF_CERTAIN, 0, 10);
    domains_set_address_class(&domains, SPAN("b.example"), ADDRESS_LOCAL);
    want_number("learned", domains_address_class(&domains, SPAN("b.example")), ADDRESS_UNKNOWN);
    domains_configure(&domains, SPAN("a.example"), CLASS_OURS, false, 10);
    domains_set_address_class(&domains, SPAN("A.example"), ADDRESS_VIRTUAL_ALIAS);
    domains_set_address_class(&domains, SPAN("a.example"), ADDRESS_LOCAL);
    want_number("told", domains_address_class(&domains, SPAN("a.EXAMPLE.")), ADDRESS_VIRTUAL_ALIAS);
    domains_done(&domains);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("domains");

    ADD_ROWS(tc, the_nearest_word_on_a_name_holds, lookups);
    tcase_add_test(tc, the_first_class_configured_holds);
    tcase_add_test(tc, configuration_replaces_what_was_learned);
    tcase_add_test(tc, a_domain_with_only_subdomains_configured_can_be_learned);
    tcase_add_test(tc, a_subdomain_of_ours_needs_no_learning);
    ADD_ROWS(tc, what_can_be_no_domain_is_refused, no_domains);
    tcase_add_test(tc, names_end_at_255_bytes);
    tcase_add_test(tc, many_names_are_all_found_and_bounds_are_kept);
    tcase_add_test(tc, a_better_proof_counts);
    tcase_add_test(tc, what_is_known_changes_nothing);
    tcase_add_test(tc, what_came_back_proves_nothing_any_more);
    tcase_add_test(tc, localhost_is_not_real);
    tcase_add_test(tc, all_are_visited_in_the_order_they_came);
    tcase_add_test(tc, table_of_recipients_is_the_first_that_is_told);
    return run_suite("domains", tc);
}
