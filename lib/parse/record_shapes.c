/* SPDX-License-Identifier: MIT */
#include "parse/record_shapes.h"

#define BIT(program) (1u << PROGRAM_##program)
#define ANY          (~0u)
#define AGENTS                                                                                     \
    (BIT(SMTP) | BIT(LMTP) | BIT(LOCAL) | BIT(VIRTUAL) | BIT(PIPE) | BIT(ERROR) | BIT(DISCARD) |   \
     BIT(QMGR))

struct shape {
    unsigned programs;  /* BIT(..) of those that may write it */
    struct span prefix; /* of the text, or all of it if `whole` */
    bool whole;
    enum record_type type;
    const char *name;
};

/* After "QID: ". Only the left end can be believed: the rest of a *_checks or milter record is text
 * from the message (cleanup/cleanup_message.c). */
static const struct shape with_id[] = {
    {BIT(CLEANUP), SPAN("removed ("), false, RECORD_REFUSED, "canceled or discarded (3.10)"},
    {BIT(POSTSUPER), SPAN("requeued"), true, RECORD_REQUEUED, "requeued"},
    {BIT(POSTSUPER), SPAN("placed on hold"), true, RECORD_HELD, "placed on hold"},
    {BIT(POSTSUPER), SPAN("released from hold"), true, RECORD_RELEASED, "released from hold"},
    {BIT(POSTSUPER), SPAN("expired"), true, RECORD_NOTE, "to be expired (3.5)"},
    /* At the end of the message a milter decides on the whole of it, before that on one command. */
    {BIT(CLEANUP), SPAN("milter-reject: END-OF-MESSAGE "), false, RECORD_REFUSED, "milter reject"},
    {BIT(CLEANUP), SPAN("milter-discard: "), false, RECORD_REFUSED, "milter discard"},
    {BIT(CLEANUP), SPAN("milter-hold: "), false, RECORD_HELD, "milter hold"},
    {BIT(CLEANUP), SPAN("milter-"), false, RECORD_NOTE, "milter action"},
    {BIT(CLEANUP), SPAN("reject: "), false, RECORD_REFUSED, "content rejected"},
    {BIT(CLEANUP), SPAN("discard: "), false, RECORD_REFUSED, "content discarded"},
    {BIT(CLEANUP), SPAN("hold: "), false, RECORD_HELD, "held by a content check"},
    {BIT(CLEANUP), SPAN("resent-message-id="), false, RECORD_NOTE, "resent-message-id"},
    {BIT(CLEANUP) | AGENTS, SPAN("warning: "), false, RECORD_NOTE, "content check: warn"},
    {BIT(CLEANUP) | AGENTS, SPAN("info: "), false, RECORD_NOTE, "content check: info"},
    {BIT(CLEANUP), SPAN("filter: "), false, RECORD_NOTE, "content check: filter"},
    {BIT(CLEANUP), SPAN("pass: "), false, RECORD_NOTE, "content check: pass (3.2)"},
    {BIT(CLEANUP), SPAN("delay: "), false, RECORD_NOTE, "content check: delay"},
    {BIT(CLEANUP) | AGENTS, SPAN("prepend: "), false, RECORD_NOTE, "content check: prepend"},
    {BIT(CLEANUP) | AGENTS, SPAN("replace: "), false, RECORD_NOTE, "content check: replace"},
    {BIT(CLEANUP), SPAN("redirect: "), false, RECORD_NOTE, "content check: redirect"},
    {BIT(CLEANUP), SPAN("bcc: "), false, RECORD_NOTE, "content check: bcc"},
    {BIT(CLEANUP) | AGENTS, SPAN("strip: "), false, RECORD_NOTE, "content check: strip (3.2)"},
    {AGENTS, SPAN("ignore: "), false, RECORD_NOTE, "content check: ignore"},
    {BIT(SMTPD), SPAN("reject: "), false, RECORD_NOTE, "a recipient or command refused"},
    {BIT(SMTPD), SPAN("reject_warning: "), false, RECORD_NOTE, "warn_if_reject"},
    {BIT(SMTPD), SPAN("permit: "), false, RECORD_NOTE, "permit logged (2.10)"},
    {BIT(SMTPD), SPAN("milter-reject: "), false, RECORD_NOTE, "milter reject"},
    {BIT(SMTPD), SPAN("milter-hold: "), false, RECORD_NOTE, "milter hold"},
    {BIT(SMTPD), SPAN("milter-discard: "), false, RECORD_NOTE, "milter discard"},
    {BIT(SMTPD), SPAN("discard: "), false, RECORD_NOTE, "access: discard"},
    {BIT(SMTPD), SPAN("hold: "), false, RECORD_NOTE, "access: hold"},
    {BIT(SMTPD), SPAN("filter: "), false, RECORD_NOTE, "access: filter"},
    {BIT(SMTPD), SPAN("redirect: "), false, RECORD_NOTE, "access: redirect"},
    {BIT(SMTPD), SPAN("bcc: "), false, RECORD_NOTE, "access: bcc"},
    {BIT(SMTPD), SPAN("info: "), false, RECORD_NOTE, "access: info"},
    {BIT(SMTPD), SPAN("warn: "), false, RECORD_NOTE, "access: warn"},
    {BIT(SMTPD), SPAN("delay: "), false, RECORD_NOTE, "access: delay"},
    {BIT(SMTPD), SPAN("hangup: "), false, RECORD_NOTE, "access: hangup (3.0)"},
    {BIT(SMTPD), SPAN("lost connection after "), false, RECORD_NOTE, "lost connection (3.10)"},
    {BIT(SMTPD), SPAN("timeout after "), false, RECORD_NOTE, "timeout (3.10)"},
    {BIT(SMTPD), SPAN("too many errors after "), false, RECORD_NOTE, "too many errors (3.10)"},
    /* qmqpd/qmqpd.c: "QID: NAMADDR: REASON while STATE"; it has no other records with an ID. */
    {BIT(QMQPD), SPAN(""), false, RECORD_NOTE, "qmqpd: message not finished"},
    {BIT(QMGR), SPAN("skipped, still being delivered"), false, RECORD_NOTE, "still in delivery"},
    {ANY, SPAN("status=deferred (bounce failed)"), false, RECORD_NOTE, "notice put off"},
    {AGENTS, SPAN("host "), false, RECORD_NOTE, "one server refused, others follow"},
    {AGENTS, SPAN("lost connection with "), false, RECORD_NOTE, "one server lost, others follow"},
    {AGENTS, SPAN("conversation with "), false, RECORD_NOTE, "one server slow, others follow"},
    {AGENTS, SPAN("enabling PIX workarounds: "), false, RECORD_NOTE, "PIX workarounds"},
    /* smtp/smtp_proto.c, before 2.4 */
    {AGENTS, SPAN("enabling PIX <CRLF>.<CRLF> "), false, RECORD_NOTE, "PIX workaround (2.3)"},
    {AGENTS, SPAN("breaking line > "), false, RECORD_NOTE, "long line broken"},
    {AGENTS, SPAN("passing <"), false, RECORD_NOTE, "handed to another agent (3.6)"},
    {AGENTS, SPAN("Cannot start TLS: "), false, RECORD_NOTE, "TLS failure, others follow"},
    {AGENTS, SPAN("SASL authentication failed"), false, RECORD_NOTE, "SASL failure"},
    /* smtp/smtp_sasl_glue.c, with smtp_sasl_auth_cache_name */
    {AGENTS, SPAN("SASL [CACHED] authentication failed"), false, RECORD_NOTE, "SASL failure (2.5)"},
    {AGENTS, SPAN("using delayed "), false, RECORD_NOTE, "delayed STARTTLS"},
    {AGENTS, SPAN("TLS "), false, RECORD_NOTE, "TLS, others follow"},
    {AGENTS, SPAN("Server certificate not "), false, RECORD_NOTE, "TLS failure, others follow"},
    {AGENTS, SPAN("smtputf8"), false, RECORD_NOTE, "SMTPUTF8"},
};

