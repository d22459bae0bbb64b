/* SPDX-License-Identifier: MIT */
#include "site/site_doors.h"

#include "rows.h"
#include "site/site_state.h"

static struct site *site;

static void set_up(void)
{
    site = site_new();
    ck_assert_ptr_nonnull(site);
}

static void tear_down(void)
{
    site_free(site);
}

/* What a service took proves nothing once it has given mail back. */
START_TEST(a_door_that_returns_mail_proves_nothing)
{
    uint8_t door = site_door(site, SPAN("scan"));

    site_learn(site, SPAN("a.example"), CLASS_OURS, PROOF_BY_DELIVERY, door);
    want_number("before", site_class(site, SPAN("a.example")), CLASS_OURS);
    site_door_returns(site, door);
    ck_assert(site_door_is_filter(site, door));
    want_number("after", site_class(site, SPAN("a.example")), CLASS_UNKNOWN);
}
END_TEST

/* lmtp(8) goes to a public address only where the settings say so: what comes from there is ours,
 * if they don't tell our networks. */
START_TEST(a_mailbox_server_at_a_public_address_is_trusted)
{
    struct span text = SPAN("198.51.100.1"), client = SPAN("x.example[198.51.100.1]");
    struct address a;

    ck_assert(address_parse(text, &a));
    want_number("before", site_has_machine_at(site, &a, text), 0);
    uint64_t before = site_generation(site);
    site_door(site, SPAN("[198.51.100.1]:10024"));
    ck_assert_uint_ne(site_generation(site), before); /* what is remembered of clients is over */
    want_number("a filter", site_has_machine_at(site, &a, text), 1);
    want_number("has no mailboxes", site_has_mailboxes_at(site, text), 0);
    ck_assert_ptr_null(site_why_trusted(site, 0, &a, client));
    site_door(site, SPAN("x.example[198.51.100.1]:24"));
    want_number("mailboxes", site_has_mailboxes_at(site, text), 1);
    ck_assert_ptr_nonnull(site_why_trusted(site, 0, &a, client));
    struct site *other = site_new();
    site_learn_from(other, site);
    want_number("learned", site_has_mailboxes_at(other, text), 1);
    site_free(other);
    site_networks_configured(site);
    ck_assert_ptr_null(site_why_trusted(site, 0, &a, client));
}
END_TEST

static const struct {
    const char *name, *address;
    bool near, filter; /* once it has returned mail */
    bool by_smtp;
} doors[] = {
    {"dovecot[172.18.0.7]:24", "172.18.0.7", true, true, false},
    {"box[fd00::7]:24", "fd00::7", true, true, false},
    {"[10.0.0.5]", "10.0.0.5", true, false, true},
    {"[10.0.0.5]:10024", "10.0.0.5", true, true, true},
    {"127.0.0.1[127.0.0.1]:10024", "127.0.0.1", false, true, false},
    {"mx1[10.0.0.1]:24", "10.0.0.1", false, true, false}, /* this host's own */
    {"mx[198.51.100.1]:24", "198.51.100.1", true, true, false},
    {"[198.51.100.1]:10024", "198.51.100.1", true, true, false},
    {"spamassassin", "spamassassin", false, true, false},
};

/* A server behind this one may return some mail and keep the rest. */
START_TEST(a_door_is_at_its_address)
{
    struct span address = span_str(doors[_i].address);
    struct address own;

    ck_assert(address_parse(SPAN("10.0.0.1"), &own) && site_add_own_address(site, &own));
    ck_assert(!site_has_door_at(site, address));
    uint8_t door = site_door(site, span_str(doors[_i].name));
    want_number("near", site_door_is_near(site, door), doors[_i].near);
    want_number("by smtp", site_door_is_near_by_smtp(site, door), doors[_i].by_smtp);
    want_number("at", site_door_is_at(site, door, address), doors[_i].near);
    want_number("any at", site_has_door_at(site, address), doors[_i].near);
    ck_assert(!site_door_is_at(site, door, SPAN("172.18.0.70")));
    ck_assert(!site_door_is_at(site, door, SPAN_NONE) && !site_door_is_near(site, 0));
    ck_assert(!site_gives_back_at(site, address));
    site_door_returns(site, door);
    want_number("gives back", site_gives_back_at(site, address),
                doors[_i].filter && doors[_i].near);
    want_number("filter", site_door_is_filter(site, door), doors[_i].filter);
}
END_TEST

