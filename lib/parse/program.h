/* SPDX-License-Identifier: MIT */
/*
 * Does:         names the program that a syslog tag belongs to.
 * Doesn't know: what a program writes, or which instances exist.
 * Owns:         constant tables.
 * Time:         timeless.
 * Fails:        a tag of another program gives PROGRAM_NONE.
 */
#ifndef RELAYWATCH_PARSE_PROGRAM_H
#define RELAYWATCH_PARSE_PROGRAM_H

#include "base/span.h"

/* The program part of a tag, after its last "/". */
enum program {
    PROGRAM_NONE, /* not Postfix */
    PROGRAM_SMTPD,
    PROGRAM_QMQPD,
    PROGRAM_PICKUP,
    PROGRAM_CLEANUP,
    PROGRAM_QMGR,
    PROGRAM_BOUNCE,
    PROGRAM_SMTP,
    PROGRAM_LMTP,
    PROGRAM_LOCAL,
    PROGRAM_VIRTUAL,
    PROGRAM_PIPE,
    PROGRAM_ERROR,
    PROGRAM_DISCARD,
    PROGRAM_POSTSUPER,
    PROGRAM_MASTER,
    PROGRAM_SCRIPT, /* postfix-script and the other shell scripts: free text */
    PROGRAM_OTHER,  /* Postfix, but never a message's life: anvil, postscreen, tlsproxy ... */
    PROGRAM_AMAVIS, /* not Postfix: content filters whose records name both queue IDs */
    PROGRAM_MAILSCANNER,
    PROGRAM_COUNT
};

/* local(8) and virtual(8) only ever get mail for our own domains. */
static inline bool program_has_only_ours(enum program program)
{
    return program == PROGRAM_LOCAL || program == PROGRAM_VIRTUAL;
}

/* An lmtp or pipe transport leads to mailboxes, or else to a filter or a gateway. */
static inline bool program_may_have_ours(enum program program)
{
    return program == PROGRAM_LMTP || program == PROGRAM_PIPE;
}

static inline bool program_is_filter(enum program program)
{
    return program >= PROGRAM_AMAVIS;
}

/* What instance and program a tag names: "postfix-out/submission/smtpd". A filter's is empty. */
enum program program_of_tag(struct span tag, struct span *ret_instance);
/* "postfix", "postfix-out": what is left of a tag where rsyslog takes the "/" for its end;
 * "postfix@-.service": what journalctl -o with-unit prints instead of it. */
bool tag_has_lost_program(struct span tag);
/* "postfix/relay/smtp": by default (master.cf since 3.3) the transport of relay_domains. */
bool tag_is_relay_service(struct span tag);
/* "smtpd"; "none" and "other" for those two. */
const char *program_name(enum program program);

#endif