/* After "warning: QID: ". */
static const struct shape warnings[] = {
    {BIT(BOUNCE), SPAN("sender notification failed"), false, RECORD_NOTICE_FAILED,
     "notice failed (3.11)"},
    {BIT(CLEANUP), SPAN("message rejected: "), false, RECORD_REFUSED, "message rejected"},
    {BIT(CLEANUP), SPAN("queue file size limit exceeded"), false, RECORD_REFUSED, "too big"},
    {ANY, SPAN(""), false, RECORD_NOTE, "warning about a message"},
};

/* The whole record, without a queue ID. None of these is about a message that could be found. */
static const struct shape without_id[] = {
    {BIT(SMTPD) | BIT(QMQPD), SPAN("connect from "), false, RECORD_IGNORED, "connection"},
    {BIT(SMTPD) | BIT(QMQPD), SPAN("disconnect from "), false, RECORD_IGNORED, "end of connection"},
    {BIT(SMTPD) | BIT(CLEANUP), SPAN("NOQUEUE: "), false, RECORD_IGNORED, "nothing was queued"},
    {BIT(SMTPD), SPAN("lost connection after "), false, RECORD_IGNORED, "lost connection"},
    {BIT(SMTPD), SPAN("timeout after "), false, RECORD_IGNORED, "timeout"},
    {BIT(SMTPD), SPAN("too many errors after "), false, RECORD_IGNORED, "too many errors"},
    {BIT(SMTPD), SPAN("proxy-accept: "), false, RECORD_IGNORED, "before-queue filter (2.7)"},
    {BIT(SMTPD), SPAN("proxy-reject: "), false, RECORD_IGNORED, "before-queue filter (2.7)"},
    /* smtpd/smtpd.c and smtp/smtp_proto.c, both 2.3 */
    {BIT(SMTPD) | AGENTS, SPAN("discarding EHLO keywords: "), false, RECORD_IGNORED,
     "EHLO keywords"},
    /* smtpd/smtpd.c, smtpd_forbid_bare_newline: 3.9, and patches of 3.5 to 3.8 */
    {BIT(SMTPD), SPAN("bare <LF> received after "), false, RECORD_IGNORED, "bare newline (3.9)"},
    {BIT(SMTPD), SPAN("improper command pipelining "), false, RECORD_IGNORED, "pipelining"},
    {BIT(SMTPD), SPAN("SSL_accept error "), false, RECORD_IGNORED, "TLS"},
    {AGENTS, SPAN("connect to "), false, RECORD_IGNORED, "no connection"},
    {AGENTS, SPAN("Host offered STARTTLS: "), false, RECORD_IGNORED, "TLS"},
    {AGENTS, SPAN("SSL_connect error "), false, RECORD_IGNORED, "TLS"},
    {AGENTS, SPAN("certificate verification failed "), false, RECORD_IGNORED, "TLS"},
    {AGENTS, SPAN("certificate peer name verification"), false, RECORD_IGNORED, "TLS"},
    {AGENTS, SPAN("mapping DNS "), false, RECORD_IGNORED, "DNS"},
    {AGENTS, SPAN("host "), false, RECORD_IGNORED, "a server's greeting"},
    {AGENTS, SPAN("lost connection with "), false, RECORD_IGNORED, "lost connection"},
    {AGENTS, SPAN("conversation with "), false, RECORD_IGNORED, "timeout"},
    {ANY, SPAN("Untrusted TLS connection "), false, RECORD_IGNORED, "TLS"},
    {ANY, SPAN("Trusted TLS connection "), false, RECORD_IGNORED, "TLS"},
    {ANY, SPAN("Anonymous TLS connection "), false, RECORD_IGNORED, "TLS"},
    {ANY, SPAN("Verified TLS connection "), false, RECORD_IGNORED, "TLS"},
    {ANY, SPAN("TLS connection established "), false, RECORD_IGNORED, "TLS (before 2.5)"},
    {ANY, SPAN("setting up TLS connection "), false, RECORD_IGNORED, "TLS"},
    {ANY, SPAN("initializing the "), false, RECORD_IGNORED, "TLS"},
    /* tls/tls_certkey.c, before it became a warning */
    {ANY, SPAN("cannot load "), false, RECORD_IGNORED, "TLS disabled (2.2)"},
    {ANY, SPAN("cannot set certificate "), false, RECORD_IGNORED, "TLS disabled (2.2)"},
    /* libsasl2, through xsasl/xsasl_cyrus_log.c */
    {ANY, SPAN("looking for plugins in '"), false, RECORD_IGNORED, "Cyrus SASL"},
    {ANY, SPAN("statistics: "), false, RECORD_IGNORED, "statistics"},
    {ANY, SPAN("table "), false, RECORD_IGNORED, "a table has changed"},
    {ANY, SPAN("using backwards-compatible default setting "), false, RECORD_IGNORED, "defaults"},
    {BIT(POSTSUPER), SPAN("Deleted: "), false, RECORD_IGNORED, "postsuper's total"},
    {BIT(POSTSUPER), SPAN("Requeued: "), false, RECORD_IGNORED, "postsuper's total"},
    {BIT(POSTSUPER), SPAN("Placed on hold: "), false, RECORD_IGNORED, "postsuper's total"},
    {BIT(POSTSUPER), SPAN("Released from hold: "), false, RECORD_IGNORED, "postsuper's total"},
    {BIT(POSTSUPER), SPAN("Force-expired: "), false, RECORD_IGNORED, "postsuper's total"},
    {BIT(POSTSUPER), SPAN("Expired: "), false, RECORD_IGNORED, "postsuper's total"},
    {BIT(POSTSUPER), SPAN("Renamed to match inode number: "), false, RECORD_IGNORED, "renamed"},
    {BIT(MASTER), SPAN("terminating on signal "), false, RECORD_IGNORED, "Postfix stops"},
    {BIT(MASTER), SPAN("reload "), false, RECORD_IGNORED, "Postfix reloads"},
    {BIT(MASTER), SPAN("daemon started"), false, RECORD_IGNORED, "Postfix starts"},
    {BIT(QMQPD), SPAN(""), false, RECORD_IGNORED, "qmqpd: message not finished"},
    {ANY, SPAN("warning: "), false, RECORD_IGNORED, "warning"},
    {ANY, SPAN("error: "), false, RECORD_IGNORED, "error"},
    {ANY, SPAN("fatal: "), false, RECORD_IGNORED, "fatal error"},
    {ANY, SPAN("panic: "), false, RECORD_IGNORED, "panic"},
};