START_TEST(what_a_reply_names_was_given_back)
{
    uint8_t door = site_door(site, SPAN("[10.0.0.5]"));

    site_door_gives_back(site, door, true);
    ck_assert(site_gives_back_at(site, SPAN("10.0.0.5")));
    ck_assert(!site_gives_back_at(site, SPAN("10.0.0.6")) && !site_gives_back_at(site, SPAN_NONE));
}
END_TEST

START_TEST(settings_tell_where_mail_comes_back_from)
{
    struct address a;

    ck_assert(address_parse(SPAN("10.0.0.5"), &a) && site_add_filter(site, &a, 10024));
    ck_assert(site_gives_back_at(site, SPAN("10.0.0.5")));
    ck_assert(!site_gives_back_at(site, SPAN("10.0.0.6")));
}
END_TEST

/* Of a cluster behind one address, the network tells. Whoever is in another one outvotes nobody who
 * brings back more, and a door's uid is no network. */
START_TEST(machines_behind_an_address_bring_back)
{
    uint8_t door = site_door(site, SPAN("[10.0.0.5]:10024")), pipe = site_door(site, SPAN("pipe"));

    site_door_is_brought_back_from(site, door, SPAN("10.0.0.5")); /* itself */
    ck_assert(!site_gives_back_at(site, SPAN("10.0.0.7")));
    site_door_is_brought_back_from(site, pipe, SPAN("10.0.0.7")); /* nobody by SMTP */
    ck_assert(!site_gives_back_at(site, SPAN("10.0.0.7")));
    site_door_is_brought_back_from(site, door, SPAN("10.0.1.7"));
    site_door_is_brought_back_from(site, door, SPAN("10.0.1.8"));
    site_door_is_brought_back_from(site, door, SPAN("10.0.2.7"));
    ck_assert(site_gives_back_at(site, SPAN("10.0.1.255")));
    ck_assert(!site_gives_back_at(site, SPAN("10.0.2.7")));
    ck_assert(!site_is_bringer(site, site->doors.door[door - 1].bringer));
    ck_assert(!site_gives_back_at(site, SPAN_NONE));
}
END_TEST

START_TEST(a_tunnel_is_learned)
{
    struct site *one = site_new(), *other = site_new();
    uint8_t door = site_door(one, SPAN("127.0.0.1[127.0.0.1]:11125"));

    for (int i = 0; i < DOORS_TUNNEL_DOMAINS; i++)
        site_door_takes(one, door, (uint32_t)(1000 + i));
    ck_assert(!site_door_leads_away(one, door, 1000 + DOORS_TUNNEL_S - 1));
    ck_assert(!site_take_doubt(one));
    ck_assert(site_door_leads_away(one, door, 1000 + DOORS_TUNNEL_S));
    ck_assert(site_take_doubt(one) && !site_take_doubt(one)); /* what it took before */
    ck_assert(site_door_leads_away(one, door, 1000));         /* so has what is read again */
    ck_assert(!site_take_doubt(one));
    site_door(other, SPAN("another"));
    site_learn_from(other, one);
    ck_assert(site_door_leads_away(other, 2, 1000));
    site_door_gives_back(one, door, false);
    ck_assert(!site_door_leads_away(one, door, 1000 + DOORS_TUNNEL_S));
    ck_assert(site_door_has_given_back(one, door));
    ck_assert(!site_door_has_given_back(other, 2));
    ck_assert(site_door_has_given_back(other, 0)); /* of one without a number, nothing is known */
    site_free(one);
    site_free(other);
}
END_TEST

