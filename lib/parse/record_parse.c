/* SPDX-License-Identifier: MIT */
#include "parse/record_parse.h"

#include "base/mail_address.h"
#include "parse/record_delivery.h"
#include "parse/record_filter.h"
#include "parse/record_header.h"
#include "parse/record_reject.h"
#include "parse/record_shapes.h"
#include "parse/text_cut.h"

/* ">, size=N, nrcpt=N (queue active)", which ends the record. */
static bool parse_active_tail(struct span s, struct record *ret)
{
    return span_take(&s, SPAN(">, size=")) && span_take_number(&s, &ret->size) &&
           span_take(&s, SPAN(", nrcpt=")) && span_take_number(&s, &ret->recipient_count) &&
           span_equal(s, SPAN(" (queue active)"));
}

/* What follows the sender; both end the record. */
static bool parse_after_sender(struct span s, struct record *ret)
{
    /* "from=<S>, status=expired, returned to sender" (force-expired: 3.5) */
    static const struct span expired[] = {SPAN(">, status=expired, returned to sender"),
                                          SPAN(">, status=force-expired, returned to sender")};

    if (parse_active_tail(s, ret)) {
        ret->type = RECORD_ACTIVE;
        ret->shape = "in the active queue";
        return true;
    }
    for (size_t i = 0; i < sizeof(expired) / sizeof(*expired); i++)
        if (span_equal(s, expired[i])) {
            ret->type = RECORD_EXPIRED;
            ret->shape = "expired";
            return true;
        }
    return false;
}

/* qmgr/qmgr_active.c, after "from=<". An unquoted sender may hold anything, but the tail ends the
 * record, so there is only one reading. A record that is cut shows that a sender there is, and what
 * it begins with: anybody may claim any sender, so no more need be known. */
static void parse_active(struct span s, enum address_form form, bool may_be_cut, struct record *ret)
{
    bool quoted = record_is_quoted(s, form);
    ptrdiff_t end = quoted ? mail_address_end(s) : -1;

    if (!quoted && !may_be_cut)
        end = span_find_last(s, '>');
    if (end >= 0)
        parse_after_sender(span_skip(s, (size_t)end), ret);
    if (ret->type != RECORD_UNPARSED) {
        ret->sender = span_head(s, (size_t)end);
    } else if (may_be_cut || (quoted && end < 0)) {
        ret->type = RECORD_ACTIVE;
        ret->shape = "in the active queue, cut";
        ret->sender = end >= 0 ? span_head(s, (size_t)end) : s;
        ret->size = ret->recipient_count = 0;
    }
}

/* Cuts "name[address]" or "name[address]:port" off *s. */
static bool take_client(struct span *s, struct record *ret)
{
    ptrdiff_t open = span_find_near(*s, '[');

    if (open <= 0)
        return false;
    struct span rest = span_skip(*s, (size_t)open + 1);
    ptrdiff_t close = span_find_near(rest, ']');
    if (close <= 0 || span_has_near(*s, (size_t)open, ' '))
        return false;
    ret->client = span_head(*s, (size_t)(open + close) + 2);
    ret->client_address = span_head(rest, (size_t)close);
    *s = span_skip(rest, (size_t)close + 1);
    if (s->len > 1 && s->at[0] == ':' && is_digit(s->at[1])) {
        *s = span_skip(*s, 1);
        span_take_decimals(s);
    }
    return true;
}

/* XFORWARD's name and address (smtpd/smtpd.c), to the end of the record. */
static void take_orig_client(struct span s, struct record *ret)
{
    struct record orig = {0};

    if (take_client(&s, &orig) && s.len == 0)
        ret->orig_client = orig.client;
}

/* Offset of the last `word` in s, or -1. */
static ptrdiff_t find_last_word(struct span s, struct span word)
{
    struct span head = s;
    ptrdiff_t at;

    while ((at = span_find_last(head, word.at[0])) >= 0) {
        if (span_starts(span_skip(s, (size_t)at), word))
            return at;
        head.len = (size_t)at;
    }
    return -1;
}

/* "[, orig_queue_id=ID][, orig_client=NAMADDR]" at the end of *rest, and cut off it; whether to
 * believe it is the tracker's to say. */
