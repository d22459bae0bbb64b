/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "parse/program.h"
#include "rows.h"

static const struct {
    const char *tag;
    enum program program;
    const char *instance;
} tags[] = {
    {"postfix/smtpd", PROGRAM_SMTPD, "postfix"},
    {"postfix/submission/smtpd", PROGRAM_SMTPD, "postfix"},
    {"postfix-out/smtp", PROGRAM_SMTP, "postfix-out"},
    {"postfix-out/10025/smtpd", PROGRAM_SMTPD, "postfix-out"},
    {"mailout/qmgr", PROGRAM_QMGR, "mailout"},
    {"postfix/nqmgr", PROGRAM_QMGR, "postfix"},
    {"postfix/oqmgr", PROGRAM_QMGR, "postfix"},
    {"postfix/relay/smtp", PROGRAM_SMTP, "postfix"},
    {"postfix/lmtp", PROGRAM_LMTP, "postfix"},
    {"postfix/local", PROGRAM_LOCAL, "postfix"},
    {"postfix/virtual", PROGRAM_VIRTUAL, "postfix"},
    {"postfix/pipe", PROGRAM_PIPE, "postfix"},
    {"postfix/error", PROGRAM_ERROR, "postfix"},
    {"postfix/discard", PROGRAM_DISCARD, "postfix"},
    {"postfix/bounce", PROGRAM_BOUNCE, "postfix"},
    {"postfix/pickup", PROGRAM_PICKUP, "postfix"},
    {"postfix/cleanup", PROGRAM_CLEANUP, "postfix"},
    {"postfix/qmqpd", PROGRAM_QMQPD, "postfix"},
    {"postfix/postsuper", PROGRAM_POSTSUPER, "postfix"},
    {"postfix/master", PROGRAM_MASTER, "postfix"},
    {"postfix/postfix-script", PROGRAM_SCRIPT, "postfix"},
    {"postfix/anvil", PROGRAM_OTHER, "postfix"},
    {"postfix/postscreen", PROGRAM_OTHER, "postfix"},
    {"postfix/of-the-future", PROGRAM_OTHER, "postfix"},
    {"postfix-x/of-the-future", PROGRAM_OTHER, "postfix-x"},
    {"mailout/of-the-future", PROGRAM_NONE, ""},
    {"postfix", PROGRAM_NONE, ""},
    {"/smtpd", PROGRAM_NONE, ""},
    {"postfix/", PROGRAM_OTHER, "postfix"},
    {"dovecot", PROGRAM_NONE, ""},
    {"smtpd", PROGRAM_NONE, ""},
};

START_TEST(tag_names_program_and_instance)
{
    struct span instance = SPAN_NONE;

    want_number(tags[_i].tag, program_of_tag(span_str(tags[_i].tag), &instance), tags[_i].program);
    if (tags[_i].program != PROGRAM_NONE)
        ck_assert_msg(span_equal(instance, span_str(tags[_i].instance)), "%s: got %.*s, want %s",
                      tags[_i].tag, SPAN_ARG(instance), tags[_i].instance);
}
END_TEST

START_TEST(relay_service_is_the_part_before_the_program)
{
    ck_assert(tag_is_relay_service(SPAN("postfix/relay/smtp")));
    ck_assert(tag_is_relay_service(SPAN("postfix-out/relay/smtp")));
    ck_assert(!tag_is_relay_service(SPAN("postfix/smtp")));
    ck_assert(!tag_is_relay_service(SPAN("relay/smtp")));
    ck_assert(!tag_is_relay_service(SPAN("postfix/norelay/smtp")));
    ck_assert(!tag_is_relay_service(SPAN("postfix/relay")));
}
END_TEST

START_TEST(tag_may_have_lost_its_program)
{
    ck_assert(tag_has_lost_program(SPAN("postfix")));
    ck_assert(tag_has_lost_program(SPAN("postfix-out")));
    ck_assert(tag_has_lost_program(SPAN("postfix@-.service")));
    ck_assert(tag_has_lost_program(SPAN("postfix.service")));
    ck_assert(!tag_has_lost_program(SPAN("postfix-out/smtp")));
    ck_assert(!tag_has_lost_program(SPAN("postfix/smtp")));
    ck_assert(!tag_has_lost_program(SPAN("postfixadmin")));
    ck_assert(!tag_has_lost_program(SPAN("dovecot")));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("program");

    ADD_ROWS(tc, tag_names_program_and_instance, tags);
    tcase_add_test(tc, relay_service_is_the_part_before_the_program);
    tcase_add_test(tc, tag_may_have_lost_its_program);
    return run_suite("program", tc);
}
