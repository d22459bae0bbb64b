/* SPDX-License-Identifier: MIT */
#include "site/proofs.h"

#include <stdio.h>

#include "parse/record_parse.h"
#include "rows.h"

#define TO(relay, status)                                                                          \
    "4FBFE15E604A: to=<x@example.org>, relay=" relay                                               \
    ", delay=1, delays=1/0/0/0, dsn=2.0.0, status=" status " (ok)"

#define UNKNOWN_ALIAS(status)                                                                      \
    "4FBFE15E604A: to=<x@example.org>, relay=none, delay=1, delays=1/0/0/0, dsn=5.1.1, "           \
    "status=" status " (User unknown in virtual alias table)"

static const struct {
    const char *name;
    enum program program;
    const char *text;
    enum proof proof;
    bool by_door;
} deliveries[] = {
    {"local", PROGRAM_LOCAL, TO("local", "sent"), PROOF_CERTAIN, false},
    {"virtual refuses", PROGRAM_VIRTUAL, TO("virtual", "bounced"), PROOF_CERTAIN, false},
    {"a mailbox's socket", PROGRAM_LMTP, TO("mx[private/dovecot-lmtp]", "sent"), PROOF_BY_SOCKET,
     false},
    {"a socket elsewhere", PROGRAM_LMTP, TO("mx[/run/dovecot/lmtp]", "sent"), PROOF_BY_SOCKET,
     false},
    {"a mailbox's socket refuses", PROGRAM_LMTP, TO("mx[private/dovecot-lmtp]", "bounced"),
     PROOF_NONE, false},
    {"a socket that can't be reached", PROGRAM_LMTP, TO("none", "deferred"), PROOF_NONE, false},
    {"lmtp to another host refuses", PROGRAM_LMTP, TO("box[192.0.2.1]:24", "bounced"), PROOF_NONE,
     true},
    {"lmtp to another host", PROGRAM_LMTP, TO("box[192.0.2.1]:24", "sent"), PROOF_BY_DELIVERY,
     true},
    {"a pipe service", PROGRAM_PIPE, TO("maildrop", "sent"), PROOF_BY_DELIVERY, true},
    {"a pipe service defers", PROGRAM_PIPE, TO("maildrop", "deferred"), PROOF_NONE, true},
    {"smtp", PROGRAM_SMTP, TO("mx.example.org[192.0.2.1]:25", "sent"), PROOF_NONE, false},
    {"error", PROGRAM_ERROR, TO("none", "bounced"), PROOF_NONE, false},
    {"error knows no such alias", PROGRAM_ERROR, UNKNOWN_ALIAS("bounced"), PROOF_BY_REFUSAL, false},
    {"error defers", PROGRAM_ERROR, UNKNOWN_ALIAS("deferred"), PROOF_NONE, false},
    {"a server says the same", PROGRAM_SMTP, UNKNOWN_ALIAS("bounced"), PROOF_NONE, false},
};

START_TEST(a_delivery_proves_whose_the_domain_is)
{
    struct record rec;

    record_parse(deliveries[_i].program, span_str(deliveries[_i].text), ADDRESS_FORM_EXTERNAL,
                 &rec);
    want_number("type", rec.type, RECORD_DELIVERY);
    want_number(deliveries[_i].name, proof_of_delivery(&rec, SPAN("mx1")), deliveries[_i].proof);
    want_number(deliveries[_i].name, proof_is_by_door(&rec), deliveries[_i].by_door);
}
END_TEST

static const struct {
    enum program program;
    const char *relay, *path;
} sockets[] = {
    {PROGRAM_LMTP, "mx[private/dovecot-lmtp]", "private/dovecot-lmtp"},
    {PROGRAM_LMTP, "mx[/run/dspam/dspam.sock]", "/run/dspam/dspam.sock"},
    {PROGRAM_LMTP, "mx[192.0.2.1]:24", ""},
    {PROGRAM_LMTP, "none", ""},
    {PROGRAM_LMTP, "[private/x]", ""},
    {PROGRAM_LMTP, "mx[private/x", ""},
    {PROGRAM_SMTP, "mx[private/x]", ""},
    {PROGRAM_PIPE, "mx[private/x]", ""},
};