static void take_orig(struct span *rest, struct record *ret)
{
    struct span s = *rest, orig_client = s;

    if (span_take(&orig_client, SPAN(", orig_client=")))
        take_orig_client(orig_client, ret);
    ptrdiff_t orig = find_last_word(s, SPAN(", orig_queue_id="));
    if (orig >= 0) {
        struct span id = span_skip(s, (size_t)orig + sizeof(", orig_queue_id=") - 1);
        struct queue_id link;
        size_t n = queue_id_parse(id, &link);
        id = span_skip(id, n);
        if (n && (id.len == 0 || span_take(&id, SPAN(", orig_client=")))) {
            ret->link = link;
            rest->len = (size_t)orig;
            if (id.len && orig == 0) /* no login stands before it */
                take_orig_client(id, ret);
        }
    }
}

/* smtpd/smtpd.c, after "client=": NAMADDR[, sasl_method=M][, sasl_username=U][, sasl_sender=S]
 * [, orig_queue_id=ID][, orig_client=NAMADDR]. U is free text, so what follows it is taken from the
 * right, unless the record was cut within it. */
static void parse_client(struct span s, bool may_be_cut, struct record *ret)
{
    ret->account = ret->orig_client = SPAN_NONE;
    if (!take_client(&s, ret))
        return;
    ret->type = RECORD_CLIENT;
    ret->shape = "accepted from a client";
    if (!may_be_cut)
        take_orig(&s, ret);
    if (!span_take(&s, SPAN(", sasl_method=")))
        return;
    ptrdiff_t comma = span_find(s, ',');
    if (comma < 0)
        return;
    s = span_skip(s, (size_t)comma);
    if (span_take(&s, SPAN(", sasl_username="))) {
        /* sasl_sender is xtext, which has no blanks or commas. */
        ptrdiff_t sender = find_last_word(s, SPAN(", sasl_sender="));
        if (sender >= 0 && span_find(span_skip(s, (size_t)sender + 2), ' ') < 0)
            s.len = (size_t)sender;
        ret->account = s;
    }
}

/* pickup/pickup.c, after "uid=": "N from=<S>[ orig_id=OLD]". S may hold anything, but a record
 * without orig_id ends with ">". One that was cut within a long S does not, and S could then end in
 * what looks like an orig_id: past this length none is believed. */
enum { PICKUP_SENDER_MAX = 512 };

static void parse_pickup(struct span s, struct record *ret)
{
    if (!span_take_number(&s, &ret->uid) || !span_take(&s, SPAN(" from=<")) || !s.len)
        return;
    if (s.at[s.len - 1] == '>') {
        ret->sender = span_head(s, s.len - 1);
    } else {
        ptrdiff_t orig = find_last_word(s, SPAN("> orig_id="));
        bool cut = s.len > PICKUP_SENDER_MAX;
        if (orig < 0 && !cut)
            return;
        struct span id = span_skip(s, (size_t)orig + sizeof("> orig_id=") - 1);
        if (!cut && queue_id_parse(id, &ret->link) != id.len)
            return;
        ret->sender = cut ? s : span_head(s, (size_t)orig);
    }
    ret->type = RECORD_PICKUP;
    ret->shape = "picked up from a local user";
}

/* cleanup/cleanup_milter.c, after "milter-discard: END-OF-MESSAGE from ":
 * "NAME[ADDRESS]: milter triggers DISCARD action; from=<S> to=<R> proto=...". */
static void parse_taken(struct span s, struct record *ret)
{
    ptrdiff_t open = span_find(s, '['), end;

    if (open <= 0 || (end = span_find(span_skip(s, (size_t)open), ']')) < 0)
        return;
    s = span_skip(s, (size_t)(open + end) + 1);
    if (!span_take(&s, SPAN(": milter triggers DISCARD action; from=<")) ||
        (end = mail_address_end(s)) < 0)
        return;
    ret->sender = span_head(s, (size_t)end);
    ret->type = RECORD_TAKEN;
    ret->shape = "taken by a milter";
}

/* bounce/bounce_notify_service.c, _one_, _warn_, _trace_, _verp (2.3 and later). */
static void parse_notice(struct span s, struct record *ret)
{
    static const struct {
        struct span words;
        enum notice notice;
    } rows[] = {
        {SPAN("sender non-delivery notification: "), NOTICE_NON_DELIVERY},
        {SPAN("sender delay notification: "), NOTICE_DELAY},
        {SPAN("sender delivery status notification: "), NOTICE_DELIVERY_STATUS},
        {SPAN("postmaster non-delivery notification: "), NOTICE_POSTMASTER},
        {SPAN("postmaster delay notification: "), NOTICE_POSTMASTER},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct span rest = s;
        struct queue_id link;
        if (!span_take(&rest, rows[i].words) || !rest.len ||
            queue_id_parse(rest, &link) != rest.len)
            continue;
        ret->link = link;
        ret->type = RECORD_NOTICE;
        ret->shape = "notice written";
        ret->notice = rows[i].notice;
        return;
    }
}

