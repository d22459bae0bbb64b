/* SPDX-License-Identifier: MIT */
#include "site/site_hops.h"
#include "rows.h"
#include "site/site_doors.h"
#include "site/site_state.h"

START_TEST(an_exit_has_one_port_or_any)
{
    struct site *site = site_new();
    struct address a, b;

    ck_assert(address_parse(SPAN("127.0.0.1"), &a) && address_parse(SPAN("127.0.0.2"), &b));
    ck_assert(!site_is_exit(site, &a, 25));
    ck_assert(site_add_exit(site, &a, 11125) && site_add_exit(site, &a, 11125));
    want_number("once", (int64_t)site->exits.endpoints.count, 1);
    ck_assert(site_is_exit(site, &a, 11125) && !site_is_exit(site, &a, 25));
    ck_assert(!site_is_exit(site, &b, 11125));
    ck_assert(site_add_exit(site, &b, 0));
    ck_assert(site_is_exit(site, &b, 25));
    site_free(site);
}
END_TEST

START_TEST(services_have_a_bound)
{
    char name[SERVICE_LEN_MAX + 1];
    struct site *site = site_new();

    memset(name, 'x', sizeof(name));
    ck_assert(!site_add_exit_service(site, span_of(name, SERVICE_LEN_MAX)));
    ck_assert(!site_add_exit_service(site, SPAN("")));
    for (size_t i = 1; i <= SERVICES_MAX; i++)
        ck_assert(site_add_exit_service(site, span_of(name, i)));
    ck_assert(site_add_exit_service(site, span_of(name, 1)));
    ck_assert(!site_add_exit_service(site, SPAN("one more")));
    site_free(site);
}
END_TEST

START_TEST(an_exit_that_gives_back_is_none)
{
    struct site *site = site_new();
    uint8_t door = site_door(site, SPAN("ses")), other = site_door(site, SPAN("dovecot"));

    site_add_exit_service(site, SPAN("ses"));
    ck_assert(site_door_is_exit(site, door) && !site_door_is_exit(site, other));
    ck_assert(!site_door_is_exit(site, 0));
    ck_assert(site_door_leads_away(site, door, 0));
    ck_assert(site_door_is_told(site, door) && !site_door_is_told(site, other));
    ck_assert(!site_door_is_told(site, 0));
    site_door_returns(site, door);
    ck_assert(site_door_is_told(site, door));
    ck_assert(!site_door_is_exit(site, door) && !site_door_leads_away(site, door, 0));
    site_free(site);
}
END_TEST

static const struct {
    const char *door;
    bool told;
} doors[] = {
    {"127.0.0.1[127.0.0.1]:11125", true},
    {"localhost[127.0.0.1]:11125", true},
    {"127.0.0.1[127.0.0.1]:10024", false},
    {"mx1[private/scan]", false},
    {"uucp", false},
};

START_TEST(a_door_is_told_by_its_address)
{
    struct site *site = site_new();
    struct address a;

    uint8_t door = site_door(site, span_str(doors[_i].door));
    ck_assert(!site_door_is_told(site, door));
    ck_assert(address_parse(SPAN("127.0.0.1"), &a));
    ck_assert(site_add_exit(site, &a, 11125));
    want_number(doors[_i].door, site_door_is_told(site, door), doors[_i].told);
    site_free(site);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_hops");

    tcase_add_test(tc, an_exit_has_one_port_or_any);
    tcase_add_test(tc, services_have_a_bound);
    tcase_add_test(tc, an_exit_that_gives_back_is_none);
    ADD_ROWS(tc, a_door_is_told_by_its_address, doors);
    return run_suite("site_hops", tc);
}
