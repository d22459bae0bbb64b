/* SPDX-License-Identifier: MIT */
#include "site/postconf_restrictions.h"
#include "rows.h"

#include "base/buf.h"

static const struct {
    const char *list;
    enum relay_guard want;
    const char *at;
} rows[] = {
    {"permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination", RELAY_GUARDED,
     "defer_unauth_destination"},
    {"permit_mynetworks reject_unauth_destination", RELAY_GUARDED, "reject_unauth_destination"},
    {"permit_mynetworks, REJECT", RELAY_GUARDED, "REJECT"},
    {"permit_auth_destination, defer", RELAY_GUARDED, "defer"},
    {"reject_unauth_destination, permit", RELAY_GUARDED, "reject_unauth_destination"},
    {"", RELAY_ENDED, ""},
    {"permit_mynetworks, permit_sasl_authenticated", RELAY_ENDED, ""},
    {"reject_unknown_recipient_domain, reject_rbl_client zen.example", RELAY_ENDED, ""},
    {"permit_mynetworks, permit, reject_unauth_destination", RELAY_PASSED, "permit"},
    {"Permit", RELAY_PASSED, "Permit"},
    {"warn_if_reject reject_unauth_destination", RELAY_ENDED, ""},
    {"warn_if_reject reject_rbl_client x, reject_unauth_destination", RELAY_GUARDED,
     "reject_unauth_destination"},
    {"warn_if_reject permit", RELAY_PASSED, "permit"},
    {"check_client_access static:OK, reject_unauth_destination", RELAY_PASSED,
     "check_client_access static:OK"},
    {"check_client_access static:{ OK } reject", RELAY_PASSED, "check_client_access static:{ OK }"},
    {"check_recipient_access static:250, reject", RELAY_PASSED,
     "check_recipient_access static:250"},
    {"check_client_access static:DUNNO, reject", RELAY_GUARDED, "reject"},
    {"check_client_access static:reject", RELAY_ENDED, ""},
    {"check_client_access cidr:{ {0.0.0.0/0 OK} }, reject_unauth_destination", RELAY_PASSED,
     "check_client_access cidr:{ {0.0.0.0/0 OK} }"},
    {"check_client_access cidr:{ {::/0 OK} }, reject", RELAY_PASSED,
     "check_client_access cidr:{ {::/0 OK} }"},
    {"check_client_access cidr:{ {203.0.113.0/24 OK} }, reject", RELAY_GUARDED, "reject"},
    {"check_client_access cidr:{ {192.0.2.7 REJECT}, {0.0.0.0/0 OK} } reject", RELAY_PASSED,
     "check_client_access cidr:{ {192.0.2.7 REJECT}, {0.0.0.0/0 OK} }"},
    {"check_client_access cidr:{ {0.0.0.0/0 DUNNO}, {0.0.0.0/0 OK} } reject", RELAY_GUARDED,
     "reject"},
    {"check_client_access pcre:{ {/./ OK} } reject", RELAY_PASSED,
     "check_client_access pcre:{ {/./ OK} }"},
    {"check_client_access regexp:{ {/^192/ OK} } reject", RELAY_GUARDED, "reject"},
    {"check_client_access hash:/etc/postfix/access, reject", RELAY_GUARDED, "reject"},
    {"check_client_access inline:{ {192.0.2.7 = OK} }, reject", RELAY_GUARDED, "reject"},
    {"check_sender_access inline:{ {pills.example = OK} }, reject", RELAY_CLAIMED,
     "check_sender_access inline:{ {pills.example = OK} }"},
    {"check_helo_access inline:{ mx=250 }, reject", RELAY_CLAIMED,
     "check_helo_access inline:{ mx=250 }"},
    {"check_sender_access inline:{ {pills.example = REJECT} }, reject", RELAY_GUARDED, "reject"},
    {"check_recipient_access inline:{ {a@b.example = OK} }, reject", RELAY_GUARDED, "reject"},
    {"check_client_access", RELAY_ENDED, ""},
    {"check_policy_service { inet:127.0.0.1:10023, default_action=DUNNO } reject", RELAY_GUARDED,
     "reject"},
    {"strict", RELAY_GUARDED, "strict"},
    {"open, reject", RELAY_PASSED, "open"},
    {"harmless, reject", RELAY_GUARDED, "reject"},
    {"circle, reject", RELAY_GUARDED, "reject"},
};

static const char classes[] = "strict = permit_mynetworks, reject_unauth_destination\n"
                              "open = permit\n"
                              "harmless = reject_rbl_client zen.example\n"
                              "circle = circle circle circle\n";

START_TEST(lists_are_read_as_postfix_does)
{
    struct postconf *postconf = postconf_parse(SPAN(classes));
    struct span at = SPAN("not set");

    want_number(rows[_i].list, postconf_relay_guard(postconf, span_str(rows[_i].list), &at),
                rows[_i].want);
    ck_assert_msg(span_equal(at, span_str(rows[_i].at)), "%s: got at \"%.*s\", want \"%s\"",
                  rows[_i].list, SPAN_ARG(at), rows[_i].at);
    postconf_free(postconf);
}
END_TEST

START_TEST(classes_that_name_each_other_end)
{
    struct buf text = buf_new(1 << 20);

    buf_add_str(&text, "c =");
    for (int i = 0; i < 20000; i++)
        buf_add_str(&text, " c");
    struct postconf *postconf = postconf_parse(buf_span(&text));
    struct span at;
    ck_assert_int_eq(postconf_relay_guard(postconf, SPAN("c"), &at), RELAY_GUARDED);
    postconf_free(postconf);
    buf_done(&text);
}
END_TEST

static const struct {
    const char *name, *text, *says; /* NULL: no warning */
} warnings[] = {
    {"not set", "smtpd_recipient_restrictions = permit\n", NULL},
    {"good", "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n", NULL},
    {"the other list guards",
     "smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = reject_unauth_destination\n",
     NULL},
    {"nothing refuses", "smtpd_relay_restrictions = permit_mynetworks\n", "nothing in it refuses"},
    {"permit", "smtpd_relay_restrictions = permit, reject\n", "permits everybody at \"permit\""},
    {"by sender", "smtpd_relay_restrictions = check_sender_access inline:{ {a = OK} }, reject\n",
     "whoever gives a certain sender"},
    {"through a setting", "mine = permit_mynetworks\nsmtpd_relay_restrictions = $mine, permit\n",
     "at \"permit\""},
    {"both permit",
     "smtpd_relay_restrictions = permit, reject\nsmtpd_recipient_restrictions = permit, reject\n",
     "permits everybody"},
};

START_TEST(open_relays_are_warned_of)
{
    struct postconf *postconf = postconf_parse(span_str(warnings[_i].text));
    struct site *site = site_new();

    postconf_warn_relay(postconf, site);
    want_number(warnings[_i].name, site_warning_count(site), warnings[_i].says != NULL);
    if (warnings[_i].says) {
        want_text(warnings[_i].name, site_warning(site, 0)->code, "relay-restrictions-open");
        ck_assert_msg(strstr(site_warning(site, 0)->text, warnings[_i].says) != NULL,
                      "%s: says \"%s\"", warnings[_i].name, site_warning(site, 0)->text);
    }
    site_free(site);
    postconf_free(postconf);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_restrictions");

    ADD_ROWS(tc, lists_are_read_as_postfix_does, rows);
    tcase_add_test(tc, classes_that_name_each_other_end);
    ADD_ROWS(tc, open_relays_are_warned_of, warnings);
    return run_suite("postconf_restrictions", tc);
}
