/* SPDX-License-Identifier: MIT */
#include "parse/refused_by.h"

#include <stdio.h>

#include "rows.h"

#define DOVECOT "mx1[private/dovecot-lmtp]"
#define GATE    "gate[10.1.1.1]:25"

/* Who refuses, and what Postfix 3.7 logs of it. */
static const struct {
    const char *name;
    enum program program;
    enum address_class addresses;
    const char *relay, *reply, *want;
} rows[] = {
    {"local(8)", PROGRAM_LOCAL, ADDRESS_LOCAL, "local", "unknown user: \"bob\"",
     "local local local unknown user: '...'"},
    {"a name with blanks", PROGRAM_LOCAL, ADDRESS_LOCAL, "local", "unknown user: \"bob smith\"",
     "local local local unknown user: '...'"},
    {"a name with quotes", PROGRAM_LOCAL, ADDRESS_LOCAL, "local", "unknown user: \"a\"b\"",
     "local local local unknown user: '...'"},
    {"an address with blanks", PROGRAM_LMTP, ADDRESS_UNKNOWN, DOVECOT,
     "host " DOVECOT " said: 550 5.1.1 <\"a b>c\"@example.org> no, <x y> and <z",
     "lmtp unknown " DOVECOT " 550 5.1.1 <...> no, <x y> and <z"},
    {"virtual(8)", PROGRAM_VIRTUAL, ADDRESS_VIRTUAL_MAILBOX, "virtual",
     "unknown user: \"bob@example.org\"", "virtual virtual-mailbox virtual unknown user: '...'"},
    {"error(8)", PROGRAM_ERROR, ADDRESS_VIRTUAL_ALIAS, "none",
     "User unknown in virtual alias table",
     "error virtual-alias none User unknown in virtual alias table"},
    {"Dovecot", PROGRAM_LMTP, ADDRESS_UNKNOWN, DOVECOT,
     "host " DOVECOT " said: 550 5.1.1 <bob@example.org> User doesn't exist: bob@example.org (in "
     "reply to RCPT TO command)",
     "lmtp unknown " DOVECOT " 550 5.1.1 <...> User doesn't exist: ..."},
    {"Cyrus", PROGRAM_LMTP, ADDRESS_LOCAL, "mx1[/run/cyrus/lmtp]",
     "host mx1[/run/cyrus/lmtp] said: 550-Mailbox unknown.  Either there is no mailbox associated "
     "with this 550-name or you do not have authorization to see it. 550 5.1.1 User unknown (in "
     "reply to RCPT TO command)",
     "lmtp local mx1[/run/cyrus/lmtp] 550-Mailbox unknown.  Either there is no mailbox associated "
     "with this 550-name or you do not have authorization to see it. 550 5.1.1 User unknown"},
    {"pipe(8)", PROGRAM_PIPE, ADDRESS_VIRTUAL_MAILBOX, "maildrop",
     "user unknown. Command output: Invalid user specified.",
     "pipe virtual-mailbox maildrop user unknown. Command output: Invalid user specified."},
    {"a gateway's server", PROGRAM_SMTP, ADDRESS_RELAY, GATE,
     "host " GATE " said: 550 5.1.1 <bob@customer.example>: Recipient address rejected: User "
     "unknown in relay recipient table (in reply to RCPT TO command)",
     "smtp relay " GATE " 550 5.1.1 <...>: Recipient address rejected: User unknown in relay "
     "recipient table"},
    {"a greeting", PROGRAM_SMTP, ADDRESS_OUTSIDE, "mx[198.51.100.1]:25",
     "host mx[198.51.100.1] refused to talk to me: 554 5.7.1 192.0.2.77 is listed",
     "smtp outside mx[198.51.100.1]:25 554 5.7.1 ... is listed"},
    {"cleanup(8)", PROGRAM_CLEANUP, ADDRESS_UNKNOWN, "none", "5.7.1 message content rejected",
     "cleanup unknown none 5.7.1 message content rejected"},
    {"the user's name alone", PROGRAM_LMTP, ADDRESS_UNKNOWN, DOVECOT,
     "host " DOVECOT " said: 550 mailbox (bob) is no more",
     "lmtp unknown " DOVECOT " 550 mailbox (...) is no more"},
    {"a session's ID", PROGRAM_SMTP, ADDRESS_OUTSIDE, "mx[198.51.100.1]:25",
     "host mx[198.51.100.1] said: 550-5.7.1 spam. 5b1f17b1804b1-4a2si99 - gsmtp (in reply to end "
     "of DATA command)",
     "smtp outside mx[198.51.100.1]:25 550-5.7.1 spam. ... - gsmtp"},
    {"nothing", PROGRAM_LMTP, ADDRESS_UNKNOWN, "", "", "lmtp unknown none "},
    {"what a stranger may send to a terminal, or into quotes", PROGRAM_SMTP, ADDRESS_OUTSIDE,
     "a[b]",
     "host a[b] said: 550 \x1b[m\xe2\x80\xae \"x y\" \"z\n$(id) `id` (in reply to RCPT TO "
     "command)",
     "smtp outside a[b] 550 ?[m??? '...'z?$(id) `id`"},
    {"a reply that says who else refused", PROGRAM_SMTP, ADDRESS_OUTSIDE, "a[b]",
     "host a[b] said: 550 local local local unknown user",
     "smtp outside a[b] 550 local local local unknown user"},
};