/* "BEFORE ID AFTER", with nothing after it: the queue file is no longer where its owner left it.
 * Postfix goes on as if the message had been removed, so there is no other record of its end. Any
 * other error than ENOENT is fatal and may pass. */
static const struct {
    unsigned programs;
    struct span before, after;
    const char *name;
} gone[] = {
    /* global/deliver_request.c, qmgr/qmgr_message.c (1.0 and later) */
    {AGENTS, SPAN("open active "), SPAN(": No such file or directory"), "deleted while active"},
    /* qmgr/qmgr_active.c (1.0 and later) */
    {BIT(QMGR), SPAN("qmgr_active_done_3_generic: remove "),
     SPAN(" from active: No such file or directory"), "deleted while active"},
    {BIT(QMGR), SPAN("remove "), SPAN(" from active: No such file or directory"),
     "deleted while active"},
    {BIT(QMGR), SPAN("qmgr_active_defer: rename "),
     SPAN(" from active to deferred: No such file or directory"), "deleted while active"},
    {BIT(QMGR), SPAN("qmgr_active_defer: rename "),
     SPAN(" from active to incoming: No such file or directory"), "deleted while active"},
};

/* Blanks at a line's end are cut, so the text may be a prefix without its last blank. */
static bool begins(struct span s, struct span prefix)
{
    if (s.len + 1 == prefix.len && prefix.at[s.len] == ' ')
        prefix.len--;
    return span_starts(s, prefix);
}

