/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "record_shapes.h"

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

    if (first <= 0)
        return PROGRAM_NONE;
    struct span name = span_skip(tag, (size_t)last + 1);
    *ret_instance = span_head(tag, (size_t)first);
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
        if (span_equal(name, programs[i].name))
            return programs[i].program;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (span_equal(name, others[i]))
            return PROGRAM_OTHER;
    return span_starts(tag, SPAN("postfix")) ? PROGRAM_OTHER : PROGRAM_NONE;
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
    return program == PROGRAM_NONE ? "none" : "other";
}

struct span address_domain(struct span address)
{
    ptrdiff_t at = span_find_last(address, '@');

    return at < 0 ? SPAN_NONE : span_skip(address, (size_t)at + 1);
}

/* Offset of the ">" that ends an address, or -1. The quoted form (RFC 5321, since Postfix 3.5) may
 * hold anything between its quotes; a backslash escapes the next byte. */
static ptrdiff_t address_end(struct span s)
{
    size_t i = 0;

    if (s.len && s.at[0] == '"') {
        for (i = 1; i < s.len && s.at[i] != '"'; i++)
            if (s.at[i] == '\\')
                i++;
        if (i >= s.len)
            return -1;
    }
    ptrdiff_t end = span_find(span_skip(s, i), '>');
    return end < 0 ? -1 : end + (ptrdiff_t)i;
}

