/* SPDX-License-Identifier: MIT */
#include "base/hash.h"
#include "rows.h"
#include "site/site.h"
#include "site/site_accounts.h"

START_TEST(a_login_is_an_address)
{
    struct site *site = site_new();

    site_set_seed(site, 7);
    site_see_login(site, SPAN("Bob@gmail.com"));
    want_number("as it is", site_has_login_as(site, SPAN("Bob@gmail.com")), true);
    want_number("without case", site_has_login_as(site, SPAN("bob@Gmail.com")), true);
    want_number("another", site_has_login_as(site, SPAN("rob@gmail.com")), false);
    want_number("none", site_has_login_as(site, SPAN("")), false);
    site_free(site);
}
END_TEST

START_TEST(addresses_are_of_one_seed)
{
    struct site *site = site_new(), *same = site_new(), *other = site_new();

    site_set_seed(site, 7);
    site_set_seed(same, 7);
    site_set_seed(other, 8);
    site_see_login(site, SPAN("bob@gmail.com"));
    site_learn_from(same, site);
    site_learn_from(other, site);
    want_number("the same", site_has_login_as(same, SPAN("bob@gmail.com")), true);
    want_number("another", site_has_login_as(other, SPAN("bob@gmail.com")), false);
    site_set_seed(same, 7);
    want_number("the same again", site_has_login_as(same, SPAN("bob@gmail.com")), true);
    site_set_seed(same, 9);
    site_set_seed(same, 7);
    want_number("another since", site_has_login_as(same, SPAN("bob@gmail.com")), false);
    site_free(site);
    site_free(same);
    site_free(other);
}
END_TEST

enum { BEGIN_S = 1795489200, DAY_S = 86400 };

static void see(struct site *site, const char *address)
{
    site_see_mailbox(site, span_str(address), hash_nocase(span_str(address), site_seed(site)),
                     BEGIN_S);
}

static const struct {
    const char *name, *address;
    uint32_t after_s;
    bool want;
} never_seen[] = {
    {"a mailbox", "bob@example.net", DAY_S, false},
    {"without case", "Bob@Example.net", DAY_S, false},
    {"with a detail", "bob+lists@example.net", DAY_S, false},
    {"seen with a detail", "eve+a@example.net", DAY_S, false},
    {"seen with another", "eve+b@example.net", DAY_S, false},
    {"seen with a detail, without it", "eve@example.net", DAY_S, false},
    {"a login", "carol@example.net", DAY_S, false},
    {"a login without a domain", "dave@example.net", DAY_S, false},
    {"none", "mallory@example.net", DAY_S, true},
    {"none, with a detail", "mallory+bob@example.net", DAY_S, true},
    {"of a domain without mailboxes", "mallory@example.org", DAY_S, false},
    {"without a domain", "mallory", DAY_S, false},
    {"of a pattern that got mail", "Bounce-af01c9@example.net", DAY_S, false},
    {"of a pattern that got none", "bounces-17@example.net", DAY_S, true},
    {"of that pattern elsewhere", "bounce-17@example.org", DAY_S, false},
    {"of a pattern that says nothing", "a1b2c3d4e5f6a7b8c9@example.net", DAY_S, true},
    {"before a day is over", "mallory@example.net", DAY_S - 1, false},
};

START_TEST(what_never_got_mail_does_not_exist)
{
    struct site *site = site_new();

    site_set_seed(site, 7);
    want_number("nothing is known", site_is_never_seen(site, SPAN("x@example.net"), UINT32_MAX),
                false);
    see(site, "bob@example.net");
    see(site, "eve+a@example.net");
    see(site, "bounce-12@example.net");
    see(site, "00112233aabbccddeeff44@example.net");
    site_see_login(site, SPAN("carol@example.net"));
    site_see_login(site, SPAN("dave"));
    want_number(never_seen[_i].name,
                site_is_never_seen(site, span_str(never_seen[_i].address),
                                   BEGIN_S + never_seen[_i].after_s),
                never_seen[_i].want);
    site_free(site);
}
END_TEST

