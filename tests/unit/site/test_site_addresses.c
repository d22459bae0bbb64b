/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "site/site.h"

START_TEST(a_login_is_an_address)
{
    struct site *site = site_new();

    site_set_seed(site, 7);
    site_see_login(site, SPAN("Bob@gmail.com"));
    site_see_login(site, SPAN("alice"));
    want_number("as it is", site_has_login_as(site, SPAN("Bob@gmail.com")), true);
    want_number("without case", site_has_login_as(site, SPAN("bob@Gmail.com")), true);
    want_number("another", site_has_login_as(site, SPAN("rob@gmail.com")), false);
    want_number("not an address", site_has_login_as(site, SPAN("alice")), false);
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

int main(void)
{
    TCase *tc = tcase_create("site_addresses");

    tcase_add_test(tc, a_login_is_an_address);
    tcase_add_test(tc, addresses_are_of_one_seed);
    return run_suite("site_addresses", tc);
}