/* Digits, "." and "/": delays= is 0.12/0.07/0.06/0. */
static const char number_chars[256] = {['.'] = 1, ['/'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1,
                                       ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
                                       ['8'] = 1, ['9'] = 1};

static struct span take_while_number(struct span *s)
{
    size_t i = 0;

    while (i < s->len && number_chars[(uint8_t)s->at[i]])
        i++;
    struct span number = span_head(*s, i);
    *s = span_skip(*s, i);
    return number;
}

/* "332231" or "0.26" seconds. */
static bool parse_delay(struct span s, dur_us *ret)
{
    uint64_t whole, unit = (uint64_t)US_PER_S;
    dur_us us;

    if (!span_take_number(&s, &whole) || whole > 1000000000)
        return false;
    us = (dur_us)whole * US_PER_S;
    if (s.len && s.at[0] == '.')
        for (size_t i = 1; i < s.len && is_digit(s.at[i]); i++)
            us += (dur_us)((uint64_t)(s.at[i] - '0') * (unit /= 10));
    *ret = us;
    return true;
}

static enum status status_of(struct span word)
{
    if (span_equal(word, SPAN("sent")))
        return STATUS_SENT;
    if (span_equal(word, SPAN("deferred")) || span_equal(word, SPAN("SOFTBOUNCE")))
        return STATUS_DEFERRED;
    if (span_equal(word, SPAN("bounced")))
        return STATUS_BOUNCED;
    if (span_starts(word, SPAN("deliverable")) || span_starts(word, SPAN("undeliverable")))
        return STATUS_PROBED;
    return STATUS_OTHER;
}

/* ", status=sent (250 2.0.0 Ok)": the text may have lost its ")" (Postfix cuts at 2000 bytes). */
static bool parse_status(struct span s, struct record *ret)
{
    size_t i = 0;

    if (!span_take(&s, SPAN(", status=")))
        return false;
    while (i < s.len && (ascii_lower(s.at[i]) >= 'a' && ascii_lower(s.at[i]) <= 'z'))
        i++;
    while (i < s.len && (s.at[i] == '-' || (s.at[i] >= 'a' && s.at[i] <= 'z')))
        i++;
    if (i == 0)
        return false;
    ret->status = status_of(span_head(s, i));
    s = span_skip(s, i);
    ret->reply = SPAN_NONE;
    if (s.len == 0)
        return true;
    if (!span_take(&s, SPAN(" (")))
        return false;
    if (s.len && s.at[s.len - 1] == ')')
        s.len--;
    ret->reply = s;
    return true;
}

/* ", relay=RELAY[, conn_use=N], delay=D[, delays=D/D/D/D][, tls=F][, dsn=X.Y.Z], status=..."
 * (global/log_adhoc.c; no delays and dsn before 2.3, tls= since 3.11). */
static bool parse_from_relay(struct span s, struct record *ret)
{
    ptrdiff_t comma;

    if (!span_take(&s, SPAN(", relay=")) || (comma = span_find(s, ',')) <= 0)
        return false;
    ret->relay = span_head(s, (size_t)comma);
    s = span_skip(s, (size_t)comma);
    if (span_find(ret->relay, ' ') >= 0)
        return false;
    if (span_take(&s, SPAN(", conn_use=")))
        take_while_number(&s);
    if (!span_take(&s, SPAN(", delay=")) || !parse_delay(take_while_number(&s), &ret->delay))
        return false;
    if (span_take(&s, SPAN(", delays=")))
        take_while_number(&s);
    if (span_take(&s, SPAN(", tls="))) {
        ptrdiff_t end = span_find(s, ',');
        if (end < 0)
            return false;
        s = span_skip(s, (size_t)end);
    }
    ret->dsn = SPAN_NONE;
    if (span_take(&s, SPAN(", dsn=")))
        ret->dsn = take_while_number(&s);
    return parse_status(s, ret);
}

/* What follows an address that ends at s: ">[, orig_to=<O>], relay=...". */
static bool parse_after_recipient(struct span s, struct record *ret)
{
    if (!span_take(&s, SPAN(">")))
        return false;
    ret->orig_recipient = SPAN_NONE;
    if (!span_take(&s, SPAN(", orig_to=<")))
        return parse_from_relay(s, ret);
    for (ptrdiff_t end = address_end(s), from = 0; end >= 0;) {
        ret->orig_recipient = span_head(s, (size_t)(from + end));
        if (parse_from_relay(span_skip(s, (size_t)(from + end) + 1), ret))
            return true;
        from += end + 1;
        end = span_find(span_skip(s, (size_t)from), '>');
    }
    return false;
}

/* Reads s as an address that ends at `end`. */
static bool read_delivery(struct span s, size_t end, struct record *ret)
{
    ret->recipient = span_head(s, end);
    return parse_after_recipient(span_skip(s, end), ret);
}

/* Tries every ">" behind the one at `from` (-1: every one); the number of readings, at most 2. The
 * first one is kept in *ret. Where two differ only in whether "orig_to=<" is part of the recipient
 * they are one: the tail is the same, and the domain that is judged too. */
static int other_readings(struct span s, ptrdiff_t from, const char *relay, struct record *ret)
{
    int found = 0;

    for (size_t i = (size_t)(from + 1); i < s.len && found < 2; i++) {
        ptrdiff_t next = span_find(span_skip(s, i), '>');
        struct record r = *ret;
        if (next < 0)
            break;
        i += (size_t)next;
        if (!read_delivery(s, i, &r) || r.relay.at == relay)
            continue;
        relay = r.relay.at;
        if (!found)
            *ret = r;
        found++;
    }
    return found;
}

/* Whether there is another reading than the one with the address's end at `end`. A remote server's
 * reply with a ">" in it is common, one that looks like a record's tail is not. */
static bool has_other_reading(struct span s, ptrdiff_t end, const struct record *rec)
{
    ptrdiff_t inside = span_find(span_head(s, (size_t)end), '>');

    if (inside < 0 && span_find(span_skip(s, (size_t)end + 1), '>') < 0)
        return false;
    struct record other = *rec;
    for (ptrdiff_t at = inside; at >= 0 && at < end;) {
        if (read_delivery(s, (size_t)at, &other))
            return true;
        ptrdiff_t next = span_find(span_skip(s, (size_t)at + 1), '>');
        at = next < 0 ? -1 : at + 1 + next;
    }
    return other_readings(s, end, rec->relay.at, &other) > 0;
}

/* "to=<R>..." behind the "to=<". */
static void parse_delivery(struct span s, enum address_form form, struct record *ret)
{
    ptrdiff_t end = address_end(s);

    if (end >= 0 && read_delivery(s, (size_t)end, ret)) {
        bool two = form != ADDRESS_FORM_EXTERNAL && has_other_reading(s, end, ret);
        ret->type = two ? RECORD_AMBIGUOUS : RECORD_DELIVERY;
        ret->shape = two ? "delivery with two readings" : "delivery";
        return;
    }
    int readings = other_readings(s, -1, NULL, ret);
    if (readings == 1) {
        ret->type = RECORD_DELIVERY;
        ret->shape = "delivery, unquoted address";
        ret->proves_internal_form = true;
    } else if (readings > 1) {
        ret->type = RECORD_AMBIGUOUS;
        ret->shape = "delivery with two readings";
    }
}

/* ">, size=N, nrcpt=N (queue active)" to the end of the record. */
static bool parse_active_tail(struct span s, struct record *ret)
{
    return span_take(&s, SPAN(">, size=")) && span_take_number(&s, &ret->size) &&
           span_take(&s, SPAN(", nrcpt=")) && span_take_number(&s, &ret->recipient_count) &&
           span_equal(s, SPAN(" (queue active)"));
}

/* qmgr/qmgr_active.c, behind "from=<". The tail ends the record, so that there is one reading
 * only, whatever the sender holds. */
static void parse_active(struct span s, struct record *ret)
{
    ptrdiff_t end = address_end(s);
    bool quoted = end >= 0 && parse_active_tail(span_skip(s, (size_t)end), ret);

    for (size_t i = s.len; !quoted && i-- > 0;)
        if (s.at[i] == '>' && parse_active_tail(span_skip(s, i), ret)) {
            end = (ptrdiff_t)i;
            ret->proves_internal_form = true;
            break;
        }
    if (quoted || ret->proves_internal_form) {
        ret->type = RECORD_ACTIVE;
        ret->shape = "in the active queue";
        ret->sender = span_head(s, (size_t)end);
        return;
    }
    /* qmgr/qmgr_active.c: "from=<S>, status=expired, returned to sender" (force-expired: 3.5) */
    static const struct span tails[] = {SPAN(">, status=expired, returned to sender"),
                                        SPAN(">, status=force-expired, returned to sender")};
    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++)
        if (span_ends(s, tails[i])) {
            ret->type = RECORD_EXPIRED;
            ret->shape = "expired";
            ret->sender = span_head(s, s.len - tails[i].len);
        }
}

