/* SPDX-License-Identifier: MIT */
#include "site/postconf_filter.h"
#include "rows.h"
#include "site/site_doors.h"
#include "site/site_hops.h"

/* What the value adds as a filter: an address and port, or a service. */
static const struct {
    const char *value, *address;
    unsigned port, other_port; /* other_port must be none */
    const char *service;
    bool warns;
} rows[] = {
    {"smtp-amavis:[127.0.0.1]:10024", "127.0.0.1", 10024, 10025, NULL, false},
    {"smtp:127.0.0.1:10024", "127.0.0.1", 10024, 25, NULL, false},
    {"smtp:[::1]:10024", "::1", 10024, 25, NULL, false},
    {"smtp:[2001:db8::1]", "2001:db8::1", 25, 24, NULL, false},
    {"lmtp:[192.0.2.1]", "192.0.2.1", 24, 25, NULL, false},
    {"lmtp:inet:[192.0.2.1]:2003", "192.0.2.1", 2003, 24, NULL, false},
    {"smtp:localhost:10024", "127.0.0.1", 10024, 10025, NULL, false},
    {"smtp:[localhost]:10024", "::1", 10024, 10025, NULL, false},
    {"smtp:[127.0.0.1]:amavis", "127.0.0.1", 4711, 0, NULL, false},
    {"spamassassin", NULL, 0, 0, "spamassassin", false},
    {"spamassassin:", NULL, 0, 0, "spamassassin", false},
    {"scan:dummy", NULL, 0, 0, "scan", false},
    {"smtp:filter.example.org:10024", NULL, 0, 0, "smtp", true},
    {"lmtp:unix:private/filter", NULL, 0, 0, "private/filter", false},
    {"dspam:unix:/run/dspam/dspam.sock", NULL, 0, 0, "/run/dspam/dspam.sock", false},
    {"smtp:[127.0.0.1]:99999", "127.0.0.1", 4711, 0, NULL, false},
};

START_TEST(filters_are_found)
{
    struct site *site = site_new();
    struct address a;

    postconf_apply_filter(site, span_str(rows[_i].value));
    if (rows[_i].address) {
        ck_assert(address_parse(span_str(rows[_i].address), &a));
        ck_assert_msg(site_is_filter(site, &a, rows[_i].port), "%s: no filter", rows[_i].value);
        if (rows[_i].other_port)
            ck_assert_msg(!site_is_filter(site, &a, rows[_i].other_port), "%s: any port",
                          rows[_i].value);
    }
    if (rows[_i].service)
        ck_assert_msg(site_is_filter_service(site, span_str(rows[_i].service)), "%s: no service",
                      rows[_i].value);
    want_number(rows[_i].value, site_warning_count(site), rows[_i].warns);
    site_free(site);
}
END_TEST

static const char *const none[] = {"", ":", ":[127.0.0.1]:10024"};

START_TEST(without_a_transport_there_is_no_filter)
{
    struct site *site = site_new();
    struct address a;

    postconf_apply_filter(site, span_str(none[_i]));
    ck_assert(address_parse(SPAN("127.0.0.1"), &a));
    ck_assert(!site_is_filter(site, &a, 10024));
    ck_assert_uint_eq(site_warning_count(site), 0);
    site_free(site);
}
END_TEST

static const struct {
    const char *name, *relayhost, *transport;
    const char *address; /* the exit */
    unsigned port;
    const char *service;
} exits[] = {
    {"tunnel", "[127.0.0.1]:11125", "", "127.0.0.1", 11125, NULL},
    {"one of two", "mx.example.org:587, [::1]:11125", "", "::1", 11125, NULL},
    {"by name", "localhost:11125", "smtp", "127.0.0.1", 11125, NULL},
    {"of a transport", "", "smtp:[127.0.0.1]:11125", "127.0.0.1", 11125, NULL},
    {"pipe", "", "mailgun:", NULL, 0, "mailgun"},
    {"pipe alone", "", "mailgun", NULL, 0, "mailgun"},
    {"none", "", "smtp", NULL, 0, NULL},
};

START_TEST(exits_are_found)
{
    struct site *site = site_new();
    uint8_t door = site_door(site, SPAN("mailgun"));
    struct address a;

    postconf_apply_relayhost(site, span_str(exits[_i].relayhost));
    postconf_apply_transport(site, span_str(exits[_i].transport));
    want_number(exits[_i].name, site_door_is_exit(site, door), exits[_i].service != NULL);
    ck_assert(address_parse(span_str(exits[_i].address ? exits[_i].address : "127.0.0.1"), &a));
    want_number(exits[_i].name, site_is_exit(site, &a, 11125), exits[_i].address != NULL);
    want_number(exits[_i].name, site_is_exit(site, &a, 11126), false);
    site_free(site);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_filter");

    ADD_ROWS(tc, filters_are_found, rows);
    ADD_ROWS(tc, without_a_transport_there_is_no_filter, none);
    ADD_ROWS(tc, exits_are_found, exits);
    return run_suite("postconf_filter", tc);
}