START_TEST(a_whole_log_tells_at_once)
{
    struct site *site = site_new();

    see(site, "bob@example.net");
    site_mailboxes_told(site);
    want_number("told", site_is_never_seen(site, SPAN("x@example.net"), BEGIN_S), true);
    site_free(site);
}
END_TEST

START_TEST(too_many_tell_nothing)
{
    enum { MOST = 262144 };
    struct site *site = site_new();

    see(site, "bob@example.net");
    for (uint64_t i = 0; i < MOST; i++) {
        want_number("not too many",
                    site_is_never_seen(site, SPAN("x@example.net"), BEGIN_S + DAY_S), i < MOST - 1);
        site_see_mailbox(site, SPAN("any@example.net"), hash_mix(i + 1, HASH_ODD_1), BEGIN_S);
    }
    site_free(site);
}
END_TEST

static const struct {
    unsigned facts;
    bool of_known_ca, listed;
} certificates[] = {
    {0, false, false},
    {SITE_ALL_CERTS, true, false},
    {SITE_LISTED_CERTS, false, true},
    {SITE_LISTED_CERTS, true, true},
    {SITE_LISTED_CERTS | SITE_ALL_CERTS, false, true}, /* of no known CA, so it is listed */
    {SITE_LISTED_CERTS | SITE_ALL_CERTS, true, false},
};

START_TEST(a_certificate_is_listed_or_anybodys)
{
    struct site *site = site_new(), *other = site_new();

    site_set_fact(site, certificates[_i].facts);
    site_set_fact(other, certificates[_i].facts);
    uint64_t generation = site_generation(site);
    want_number("not yet", site_lists_certificate_of(site, SPAN("192.0.2.1")), false);
    site_see_certificate(site, SPAN("192.0.2.1"), certificates[_i].of_known_ca);
    want_number("judges again", site_generation(site) > generation, certificates[_i].listed);
    generation = site_generation(site);
    site_see_certificate(site, SPAN("192.0.2.1"), certificates[_i].of_known_ca);
    ck_assert_uint_eq(site_generation(site), generation);
    want_number("listed", site_lists_certificate_of(site, SPAN("192.0.2.1")),
                certificates[_i].listed);
    want_number("another", site_lists_certificate_of(site, SPAN("192.0.2.2")), false);
    want_number("no login", site_has_login_as(site, SPAN("192.0.2.1")), false);
    site_learn_from(other, site);
    want_number("learned", site_lists_certificate_of(other, SPAN("192.0.2.1")),
                certificates[_i].listed);
    site_free(site);
    site_free(other);
}
END_TEST

START_TEST(who_hands_over_mail_is_no_login_and_no_certificate)
{
    struct site *site = site_new(), *other = site_new();
    uint64_t generation = site_generation(site);

    want_number("not yet", site_has_handover_from(site, SPAN("192.0.2.1")), false);
    site_see_handover(site, SPAN("192.0.2.1"));
    want_number("then", site_has_handover_from(site, SPAN("192.0.2.1")), true);
    want_number("another", site_has_handover_from(site, SPAN("192.0.2.2")), false);
    want_number("no login", site_has_login_as(site, SPAN("192.0.2.1")), false);
    want_number("no certificate", site_has_certificate(site, SPAN("192.0.2.1")), false);
    ck_assert_uint_eq(site_generation(site), generation);
    site_learn_from(other, site);
    want_number("learned", site_has_handover_from(other, SPAN("192.0.2.1")), true);
    site_free(site);
    site_free(other);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_addresses");

    tcase_add_test(tc, a_login_is_an_address);
    tcase_add_test(tc, addresses_are_of_one_seed);
    ADD_ROWS(tc, what_never_got_mail_does_not_exist, never_seen);
    tcase_add_test(tc, a_whole_log_tells_at_once);
    tcase_add_test(tc, too_many_tell_nothing);
    ADD_ROWS(tc, a_certificate_is_listed_or_anybodys, certificates);
    tcase_add_test(tc, who_hands_over_mail_is_no_login_and_no_certificate);
    return run_suite("site_addresses", tc);
}