/* Domains that only a pipe's deliveries have shown to be ours are not, once it leads away. */
START_TEST(a_pipe_that_leads_away_proves_nothing)
{
    uint8_t door = site_door(site, SPAN("mailgun"));

    ck_assert(site_door_is_pipe(site, door));
    ck_assert(!site_door_is_pipe(site, site_door(site, SPAN("[10.0.0.1]:25"))));
    ck_assert(!site_door_is_pipe(site, 0));
    site_learn(site, SPAN("a.example"), CLASS_OURS, PROOF_BY_DELIVERY, door);
    site_door_takes_in(site, door);
    for (int i = 0; i < 2; i++) { /* once each */
        site_door_takes_abroad(site, door, SPAN("gmail.com"), 1000);
        site_door_takes_abroad(site, door, SPAN("Yahoo.com"), 1001);
        site_door_takes_abroad(site, door, SPAN("yahoo.com"), 1002);
    }
    ck_assert(!site_door_leads_away(site, door, 2000));
    site_door_takes_abroad(site, door, SPAN("web.de"), 2000);
    ck_assert(!site_door_leads_away(site, door, 0)); /* nobody has said what time it is */
    ck_assert(!site_door_leads_away(site, door, 1000 + DOORS_ABROAD_S - 1));
    want_number("before", site_class(site, SPAN("a.example")), CLASS_OURS);
    ck_assert(site_door_leads_away(site, door, 1000 + DOORS_ABROAD_S));
    want_number("after", site_class(site, SPAN("a.example")), CLASS_UNKNOWN);
    ck_assert(site_door_leads_away(site, door, 0));
    struct site *other = site_new();
    site_learn_from(other, site);
    ck_assert(site_door_leads_away(other, 1, 0));
    site_free(other);
    site_door_returns(site, door);
    ck_assert(!site_door_leads_away(site, door, 3000));
}
END_TEST

START_TEST(a_pipe_for_many_domains_leads_away_unless_strangers_write)
{
    uint8_t door = site_door(site, SPAN("uucp"));

    for (uint32_t i = 0; i < DOORS_TUNNEL_DOMAINS; i++) {
        ck_assert(!site_door_leads_away(site, door, 1000 + DOORS_TUNNEL_S));
        site_door_takes(site, door, 1000);
    }
    ck_assert(site_door_leads_away(site, door, 1000 + DOORS_TUNNEL_S));
    site_door_takes_in(site, door);
    ck_assert(!site_door_leads_away(site, door, 1000 + DOORS_TUNNEL_S));
}
END_TEST

static const struct {
    const char *name, *door;
    bool socket;
} sockets[] = {
    {"Postfix's folder", "mx1[private/scan]", true},
    {"elsewhere", "mx1[/run/dovecot/lmtp]", true},
    {"a server", "mx1[192.0.2.1]", false},
    {"its port", "mx1[192.0.2.1]:24", false},
    {"IPv6", "mx1[2001:db8::1]:24", false},
    {"by its address", "[192.0.2.1]", false},
    {"a pipe", "scan", false},
};

START_TEST(a_socket_is_told_by_its_name)
{
    uint8_t door = site_door(site, span_str(sockets[_i].door));

    want_number(sockets[_i].name, site_door_is_socket(site, door), sockets[_i].socket);
    ck_assert(!site_door_is_socket(site, 0));
    ck_assert(!site_door_is_socket(site, door + 1));
}
END_TEST

START_TEST(a_socket_that_takes_mail_for_the_outside_is_a_filter)
{
    uint8_t door = site_door(site, SPAN("mx1[private/scan]"));

    site_learn(site, SPAN("a.example"), CLASS_OURS, PROOF_BY_SOCKET, door);
    site_socket_takes_abroad(site, door, SPAN("gmail.com"));
    site_socket_takes_abroad(site, door, SPAN("yahoo.com"));
    site_socket_takes_abroad(site, door, SPAN("gmail.com"));
    ck_assert(!site_door_is_filter(site, door));
    site_socket_takes(site, door, SPAN("gmx.de"));
    ck_assert(site_door_is_filter(site, door));
    want_number("what it took", site_class(site, SPAN("a.example")), CLASS_UNKNOWN);
    struct site *other = site_new();
    site_door(other, SPAN("mx1[private/lmtp]"));
    site_learn_from(other, site);
    ck_assert(!site_door_is_filter(other, 1));
    ck_assert(site_door_is_filter(other, site_door(other, SPAN("mx1[private/scan]"))));
    site_free(other);
}
END_TEST