/* master/master.c: "daemon started -- version 3.7.11, configuration /etc/postfix" and "reload --".
 */
static void parse_master(struct span s, struct record *ret)
{
    if (!span_take(&s, SPAN("daemon started -- version ")) &&
        !span_take(&s, SPAN("reload -- version ")))
        return;
    ptrdiff_t comma = span_find(s, ',');
    ret->type = RECORD_VERSION;
    ret->shape = "Postfix's version";
    ret->version = comma < 0 ? s : span_head(s, (size_t)comma);
}

/* smtpd/smtpd.c, smtpd/smtpd_proxy.c, with smtpd_proxy_filter: "NOQUEUE: client=..." and
 * "proxy-accept: END-OF-MESSAGE: REPLY; from=<...". The reply is the filter's (2.7 and later). */
static void parse_proxy(struct span s, bool may_be_cut, struct record *ret)
{
    if (span_take(&s, SPAN("NOQUEUE: client="))) {
        parse_client(s, may_be_cut, ret);
        if (ret->type == RECORD_CLIENT) {
            ret->type = RECORD_PROXY_CLIENT;
            ret->shape = "a client of a before-queue filter";
        }
    } else if (span_take(&s, SPAN("proxy-accept: END-OF-MESSAGE: "))) {
        const char *end = memmem(s.at, s.len, "; from=<", 8);
        if (!end) /* a reply that was cut proves nothing */
            return;
        s.len = (size_t)(end - s.at);
        record_queued_as(&s, &ret->id);
        ret->type = RECORD_PROXY_ACCEPT;
        ret->shape = "passed by a before-queue filter";
    }
}

/* tls/tls_misc.c, with smtpd_tls_loglevel = 1 and smtpd_tls_ask_ccert: "Untrusted TLS connection
 * established from NAMADDR[ to SNI]: ..." (2.5, "reused" 3.4). Without a certificate it is
 * "Anonymous". */
static void parse_certificate(struct span s, struct record *ret)
{
    bool trusted = span_take(&s, SPAN("Trusted ")) || span_take(&s, SPAN("Verified "));

    if ((!trusted && !span_take(&s, SPAN("Untrusted "))) || !span_take(&s, SPAN("TLS connection ")))
        return;
    if ((!span_take(&s, SPAN("established from ")) && !span_take(&s, SPAN("reused from "))) ||
        !take_client(&s, ret) || !(span_starts(s, SPAN(": ")) || span_starts(s, SPAN(" to "))))
        return;
    ret->of_known_ca = trusted;
    ret->type = RECORD_CERTIFICATE;
    ret->shape = "a client with a certificate";
}

/* smtpd/smtpd_check.c: "reject: RCPT from ...", after "NOQUEUE: " or a queue ID. */
static void parse_reject(struct span s, struct record *ret)
{
    struct span domain;

    if (span_starts(s, SPAN("milter-reject: ")))
        ret->refusal = REFUSAL_OTHER;
    if (!span_take(&s, SPAN("reject: ")))
        return;
    enum refusal refusal = record_refusal(s, &domain);
    ret->refusal = refusal == REFUSAL_NONE ? REFUSAL_OTHER : (uint8_t)refusal;
    if (refusal != REFUSAL_NONE)
        ret->refused_domain = domain;
}

/* smtpd/smtpd_sasl_glue.c: "warning: NAME[ADDRESS]: SASL LOGIN authentication failed: REASON" */
static void parse_failed_login(struct span s, struct record *ret)
{
    static const struct span failed = SPAN(" authentication failed");
    ptrdiff_t end = span_find(s, ']');

    if (end < 0)
        return;
    s = span_skip(s, (size_t)end + 1);
    if (!span_take(&s, SPAN(": SASL ")) || (end = span_find(s, ' ')) < 0)
        return;
    if (span_starts(span_skip(s, (size_t)end), failed))
        ret->refusal = REFUSAL_LOGIN;
}

/* A record after its "QID: ". */
static void parse_with_id(struct span s, enum address_form form, bool may_be_cut,
                          struct record *ret)
{
    struct span rest = s;