static struct record record(int row)
{
    struct record rec = {.type = RECORD_DELIVERY,
                         .program = rows[row].program,
                         .recipient = SPAN("bob@example.org"),
                         .relay = span_str(rows[row].relay),
                         .reply = span_str(rows[row].reply)};

    return rec;
}

START_TEST(text_is_of_all_alike)
{
    struct record rec = record(_i);
    char buf[REFUSED_BY_MAX], text[REFUSED_BY_MAX + 1];
    struct span got = refused_by_print(&rec, rows[_i].addresses, buf);

    snprintf(text, sizeof(text), "%.*s", SPAN_ARG(got));
    want_text(rows[_i].name, text, rows[_i].want);
}
END_TEST

START_TEST(text_is_read_again)
{
    struct record rec = record(_i);
    char buf[REFUSED_BY_MAX];
    struct refused_by by;

    ck_assert(refused_by_read(refused_by_print(&rec, rows[_i].addresses, buf), &by));
    want_number(rows[_i].name, by.agent, rows[_i].program);
    want_number(rows[_i].name, by.addresses, rows[_i].addresses);
    ck_assert(span_equal(by.relay, rec.relay.len ? rec.relay : SPAN("none")));
}
END_TEST

START_TEST(long_texts_are_cut)
{
    char relay[2000], reply[2000], buf[REFUSED_BY_MAX];
    struct record rec = {.program = PROGRAM_VIRTUAL};
    struct refused_by by;

    for (size_t i = 0; i < sizeof(relay); i++) {
        relay[i] = 'r';
        reply[i] = i % 3 ? 'x' : ' ';
    }
    rec.relay = span_of(relay, sizeof(relay));
    rec.reply = span_of(reply, sizeof(reply));
    struct span text = refused_by_print(&rec, ADDRESS_VIRTUAL_MAILBOX, buf);
    ck_assert(text.len <= REFUSED_BY_MAX);
    ck_assert(refused_by_read(text, &by));
    want_number("relay", (int64_t)by.relay.len, 90);
    want_number("reply", (int64_t)by.reply.len, 160);
}
END_TEST

static const char *const others[] = {"", "lmtp", "lmtp unknown", "lmtp x y z", " lmtp unknown a b"};

START_TEST(other_texts_are_not_read)
{
    struct refused_by by;

    ck_assert_msg(!refused_by_read(span_str(others[_i]), &by), "%s", others[_i]);
}
END_TEST

/* Only Postfix's own words are of its tables. */
static const struct {
    const char *name;
    enum program program;
    const char *reply;
    enum address_class want;
} tables[] = {
    {"aliases", PROGRAM_ERROR, "User unknown in virtual alias table", ADDRESS_VIRTUAL_ALIAS},
    {"mailboxes", PROGRAM_ERROR, "User unknown in virtual mailbox table", ADDRESS_VIRTUAL_MAILBOX},
    {"users", PROGRAM_ERROR, "User unknown in local recipient table", ADDRESS_LOCAL},
    {"behind it", PROGRAM_ERROR, "User unknown in relay recipient table", ADDRESS_RELAY},
    {"by cleanup", PROGRAM_CLEANUP, "User unknown in virtual alias table", ADDRESS_VIRTUAL_ALIAS},
    {"without the table's name", PROGRAM_ERROR, "User unknown", ADDRESS_UNKNOWN},
    {"of another server", PROGRAM_SMTP, "User unknown in virtual alias table", ADDRESS_UNKNOWN},
    {"of a mailbox server", PROGRAM_LMTP, "User unknown in virtual alias table", ADDRESS_UNKNOWN},
    {"of a program", PROGRAM_PIPE, "User unknown in virtual alias table", ADDRESS_UNKNOWN},
    {"of a .forward's program", PROGRAM_LOCAL, "User unknown in virtual alias table",
     ADDRESS_UNKNOWN},
};

START_TEST(table_is_named_by_postfix_itself)
{
    struct record rec = {.program = tables[_i].program, .reply = span_str(tables[_i].reply)};

    want_text(tables[_i].name, address_class_name(refused_by_table(&rec)),
              address_class_name(tables[_i].want));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("refused_by");

    ADD_ROWS(tc, text_is_of_all_alike, rows);
    ADD_ROWS(tc, text_is_read_again, rows);
    tcase_add_test(tc, long_texts_are_cut);
    ADD_ROWS(tc, other_texts_are_not_read, others);
    ADD_ROWS(tc, table_is_named_by_postfix_itself, tables);
    return run_suite("refused_by", tc);
}
