/* SPDX-License-Identifier: MIT */
#include "parse/program.h"

/* Programs whose records matter, the most frequent first: the tables are searched in order. */
static const struct {
    struct span name;
    enum program program;
} programs[] = {
    {SPAN("smtpd"), PROGRAM_SMTPD},
    {SPAN("cleanup"), PROGRAM_CLEANUP},
    {SPAN("qmgr"), PROGRAM_QMGR},
    {SPAN("smtp"), PROGRAM_SMTP},
    {SPAN("lmtp"), PROGRAM_LMTP},
    {SPAN("local"), PROGRAM_LOCAL},
    {SPAN("virtual"), PROGRAM_VIRTUAL},
    {SPAN("pipe"), PROGRAM_PIPE},
    {SPAN("bounce"), PROGRAM_BOUNCE},
    {SPAN("pickup"), PROGRAM_PICKUP},
    {SPAN("error"), PROGRAM_ERROR},
    {SPAN("discard"), PROGRAM_DISCARD},
    {SPAN("postsuper"), PROGRAM_POSTSUPER},
    {SPAN("master"), PROGRAM_MASTER},
    {SPAN("qmqpd"), PROGRAM_QMQPD},
    {SPAN("nqmgr"), PROGRAM_QMGR},
    {SPAN("oqmgr"), PROGRAM_QMGR},
    {SPAN("postfix-script"), PROGRAM_SCRIPT},
    {SPAN("postfix-tls-script"), PROGRAM_SCRIPT},
    {SPAN("postmulti-script"), PROGRAM_SCRIPT},
    {SPAN("post-install"), PROGRAM_SCRIPT},
    {SPAN("postfix-wrapper"), PROGRAM_SCRIPT},
};

/* Postfix's other programs, and policy servers that log under its name. */
static const struct span others[] = {
    SPAN("anvil"),          SPAN("postscreen"), SPAN("tlsproxy"),     SPAN("tlsmgr"),
    SPAN("dnsblog"),        SPAN("scache"),     SPAN("verify"),       SPAN("trivial-rewrite"),
    SPAN("proxymap"),       SPAN("flush"),      SPAN("showq"),        SPAN("spawn"),
    SPAN("postlogd"),       SPAN("postlog"),    SPAN("sendmail"),     SPAN("postdrop"),
    SPAN("postqueue"),      SPAN("postalias"),  SPAN("postmap"),      SPAN("postconf"),
    SPAN("postcat"),        SPAN("postkick"),   SPAN("postlock"),     SPAN("postmulti"),
    SPAN("postfix"),        SPAN("postfwd"),    SPAN("mailq"),        SPAN("newaliases"),
    SPAN("posttls-finger"), SPAN("smtp-sink"),  SPAN("smtp-source"),  SPAN("qmqp-source"),
    SPAN("nbdb_reindexd"),  SPAN("proxywrite"), SPAN("smtpd-policy"), SPAN("policyd-spf"),
};

enum program program_of_tag(struct span tag, struct span *ret_instance)
{
    ptrdiff_t first = span_find(tag, '/');
    ptrdiff_t last = span_find_last(tag, '/');

    if (first <= 0) {
        *ret_instance = SPAN_NONE;
        return span_equal(tag, SPAN("amavis"))        ? PROGRAM_AMAVIS
               : span_equal(tag, SPAN("MailScanner")) ? PROGRAM_MAILSCANNER
                                                      : PROGRAM_NONE;
    }
    struct span name = span_skip(tag, (size_t)last + 1);
    *ret_instance = span_head(tag, (size_t)first);
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
        if (span_equal(name, programs[i].name))
            return programs[i].program;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (span_equal(name, others[i]))
            return PROGRAM_OTHER;
    /* A program of a later version, if the instance is named as usual. */
    return span_starts(tag, SPAN("postfix")) ? PROGRAM_OTHER : PROGRAM_NONE;
}

bool tag_has_lost_program(struct span tag)
{
    return span_equal(tag, SPAN("postfix")) || span_equal(tag, SPAN("postfix.service")) ||
           ((span_starts(tag, SPAN("postfix-")) || span_starts(tag, SPAN("postfix@"))) &&
            span_find(tag, '/') < 0);
}

bool tag_is_relay_service(struct span tag)
{
    ptrdiff_t last = span_find_last(tag, '/');

    return last > 0 && span_ends(span_head(tag, (size_t)last), SPAN("/relay"));
}

const char *program_name(enum program program)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
        if (programs[i].program == program)
            return programs[i].name.at;
    return program == PROGRAM_NONE          ? "none"
           : program == PROGRAM_AMAVIS      ? "amavis"
           : program == PROGRAM_MAILSCANNER ? "MailScanner"
                                            : "other";
}