    if (span_take(&rest, SPAN("to=<"))) {
        record_parse_delivery(rest, form, may_be_cut, ret);
        return;
    }
    if (ret->program == PROGRAM_CLEANUP && span_take(&rest, SPAN("message-id="))) {
        ret->type = RECORD_MESSAGE_ID;
        ret->shape = "message-id";
        ret->message_id = rest;
    } else if (ret->program == PROGRAM_CLEANUP &&
               span_take(&rest, SPAN("milter-discard: END-OF-MESSAGE from "))) {
        parse_taken(rest, ret);
    } else if (ret->program == PROGRAM_QMGR && span_take(&rest, SPAN("from=<"))) {
        parse_active(rest, form, may_be_cut, ret);
    } else if (ret->program <= PROGRAM_QMQPD && span_take(&rest, SPAN("client="))) {
        parse_client(rest, may_be_cut, ret);
    } else if (ret->program == PROGRAM_PICKUP && span_take(&rest, SPAN("uid="))) {
        parse_pickup(rest, ret);
    } else if (ret->program == PROGRAM_BOUNCE) {
        parse_notice(s, ret);
    }
    if (ret->type == RECORD_UNPARSED)
        record_shape_with_id(s, ret);
    if (ret->type != RECORD_NOTE && ret->type != RECORD_HELD)
        return;
    if (ret->program == PROGRAM_SMTPD)
        parse_reject(s, ret);
    else if (ret->program == PROGRAM_CLEANUP)
        record_parse_header(s, ret);
}

/* "warning: QID: ...", and the warnings that tell of a message's end. */
static bool parse_warning(struct span text, struct record *ret)
{
    struct span s = text;

    if (!span_take(&s, SPAN("warning: ")))
        return false;
    size_t n = queue_id_parse(s, &ret->id);
    if (n && span_starts(span_skip(s, n), SPAN(": "))) {
        record_shape_warning(span_skip(s, n + 2), ret);
        return true;
    }
    if (span_take(&s, SPAN("saving corrupt file \"")) && (n = queue_id_parse(s, &ret->id)) > 0 &&
        span_starts(span_skip(s, n), SPAN("\""))) {
        ret->type = RECORD_REMOVED;
        ret->shape = "moved to the corrupt queue";
        return true;
    }
    ret->id = (struct queue_id){0, 0};
    return record_shape_gone(s, ret);
}

/* Any record, with ret->type and those that follow it as record_parse sets them. */
static __attribute__((noinline)) void parse_any(struct span text, enum address_form form,
                                                struct record *ret)
{
    enum program program = ret->program;
    bool may_be_cut = text_may_be_cut(text);
    size_t n;

    if (program_is_filter(program)) {
        record_parse_filter(text, ret);
        return;
    }
    n = queue_id_parse(text, &ret->id);
    if (n && text.len >= n + 2 && text.at[n] == ':' && text.at[n + 1] == ' ') {
        parse_with_id(span_skip(text, n + 2), form, may_be_cut, ret);
        return;
    }
    ret->id = (struct queue_id){0, 0};
    if (program == PROGRAM_MASTER)
        parse_master(text, ret);
    if (program == PROGRAM_SMTPD)
        parse_proxy(text, may_be_cut, ret);
    if (program == PROGRAM_SMTPD && ret->type == RECORD_UNPARSED)
        parse_certificate(text, ret);
    if (ret->type == RECORD_UNPARSED && !parse_warning(text, ret))
        record_shape_without_id(text, ret);
    if (program != PROGRAM_SMTPD)
        return;
    if (span_take(&text, SPAN("NOQUEUE: ")))
        parse_reject(text, ret);
    else if (span_take(&text, SPAN("warning: ")))
        parse_failed_login(text, ret);
}

void record_parse(enum program program, struct span text, enum address_form form,
                  struct record *ret)
{
    /* Leave the other fields as they were: zeroing all of them would cost more than parsing. */
    ret->program = program;
    ret->id = ret->link = (struct queue_id){0, 0};
    ret->by_relay_service = false;
    ret->refusal = REFUSAL_NONE;
    ret->header = MAIL_HEADER_COUNT;
    ret->shape = record_shape_of_idle(program, text);
    ret->type = RECORD_IGNORED;
    if (ret->shape)
        return;
    ret->shape = "not understood";
    ret->type = RECORD_UNPARSED;
    parse_any(text, form, ret);
}