/* The first row that fits wins, so longer prefixes come first. */
static void apply(const struct shape *rows, size_t count, struct span s, struct record *ret)
{
    for (size_t i = 0; i < count; i++) {
        const struct shape *row = &rows[i];
        if (!(row->programs >> ret->program & 1) || !begins(s, row->prefix) ||
            (row->whole && s.len != row->prefix.len))
            continue;
        ret->type = row->type;
        ret->shape = row->name;
        return;
    }
}

const char *record_shape_of_connection(enum program program, struct span text)
{
    static const struct span tls = SPAN("TLS connection ");

    if (program_is_filter(program))
        return NULL;
    if (program == PROGRAM_SMTPD &&
        (span_starts(text, SPAN("connect from ")) || span_starts(text, SPAN("disconnect from "))))
        return "connection";
    if (span_take(&text, SPAN("Anonymous ")))
        return span_starts(text, tls) ? "TLS" : NULL;
    /* Of a client, it tells that there was a certificate. */
    if (program != PROGRAM_SMTPD &&
        (span_take(&text, SPAN("Trusted ")) || span_take(&text, SPAN("Untrusted ")) ||
         span_take(&text, SPAN("Verified "))))
        return span_starts(text, tls) ? "TLS" : NULL;
    return NULL;
}

void record_shape_with_id(struct span s, struct record *ret)
{
    if (span_equal(s, SPAN("removed"))) { /* one line in seven, from qmgr or any other */
        ret->type = RECORD_REMOVED;
        ret->shape = "removed";
        return;
    }
    apply(with_id, sizeof(with_id) / sizeof(*with_id), s, ret);
}

void record_shape_warning(struct span s, struct record *ret)
{
    apply(warnings, sizeof(warnings) / sizeof(*warnings), s, ret);
}

void record_shape_without_id(struct span s, struct record *ret)
{
    apply(without_id, sizeof(without_id) / sizeof(*without_id), s, ret);
}

bool record_shape_gone(struct span warning, struct record *ret)
{
    for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++) {
        struct span s = warning;
        struct queue_id id;
        if (!(gone[i].programs >> ret->program & 1) || !span_take(&s, gone[i].before))
            continue;
        size_t n = queue_id_parse(s, &id);
        if (n == 0 || !span_equal(span_skip(s, n), gone[i].after))
            continue;
        ret->id = id;
        ret->type = RECORD_MISSING;
        ret->shape = gone[i].name;
        return true;
    }
    return false;
}