/* The "[address]" of "name[address]" or "name[address]:port"; s is cut behind it. */
static bool take_client(struct span *s, struct record *ret)
{
    ptrdiff_t open = span_find(*s, '[');

    if (open <= 0)
        return false;
    struct span rest = span_skip(*s, (size_t)open + 1);
    ptrdiff_t close = span_find(rest, ']');
    if (close <= 0 || span_find(span_head(*s, (size_t)open), ' ') >= 0)
        return false;
    ret->client = span_head(*s, (size_t)(open + close) + 2);
    ret->client_address = span_head(rest, (size_t)close);
    *s = span_skip(rest, (size_t)close + 1);
    if (s->len > 1 && s->at[0] == ':' && is_digit(s->at[1])) {
        *s = span_skip(*s, 1);
        take_while_number(s);
    }
    return true;
}

/* Offset of the last `word` in s, or -1. */
static ptrdiff_t find_last_word(struct span s, struct span word)
{
    for (size_t i = s.len; i-- > 0;)
        if (s.at[i] == word.at[0] && span_starts(span_skip(s, i), word))
            return (ptrdiff_t)i;
    return -1;
}

/* smtpd/smtpd.c, behind "client=": NAMADDR[, sasl_method=M][, sasl_username=U][, sasl_sender=S]
 * [, orig_queue_id=ID][, orig_client=NAMADDR]. U is free text, so what follows it is taken from the
 * right; whether to believe it is the tracker's to say. */
static void parse_client(struct span s, struct record *ret)
{
    ret->account = SPAN_NONE;
    if (!take_client(&s, ret))
        return;
    ret->type = RECORD_CLIENT;
    ret->shape = "accepted from a client";
    ptrdiff_t orig = find_last_word(s, SPAN(", orig_queue_id="));
    if (orig >= 0) {
        struct span id = span_skip(s, (size_t)orig + sizeof(", orig_queue_id=") - 1);
        struct queue_id link;
        size_t n = queue_id_parse(id, &link);
        if (n && (n == id.len || span_starts(span_skip(id, n), SPAN(", orig_client=")))) {
            ret->link = link;
            s.len = (size_t)orig;
        }
    }
    if (!span_take(&s, SPAN(", sasl_method=")))
        return;
    ptrdiff_t comma = span_find(s, ',');
    if (comma < 0)
        return;
    s = span_skip(s, (size_t)comma);
    if (span_take(&s, SPAN(", sasl_username="))) {
        /* sasl_sender is xtext: no blank and no comma in it. */
        ptrdiff_t sender = find_last_word(s, SPAN(", sasl_sender="));
        if (sender >= 0 && span_find(span_skip(s, (size_t)sender + 2), ' ') < 0)
            s.len = (size_t)sender;
        ret->account = s;
    }
}

/* pickup/pickup.c, behind "uid=": "N from=<S>[ orig_id=OLD]". S may hold anything, but the record
 * ends with ">" where there is no orig_id. Cut in the middle of a long S it does not, and S could
 * then end in an orig_id of its own. */
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
        if (!span_take(&rest, rows[i].words) || !rest.len || queue_id_parse(rest, &link) != rest.len)
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