START_TEST(lmtp_names_the_socket)
{
    struct record rec = {.program = sockets[_i].program, .relay = span_str(sockets[_i].relay)};
    struct address hop;
    unsigned port;

    rec.has_hop = record_relay(rec.relay, &hop, &port);
    ck_assert_msg(span_equal(proof_socket(&rec), span_str(sockets[_i].path)),
                  "%s: got \"%.*s\", want \"%s\"", sockets[_i].relay, SPAN_ARG(proof_socket(&rec)),
                  sockets[_i].path);
}
END_TEST

static const struct {
    const char *account, *domain;
} logins[] = {
    {"bob@example.org", "example.org"},
    {"bob", ""},
    {"bob@gmail.com", ""},
    {"bob@", ""},
};

START_TEST(a_login_tells_its_domain)
{
    char got[64];
    struct span domain = proof_domain_of_login(span_str(logins[_i].account));

    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(domain));
    want_text(logins[_i].account, got, logins[_i].domain);
}
END_TEST

#define A_32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
static const struct {
    const char *sender;
    bool bare;
} senders[] = {
    {"root", true},      {"www-data+a_b.c", true}, {"R00t", true}, {"", false},
    {"bob@a.ex", false}, {"bob%a.ex", false},      {"a!b", false}, {"a:b", false},
    {"\"b", false},      {"a b", false},           {"b{", false},  {"b`", false},
    {A_32 A_32, true},   {A_32 A_32 "a", false},   {"b@", false},  {"b\xc3\xa4", false},
    {"a=b", false},
};

START_TEST(a_bare_user_names_no_domain)
{
    want_number(senders[_i].sender, proof_is_bare_user(span_str(senders[_i].sender)),
                senders[_i].bare);
}
END_TEST

static const struct {
    const char *sender, *domain;
} postfix_senders[] = {
    {"double-bounce@mx.example.org", "mx.example.org"},
    {"double-bounce@", ""},
    {"double-bounce", ""},
    {"a-double-bounce@mx.example.org", ""},
    {"", ""},
};

START_TEST(postfix_own_sender_names_its_domain)
{
    char got[64];
    struct span domain = proof_domain_of_postfix(span_str(postfix_senders[_i].sender));

    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(domain));
    want_text(postfix_senders[_i].sender, got, postfix_senders[_i].domain);
}
END_TEST

static const struct {
    const char *message_id, *host, *id;
} ids[] = {
    {"<4jYT2S5yv8z1bvtt@mx.example.org>", "mx.example.org", "4jYT2S5yv8z1bvtt"},
    {"<4jYT2S5yv8z1bvtu@mx.example.org>", "", "4jYT2S5yv8z1bvtt"},
    {"<20190227100228.4FBFE15E604A@mx.example.org>", "mx.example.org", NULL},
    {"<20190227100228.4FBFE15E604B@mx.example.org>", "", NULL}, /* another message's */
    {"<2019022710022.4FBFE15E604A@mx.example.org>", "", NULL},
    {"<20190227100228x4FBFE15E604A@mx.example.org>", "", NULL},
    {"<20190227100228.4FBFE15E604A>", "", NULL},
    {"<1@a.example>", "", NULL},
    {"", "", NULL},
};

START_TEST(postfix_own_message_id_names_the_host)
{
    struct queue_id id;
    char got[64];

    ck_assert(queue_id_parse(span_str(ids[_i].id ? ids[_i].id : "4FBFE15E604A"), &id) >= 12);
    struct span host = proof_own_message_id(span_str(ids[_i].message_id), id);
    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(host));
    want_text(ids[_i].message_id, got, ids[_i].host);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("proofs");

    ADD_ROWS(tc, a_delivery_proves_whose_the_domain_is, deliveries);
    ADD_ROWS(tc, lmtp_names_the_socket, sockets);
    ADD_ROWS(tc, a_login_tells_its_domain, logins);
    ADD_ROWS(tc, a_bare_user_names_no_domain, senders);
    ADD_ROWS(tc, postfix_own_sender_names_its_domain, postfix_senders);
    ADD_ROWS(tc, postfix_own_message_id_names_the_host, ids);
    return run_suite("proofs", tc);
}