/* Some of what a door takes comes back. */
static const struct {
    const char *name;
    int taken, back, doubtful;
    bool filter;
} returns[] = {
    {"all", 3, 3, 0, true},
    {"too few", 2, 2, 0, false},
    {"that may be from elsewhere", 3, 2, 9, false},
    {"half", 6, 3, 0, true},
    {"less than half", 8, 3, 0, false},
    {"half of many", 1000, 127, 0, true},
    {"more than was taken", 0, 9, 0, false},
};

START_TEST(a_socket_that_mostly_gives_back_is_a_filter)
{
    uint8_t door = site_door(site, SPAN("mx1[private/scan]"));

    for (int i = 0; i < returns[_i].taken; i++)
        site_socket_takes(site, door, i % 2 ? SPAN("a.example") : SPAN_NONE);
    site_learn(site, SPAN("a.example"), CLASS_OURS, PROOF_BY_SOCKET, door);
    site_learn(site, SPAN("b.example"), CLASS_OURS, PROOF_BY_SOCKET, door);
    for (int i = 0; i < returns[_i].back; i++)
        site_socket_returns(site, door, SPAN("a.example"), true);
    for (int i = 0; i < returns[_i].doubtful; i++)
        site_socket_returns(site, door, SPAN("a.example"), false);
    want_number(returns[_i].name, site_door_is_filter(site, door), returns[_i].filter);
    want_number("its domain", site_class(site, SPAN("a.example")), CLASS_UNKNOWN);
    want_number("another one", site_class(site, SPAN("b.example")),
                returns[_i].filter ? CLASS_UNKNOWN : CLASS_OURS);
}
END_TEST

/* Most of what a door takes stays there, and what seems to have come back is told by the lines
 * of one second only. */
static const struct {
    const char *name;
    int taken, back, later; /* recipients; those that came back, the first of all; taken later */
    bool sure, gives, doubt;
} keeps[] = {
    {"none of a few", 3, 0, 0, false, false, false},
    {"one of one", 1, 1, 0, false, true, false},
    {"one of seven", 1, 1, 6, false, true, false},
    {"one of eight", 1, 1, 7, false, false, true},
    {"three of eight", 3, 3, 5, false, false, true},
    {"four of eight", 4, 4, 4, false, true, false},
    {"two of twelve", 2, 2, 10, false, false, true},
    {"one of many, for sure", 1, 1, 1000, true, true, false},
    {"one of many that did not", 50, 1, 0, false, false, false},
    {"one of many that did not, for sure", 50, 1, 0, true, true, false},
    {"all of many", 600, 600, 0, false, true, false},
};

START_TEST(a_door_that_keeps_most_gives_nothing_back)
{
    uint8_t door = site_door(site, SPAN("mailapi"));
    struct site *other = site_new();

    for (int i = 0; i < keeps[_i].taken; i++)
        site_door_took(site, door);
    for (int i = 0; i < keeps[_i].back; i++)
        site_door_gives_back(site, door, keeps[_i].sure);
    for (int i = 0; i < keeps[_i].later; i++)
        site_door_took(site, door);
    want_number(keeps[_i].name, site_door_has_given_back(site, door), keeps[_i].gives);
    want_number("doubt", site_take_doubt(site), keeps[_i].doubt);
    site_learn_from(other, site);
    site_door_took(other, site_door(other, SPAN("mailapi")));
    if (keeps[_i].sure)
        ck_assert(!site_door_keeps(other, 1));
    site_door_took(site, 0); /* beyond the bound of doors */
    ck_assert(!site_door_keeps(site, 0));
    site_free(other);
}
END_TEST

