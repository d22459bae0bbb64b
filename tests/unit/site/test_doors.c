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

static const struct {
    const char *name;
    struct door door;
    enum door_state state;
} states[] = {
    {"a new one", {.gives = DOOR_GIVES_NOTHING}, DOOR_GIVES_NOTHING_BACK},
    {"a mail server", {.gives = DOOR_GIVES_SOME}, DOOR_GIVES_SOME_BACK},
    {"a filter", {.gives = DOOR_GIVES_ALL}, DOOR_FILTERS},
    {"an exit", {.leads_away = true}, DOOR_LEADS_AWAY},
    {"mailboxes", {.leads_away = true, .takes_in = true}, DOOR_GIVES_NOTHING_BACK},
    {"an exit, by its domains",
     {.leads_away = true, .takes_in = true, .abroad = {1, 2, 3}},
     DOOR_LEADS_AWAY},
    {"some came back", {.leads_away = true, .gives = DOOR_GIVES_SOME}, DOOR_GIVES_SOME_BACK},
    {"all came back", {.leads_away = true, .gives = DOOR_GIVES_ALL}, DOOR_FILTERS},
};

START_TEST(its_state_is_what_it_gave_back)
{
    struct doors doors = {.count = 1, .door[0] = states[_i].door};

    want_number(states[_i].name, doors_state(&doors, 1), states[_i].state);
    want_number("no door", doors_state(&doors, 0), DOOR_UNKNOWN);
    want_number("one that is not there", doors_state(&doors, 2), DOOR_UNKNOWN);
    ck_assert(!doors_gives_nothing(&doors, 0) && !doors_gives_nothing(&doors, 2));
    want_number(states[_i].name, doors_gives_nothing(&doors, 1),
                states[_i].door.gives == DOOR_GIVES_NOTHING);
}
END_TEST

START_TEST(a_door_is_one_way_once_much_has_gone_in)
{
    struct door door = {.since_s = 1000, .domains = DOORS_EXIT_DOMAINS - 1};

    ck_assert(!door_is_one_way(&door, true, 1000));
    door.domains++;
    ck_assert(door_is_one_way(&door, true, 1000));
    door.domains = DOORS_TUNNEL_DOMAINS - 1;
    ck_assert(!door_is_one_way(&door, false, 1000 + DOORS_TUNNEL_S));
    door.domains++;
    ck_assert(!door_is_one_way(&door, false, 1000 + DOORS_TUNNEL_S - 1));
    ck_assert(door_is_one_way(&door, false, 1000 + DOORS_TUNNEL_S));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("doors");

    tcase_add_test(tc, a_name_has_one_number);
    tcase_add_test(tc, beyond_the_bounds_there_is_none);
    tcase_add_test(tc, a_pipe_leads_away_by_what_it_takes);
    ADD_ROWS(tc, its_state_is_what_it_gave_back, states);
    tcase_add_test(tc, a_door_is_one_way_once_much_has_gone_in);
    return run_suite("doors", tc);
}
