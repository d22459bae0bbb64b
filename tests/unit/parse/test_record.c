/* SPDX-License-Identifier: MIT */
/* What can be read from the fields of a record; tests/corpus/lines.txt has the records. */
#include <stdio.h>

#include "parse/record.h"
#include "rows.h"

static const struct {
    const char *relay, *address;
    unsigned port;
} relays[] = {
    {"mx.b.example[192.0.2.25]:25", "192.0.2.25", 25},
    {"mx.b.example[192.0.2.25]", "192.0.2.25", 0},
    {"mx.b.example[2001:db8::25]:587", "2001:db8::25", 587},
    {"127.0.0.1[127.0.0.1]:10024", "127.0.0.1", 10024},
    {"none", NULL, 0},
    {"local", NULL, 0},
    {"spamassassin", NULL, 0},
    {"mx1.example.net[private/dovecot-lmtp]", NULL, 0},
    {"mx1[]:25", NULL, 0},
    {"mx1[192.0.2.25", NULL, 0},
    {"", NULL, 0},
};

START_TEST(relay_is_an_address_and_a_port)
{
    struct address a;
    unsigned port = 0;
    char buf[ADDRESS_TEXT_MAX];
    bool ok = record_relay(span_str(relays[_i].relay), &a, &port);

    want_number(relays[_i].relay, ok, relays[_i].address != NULL);
    if (!ok)
        return;
    want_text(relays[_i].relay, address_print(&a, buf), relays[_i].address);
    want_number(relays[_i].relay, port, relays[_i].port);
}
END_TEST

static const struct {
    const char *reply, *id;
} forwards[] = {
    {"forwarded as 4FBFE15E604B", "4FBFE15E604B"},
    {"forwarded as 4jYT2T5bbcz1bvvF", "4jYT2T5bbcz1bvvF"},
    {"forwarded as 4FBFE15E604B ", NULL},
    {"forwarded as nothing", NULL},
    {"forwarded as ", NULL},
    {"delivered to command: forwarded as 4FBFE15E604B", NULL},
    {"", NULL},
};

START_TEST(only_the_whole_reply_is_a_forward)
{
    struct queue_id id = {0, 0};
    char buf[QUEUE_ID_TEXT_MAX];
    bool ok = record_forwarded_as(span_str(forwards[_i].reply), &id);

    want_number(forwards[_i].reply, ok, forwards[_i].id != NULL);
    if (ok)
        want_text(forwards[_i].reply, queue_id_print(id, buf), forwards[_i].id);
}
END_TEST

static const struct {
    enum program program;
    const char *relay, *reply;
    enum status status;
    bool program_took;
} takers[] = {
    {PROGRAM_LOCAL, "local", "delivered to command: /var/lib/mailman/mail/mailman post a",
     STATUS_SENT, true},
    {PROGRAM_LOCAL, "local", "delivered to command: x", STATUS_SENT, true},
    {PROGRAM_LOCAL, "local", "delivered to command: /usr/bin/procmail -a \"$EXTENSION\"",
     STATUS_SENT, false},
    {PROGRAM_LOCAL, "local", "delivered to command: procmail", STATUS_SENT, false},
    {PROGRAM_LOCAL, "local", "delivered to command: /usr/lib/dovecot/dovecot-lda -f a@b",
     STATUS_SENT, false},
    {PROGRAM_LOCAL, "local", "delivered to command: sh /usr/bin/procmail", STATUS_SENT, true},
    {PROGRAM_LOCAL, "local", "delivered to maildir", STATUS_SENT, false},
    {PROGRAM_LOCAL, "local", "delivered to file: delivered to command: x", STATUS_SENT, false},
    {PROGRAM_PIPE, "sympa", "delivered via sympa service", STATUS_SENT, true},
    {PROGRAM_PIPE, "sympa", "x", STATUS_DEFERRED, false},
    {PROGRAM_PIPE, "dovecot", "delivered via dovecot service", STATUS_SENT, false},
    {PROGRAM_PIPE, "maildrop", "x", STATUS_SENT, false},
    {PROGRAM_LMTP, "127.0.0.1[127.0.0.1]:8024", "250 Ok", STATUS_SENT, true},
    {PROGRAM_LMTP, "127.0.0.1[127.0.0.1]:24", "250 2.0.0 <a@b> x Saved", STATUS_SENT, false},
    {PROGRAM_LMTP, "mx1[private/dovecot-lmtp]", "250 Ok", STATUS_SENT, false},
    {PROGRAM_SMTP, "sl-email[10.0.0.5]:20381", "250 Ok", STATUS_SENT, true},
    {PROGRAM_SMTP, "mx.example.net[10.0.0.5]:25", "250 Ok", STATUS_SENT, false},
    {PROGRAM_SMTP, "mx.example.net[10.0.0.5]", "250 Ok", STATUS_SENT, false}, /* before 2.3 */
    {PROGRAM_VIRTUAL, "virtual", "delivered to command: x", STATUS_SENT, false},
};

START_TEST(mailboxes_are_not_taken_for_programs)
{
    struct record rec = {.program = takers[_i].program,
                         .type = RECORD_DELIVERY,
                         .relay = span_str(takers[_i].relay),
                         .reply = span_str(takers[_i].reply),
                         .status = takers[_i].status};

    rec.has_hop = record_relay(rec.relay, &rec.hop, &rec.hop_port);

    want_number(takers[_i].reply, record_is_taken_by_program(&rec), takers[_i].program_took);
}
END_TEST

static const struct {
    const char *reply, *ids;
} replies[] = {
    {"250 2.0.0 Ok: queued as 4FBFE15E604B", "4FBFE15E604B "},
    {"250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4jYT2T5bbcz1bvvF",
     "4jYT2T5bbcz1bvvF "},
    {"250 2.6.0 Ok, id=10522-10, from MTA: 250 2.0.0 Ok: queued as 4FBFE15E604B", "4FBFE15E604B "},
    {"250 Ok: 1234 bytes queued as 4FBFE15E604B", "4FBFE15E604B "},
    {"250 queued as AAAAA01, queued as AAAAA02)", "AAAAA01 AAAAA02 "},
    {"250 queued as queued as AAAAA01", "AAAAA01 "},
    {"250 queued as nothing, then queued as AAAAA02", "AAAAA02 "},
    {"250 2.7.0 Ok, discarded, id=1-2 - SPAM", ""},
    {"250 queued as ", ""},
    {"", ""},
};

START_TEST(reply_names_messages_one_after_the_other)
{
    struct span reply = span_str(replies[_i].reply);
    char got[200] = "", buf[QUEUE_ID_TEXT_MAX];
    struct queue_id id;

    while (record_queued_as(&reply, &id)) {
        strcat(got, queue_id_print(id, buf));
        strcat(got, " ");
    }
    want_text(replies[_i].reply, got, replies[_i].ids);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("record");

    ADD_ROWS(tc, relay_is_an_address_and_a_port, relays);
    ADD_ROWS(tc, only_the_whole_reply_is_a_forward, forwards);
    ADD_ROWS(tc, mailboxes_are_not_taken_for_programs, takers);
    ADD_ROWS(tc, reply_names_messages_one_after_the_other, replies);
    return run_suite("record", tc);
}
