/* SPDX-License-Identifier: MIT */
#include "parse/record_reject.h"
#include "rows.h"

#include <stdio.h>

#define DENIED "Relay access denied; from=<a@a.example> to=<x@b.example> proto=SMTP helo=<h>"

static const struct {
    const char *name, *text;
    enum refusal refusal;
    const char *domain;
} rows[] = {
    {"relaying", "RCPT from h[192.0.2.1]: 554 5.7.1 <x@b.example>: " DENIED, REFUSAL_RELAY_DENIED,
     "b.example"},
    {"no enhanced code", "RCPT from h[192.0.2.1]: 554 <x@b.example>: " DENIED, REFUSAL_RELAY_DENIED,
     "b.example"},
    {"with the port", "RCPT from h[192.0.2.1]:4711: 454 4.7.1 <x@b.example>: " DENIED,
     REFUSAL_RELAY_DENIED, "b.example"},
    {"nobody of that name",
     "RCPT from h[192.0.2.1]: 550 5.1.1 <x@b.example>: Recipient address rejected: User unknown in "
     "virtual mailbox table; from=<>",
     REFUSAL_USER_UNKNOWN, "b.example"},
    {"nobody at the relay domain",
     "RCPT from h[192.0.2.1]: 550 5.1.1 <x@b.example>: Recipient address rejected: User unknown in "
     "relay recipient table; from=<>",
     REFUSAL_RELAY_USER_UNKNOWN, "b.example"},
    {"a policy",
     "RCPT from h[192.0.2.1]: 450 4.2.0 <x@b.example>: Recipient address rejected: "
     "Greylisted; from=<>",
     REFUSAL_NONE, ""},
    {"the sender", "MAIL from h[192.0.2.1]: 550 5.1.8 <x@b.example>: " DENIED, REFUSAL_NONE, ""},
    {"the client",
     "RCPT from h[192.0.2.1]: 554 5.7.1 Service unavailable; Client host "
     "[192.0.2.1] blocked; from=<> to=<x@b.example>",
     REFUSAL_NONE, ""},
    {"a reason in the address",
     "RCPT from h[192.0.2.1]: 550 5.1.1 <\"a>: Relay access denied; \"@b.example>: Recipient "
     "address rejected: Greylisted; from=<>",
     REFUSAL_NONE, ""},
    /* The recipient is unquoted here, and its end may be beyond the cut at 510 bytes. */
    {"a whole reason in the address",
     "RCPT from h[192.0.2.1]: 550 5.1.1 <x@big.example>: Recipient address rejected: User unknown "
     "in local recipient table; from=<>@b.example>: Recipient address rejected: Greylisted; "
     "from=<> to=<y@b.example> proto=SMTP helo=<h>",
     REFUSAL_NONE, ""},
    {"a whole reason in the address, cut",
     "RCPT from h[192.0.2.1]: 550 5.1.1 <x@big.example>: Recipient address rejected: User unknown "
     "in local recipient table; aaaaaaaaaaaaaaaaaaaa; from=<> to=<y@b.example> proto=SMTP helo=<h>",
     REFUSAL_NONE, ""},
    {"an address without a domain", "RCPT from h[192.0.2.1]: 554 5.7.1 <x>: " DENIED, REFUSAL_NONE,
     ""},
    {"cut", "RCPT from h[192.0.2.1]: 554 5.7.1 <x@b.exam", REFUSAL_NONE, ""},
};

START_TEST(a_refusal_says_whose_the_domain_is)
{
    struct span domain = SPAN_NONE;
    enum refusal refusal = record_refusal(span_str(rows[_i].text), &domain);
    char got[64] = "";

    want_number(rows[_i].name, refusal, rows[_i].refusal);
    if (refusal != REFUSAL_NONE)
        snprintf(got, sizeof(got), "%.*s", SPAN_ARG(domain));
    want_text(rows[_i].name, got, rows[_i].domain);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("record_reject");

    ADD_ROWS(tc, a_refusal_says_whose_the_domain_is, rows);
    return run_suite("record_reject", tc);
}
