/* SPDX-License-Identifier: MIT */
#include "site/doors.h"

#include <stdio.h>

#include "rows.h"
#include "site/site_doors.h"

START_TEST(a_name_has_one_number)
{
    struct doors doors = {.count = 0};

    want_number("first", doors_number(&doors, SPAN("dovecot")), 1);
    want_number("second", doors_number(&doors, SPAN("maildrop")), 2);
    want_number("first again", doors_number(&doors, SPAN("dovecot")), 1);
    ck_assert(!doors_is_filter(&doors, 1));
    doors.door[0].gives = DOOR_GIVES_ALL;
    ck_assert(doors_is_filter(&doors, 1) && !doors_is_filter(&doors, 2));
    ck_assert(!doors_is_filter(&doors, 0) && !doors_is_filter(&doors, 3));
}
END_TEST

START_TEST(beyond_the_bounds_there_is_none)
{
    struct doors doors = {.count = 0};
    char name[200];

    for (int i = 1; i <= DOORS_MAX; i++) {
        snprintf(name, sizeof(name), "service%d", i);
        want_number(name, doors_number(&doors, span_str(name)), i);
    }
    want_number("one more", doors_number(&doors, SPAN("one more")), 0);
    want_number("known", doors_number(&doors, SPAN("service7")), 7);
    memset(name, 'a', sizeof(name));
    doors.count = 0;
    want_number("too long", doors_number(&doors, span_of(name, sizeof(name))), 0);
}
END_TEST

START_TEST(a_pipe_leads_away_by_what_it_takes)
{
    struct doors doors = {.count = 1};
    struct door *door = &doors.door[0];

    door->since_s = 1000;
    for (uint32_t i = 0; i < DOORS_ABROAD; i++) {
        ck_assert(!door_seems_to_lead_away(door, 1000 + DOORS_ABROAD_S));
        door->abroad[i] = i + 1;
    }
    ck_assert(!door_seems_to_lead_away(door, 1000 + DOORS_ABROAD_S - 1));
    ck_assert(door_seems_to_lead_away(door, 1000 + DOORS_ABROAD_S));
    door->abroad[DOORS_ABROAD - 1] = 0;
    door->domains = DOORS_TUNNEL_DOMAINS - 1;
    ck_assert(!door_seems_to_lead_away(door, 1000 + DOORS_TUNNEL_S));
    door->domains++;
    ck_assert(!door_seems_to_lead_away(door, 1000 + DOORS_TUNNEL_S - 1));
    ck_assert(door_seems_to_lead_away(door, 1000 + DOORS_TUNNEL_S));
    ck_assert(!door_seems_to_lead_away(door, 999)); /* a late line */
}
END_TEST

START_TEST(a_pipe_leads_away_unless_mail_comes_back)
{
    struct doors doors = {.count = 1};
    struct door *door = &doors.door[0];

    ck_assert(!doors_leads_away(&doors, 1));
    door->leads_away = true;
    ck_assert(doors_leads_away(&doors, 1));
    ck_assert(!doors_leads_away(&doors, 0) && !doors_leads_away(&doors, 2));
    door->takes_in = true;
    ck_assert(!doors_leads_away(&doors, 1));
    door->abroad[DOORS_ABROAD - 1] = 1;
    ck_assert(doors_leads_away(&doors, 1));
    door->gives = DOOR_GIVES_SOME;
    ck_assert(!doors_leads_away(&doors, 1));
    door->gives = DOOR_GIVES_NOTHING;
    door->gives = DOOR_GIVES_ALL;
    ck_assert(!doors_leads_away(&doors, 1));
}
END_TEST

START_TEST(a_door_is_one_way_once_much_has_gone_in)
{
    struct doors doors = {.count = 1};
    struct door *door = &doors.door[0];

    *door = (struct door){.since_s = 1000, .domains = DOORS_EXIT_DOMAINS - 1};
    ck_assert(!doors_is_one_way(&doors, 1, true, 1000));
    door->domains++;
    ck_assert(doors_is_one_way(&doors, 1, true, 1000));
    ck_assert(!doors_is_one_way(&doors, 0, true, 1000) && !doors_is_one_way(&doors, 2, true, 1000));
    door->domains = DOORS_TUNNEL_DOMAINS - 1;
    ck_assert(!doors_is_one_way(&doors, 1, false, 1000 + DOORS_TUNNEL_S));
    door->domains++;
    ck_assert(!doors_is_one_way(&doors, 1, false, 1000 + DOORS_TUNNEL_S - 1));
    ck_assert(doors_is_one_way(&doors, 1, false, 1000 + DOORS_TUNNEL_S));
    door->gives = DOOR_GIVES_SOME;
    ck_assert(!doors_is_one_way(&doors, 1, false, 1000 + DOORS_TUNNEL_S));
    ck_assert(!doors_is_one_way(&doors, 1, true, 1000 + DOORS_TUNNEL_S));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("doors");

    tcase_add_test(tc, a_name_has_one_number);
    tcase_add_test(tc, beyond_the_bounds_there_is_none);
    tcase_add_test(tc, a_pipe_leads_away_by_what_it_takes);
    tcase_add_test(tc, a_pipe_leads_away_unless_mail_comes_back);
    tcase_add_test(tc, a_door_is_one_way_once_much_has_gone_in);
    return run_suite("doors", tc);
}