/* The uid that brings mail back is whoever does it mostly. */
static const struct {
    const char *name;
    uint32_t uid[6]; /* 0: no more */
    uint32_t bringer;
} bringers[] = {
    {"nobody", {0}, 0},
    {"one", {110}, 110},
    {"another, too", {110, 110, 1000}, 110},
    {"as often", {110, 1000}, 0},
    {"another, more often", {110, 1000, 1000, 1000}, 1000},
};

START_TEST(the_user_of_a_pipe_brings_its_mail_back)
{
    struct site *other = site_new();
    uint8_t door = site_door(site, SPAN("spamd"));

    site_door(other, SPAN("another"));
    for (int i = 0; bringers[_i].uid[i]; i++)
        site_door_is_brought_back_by(site, door, bringers[_i].uid[i]);
    site_door_returns(site, door);
    site_learn_from(other, site);
    for (int i = 0; bringers[_i].uid[i]; i++) {
        uint32_t uid = bringers[_i].uid[i];
        want_number(bringers[_i].name, site_is_bringer(site, uid), uid == bringers[_i].bringer);
        want_number("told", site_is_bringer(other, uid), uid == bringers[_i].bringer);
    }
    ck_assert(!site_is_bringer(site, 0));
    site_free(other);
}
END_TEST

START_TEST(votes_are_bounded)
{
    uint8_t door = site_door(site, SPAN("spamd"));

    for (int i = 0; i < 2 * UINT8_MAX; i++)
        site_door_is_brought_back_by(site, door, 110);
    for (int i = 0; i < UINT8_MAX; i++) {
        ck_assert(site_is_bringer(site, 110));
        site_door_is_brought_back_by(site, door, 1000);
    }
    ck_assert(!site_is_bringer(site, 110));
    site_door_is_brought_back_by(site, 0, 0); /* beyond the bound of doors */
    ck_assert(!site_is_bringer(site, 0));
}
END_TEST

/* Each site has its own numbers of doors. */
START_TEST(what_a_socket_proved_is_told_by_its_name)
{
    struct site *other = site_new();

    site_learn(site, SPAN("a.example"), CLASS_OURS, PROOF_BY_SOCKET,
               site_door(site, SPAN("mx1[private/scan]")));
    site_door(other, SPAN("mx1[private/lmtp]"));
    site_learn_from(other, site);
    site_door_returns(other, 1);
    want_number("of another", site_class(other, SPAN("a.example")), CLASS_OURS);
    site_door_returns(other, site_door(other, SPAN("mx1[private/scan]")));
    want_number("its own", site_class(other, SPAN("a.example")), CLASS_UNKNOWN);
    site_free(other);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_doors");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_mailbox_server_at_a_public_address_is_trusted);
    tcase_add_test(tc, a_door_that_returns_mail_proves_nothing);
    ADD_ROWS(tc, a_door_is_at_its_address, doors);
    tcase_add_test(tc, what_a_reply_names_was_given_back);
    tcase_add_test(tc, settings_tell_where_mail_comes_back_from);
    tcase_add_test(tc, machines_behind_an_address_bring_back);
    tcase_add_test(tc, a_tunnel_is_learned);
    tcase_add_test(tc, a_pipe_that_leads_away_proves_nothing);
    tcase_add_test(tc, a_pipe_for_many_domains_leads_away_unless_strangers_write);
    ADD_ROWS(tc, a_socket_is_told_by_its_name, sockets);
    tcase_add_test(tc, a_socket_that_takes_mail_for_the_outside_is_a_filter);
    ADD_ROWS(tc, a_socket_that_mostly_gives_back_is_a_filter, returns);
    tcase_add_test(tc, what_a_socket_proved_is_told_by_its_name);
    ADD_ROWS(tc, the_user_of_a_pipe_brings_its_mail_back, bringers);
    tcase_add_test(tc, votes_are_bounded);
    ADD_ROWS(tc, a_door_that_keeps_most_gives_nothing_back, keeps);
    return run_suite("site_doors", tc);
}