/* A record behind its "QID: ". */
static void parse_with_id(struct span s, enum address_form form, struct record *ret)
{
    struct span rest = s;

    if (span_take(&rest, SPAN("to=<"))) {
        parse_delivery(rest, form, ret);
        return;
    }
    if (ret->program == PROGRAM_CLEANUP && span_take(&rest, SPAN("message-id="))) {
        ret->type = RECORD_MESSAGE_ID;
        ret->shape = "message-id";
        ret->message_id = rest;
    } else if (ret->program == PROGRAM_QMGR && span_take(&rest, SPAN("from=<"))) {
        parse_active(rest, ret);
    } else if (ret->program <= PROGRAM_QMQPD && span_take(&rest, SPAN("client="))) {
        parse_client(rest, ret);
    } else if (ret->program == PROGRAM_PICKUP && span_take(&rest, SPAN("uid="))) {
        parse_pickup(rest, ret);
    } else if (ret->program == PROGRAM_BOUNCE) {
        parse_notice(s, ret);
    }
    if (ret->type == RECORD_UNPARSED)
        shape_with_id(s, ret);
}

/* "warning: QID: ...", and the message that leaves by way of the corrupt queue. */
static bool parse_warning(struct span text, struct record *ret)
{
    struct span s = text;

    if (!span_take(&s, SPAN("warning: ")))
        return false;
    size_t n = queue_id_parse(s, &ret->id);
    if (n && span_starts(span_skip(s, n), SPAN(": "))) {
        shape_warning(span_skip(s, n + 2), ret);
        return true;
    }
    if (span_take(&s, SPAN("saving corrupt file \"")) && (n = queue_id_parse(s, &ret->id)) > 0) {
        ret->type = RECORD_REMOVED;
        ret->shape = "moved to the corrupt queue";
        return true;
    }
    ret->id = (struct queue_id){0, 0};
    return false;
}

void record_parse(enum program program, struct span text, enum address_form form,
                  struct record *ret)
{
    size_t n;

    /* The fields of other types are left as they were: zeroing all would cost more than parsing. */
    ret->type = RECORD_UNPARSED;
    ret->program = program;
    ret->shape = "not understood";
    ret->id = ret->link = (struct queue_id){0, 0};
    ret->proves_internal_form = ret->by_relay_service = false;
    if (program == PROGRAM_OTHER || program == PROGRAM_SCRIPT) {
        ret->type = RECORD_IGNORED;
        ret->shape = "a program that carries no message";
        return;
    }
    /* Two lines in five: not worth a look at the shapes. */
    if (program == PROGRAM_SMTPD && (span_starts(text, SPAN("connect from ")) ||
                                     span_starts(text, SPAN("disconnect from ")))) {
        ret->type = RECORD_IGNORED;
        ret->shape = "connection";
        return;
    }
    n = queue_id_parse(text, &ret->id);
    if (n && text.len >= n + 2 && text.at[n] == ':' && text.at[n + 1] == ' ') {
        parse_with_id(span_skip(text, n + 2), form, ret);
        return;
    }
    ret->id = (struct queue_id){0, 0};
    if (program == PROGRAM_MASTER)
        parse_master(text, ret);
    if (ret->type == RECORD_UNPARSED && !parse_warning(text, ret))
        shape_without_id(text, ret);
}

bool record_relay(struct span relay, struct address *ret, unsigned *ret_port)
{
    ptrdiff_t open = span_find(relay, '[');
    uint64_t port = 0;

    if (open < 0)
        return false;
    struct span rest = span_skip(relay, (size_t)open + 1);
    ptrdiff_t close = span_find(rest, ']');
    if (close <= 0 || !address_parse(span_head(rest, (size_t)close), ret))
        return false;
    rest = span_skip(rest, (size_t)close + 1);
    if (span_take(&rest, SPAN(":")))
        span_take_number(&rest, &port);
    *ret_port = (unsigned)port;
    return true;
}

bool record_forwarded_as(struct span reply, struct queue_id *ret)
{
    return span_take(&reply, SPAN("forwarded as ")) && reply.len &&
           queue_id_parse(reply, ret) == reply.len;
}

bool record_queued_as(struct span *reply, struct queue_id *ret)
{
    static const struct span words = SPAN("queued as ");

    for (;;) {
        const char *hit = reply->len ? memmem(reply->at, reply->len, words.at, words.len) : NULL;
        if (!hit)
            return false;
        *reply = span_skip(*reply, (size_t)(hit - reply->at) + words.len);
        size_t n = queue_id_parse(*reply, ret);
        if (n) {
            *reply = span_skip(*reply, n);
            return true;
        }
    }
}
