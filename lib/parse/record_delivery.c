/* SPDX-License-Identifier: MIT */
#include "parse/record_delivery.h"

#include "base/mail_address.h"

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

/* soft_bounce logs SOFTBOUNCE for what stays in the queue. */
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

/* "250 2.0.0 Ok)". Without the ")" its last word, which may be a queue ID, is only the beginning of
 * one, and is left out. */
static struct span reply_of(struct span s)
{
    if (s.len && s.at[s.len - 1] == ')') {
        s.len--;
        return s;
    }
    ptrdiff_t blank = span_find_last(s, ' ');
    return span_head(s, blank < 0 ? 0 : (size_t)blank);
}

/* ", status=sent (250 2.0.0 Ok)" */
static bool parse_status(struct span s, struct record *ret)
{
    size_t i = 0;

    if (!span_take(&s, SPAN(", status=")))
        return false;
    if (span_take(&s, SPAN("sent ("))) { /* as most end */
        ret->status = STATUS_SENT;
        ret->reply = reply_of(s);
        return true;
    }
    while (i < s.len && (ascii_lower(s.at[i]) >= 'a' && ascii_lower(s.at[i]) <= 'z'))
        i++;
    while (i < s.len && (s.at[i] == '-' || (s.at[i] >= 'a' && s.at[i] <= 'z')))
        i++;
    if (i == 0)
        return false;
    ret->status = status_of(span_head(s, i));
    s = span_skip(s, i);
    ret->reply = SPAN_NONE;
    if (s.len == 0 || span_equal(s, SPAN(" ")))
        return true;
    if (!span_take(&s, SPAN(" (")))
        return false;
    ret->reply = reply_of(s);
    return true;
}

/* ", relay=RELAY[, conn_use=N], delay=D[, delays=D/D/D/D][, tls=F][, dsn=X.Y.Z], status=..."
 * (global/log_adhoc.c; no delays and dsn before 2.3, tls= since 3.11). *s is left at the field that
 * can't be read. */
static bool parse_from_relay(struct span *s, struct record *ret)
{
    struct span rest = *s;
    ptrdiff_t comma;

    ret->relay = SPAN_NONE;
    if (!span_take(&rest, SPAN(", relay=")) || (comma = span_find_near(rest, ',')) <= 0 ||
        span_has_near(rest, (size_t)comma, ' '))
        return false;
    ret->relay = span_head(rest, (size_t)comma);
    *s = rest = span_skip(rest, (size_t)comma);
    if (span_take(&rest, SPAN(", conn_use=")))
        span_take_decimals(&rest);
    *s = rest;
    if (!span_take(&rest, SPAN(", delay=")) || !parse_delay(span_take_decimals(&rest), &ret->delay))
        return false;
    if (span_take(&rest, SPAN(", delays=")))
        span_take_decimals(&rest);
    *s = rest;
    if (span_take(&rest, SPAN(", tls="))) {
        ptrdiff_t end = span_find(rest, ',');
        if (end < 0)
            return false;
        *s = rest = span_skip(rest, (size_t)end);
    }
    ret->dsn = SPAN_NONE;
    if (span_take(&rest, SPAN(", dsn=")))
        ret->dsn = span_take_decimals(&rest);
    *s = rest;
    return parse_status(rest, ret);
}

/* --- quoted addresses: one reading ------------------------------------------------------------ */

/* Whether the record ends at s, within the name of a field, or within its value. */
static bool ends_within_field(struct span s)
{
    static const struct span names[] = {SPAN(">, orig_to=<"), SPAN(">, relay="), SPAN(", relay="),
                                        SPAN(", conn_use="),  SPAN(", delay="),  SPAN(", delays="),
                                        SPAN(", tls="),       SPAN(", dsn="),    SPAN(", status=")};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct span value = s;
        if (span_starts(names[i], s))
            return true;
        if (span_take(&value, names[i]) && span_find(value, ',') < 0 && span_find(value, ' ') < 0)
            return true;
    }
    return false;
}

/* What there is of the domain of an address whose end is missing. */
static struct span beginning_of_domain(struct span address)
{
    if (!address.len || address.at[0] != '"')
        return mail_address_domain(address);
    for (size_t i = 1; i < address.len; i++) {
        if (address.at[i] == '\\')
            i++;
        else if (address.at[i] == '"')
            return mail_address_domain(span_skip(address, i));
    }
    return SPAN_NONE;
}

/* Nobody knows how the delivery ended. */
static void be_cut(struct record *ret, const char *shape)
{
    ret->type = RECORD_CUT;
    ret->shape = shape;
    ret->status = STATUS_OTHER;
    ret->delay = 0;
    ret->dsn = ret->reply = SPAN_NONE;
}

static void parse_quoted(struct span s, struct record *ret)
{
    ptrdiff_t end = mail_address_end(s);

    ret->orig_recipient = ret->relay = SPAN_NONE;
    ret->address_is_cut = end < 0;
    ret->recipient = end < 0 ? s : span_head(s, (size_t)end);
    if (end < 0) {
        ret->recipient_domain = beginning_of_domain(s);
        be_cut(ret, "delivery, cut within its recipient");
        return;
    }
    ret->recipient_domain = mail_address_domain(ret->recipient);
    s = span_skip(s, (size_t)end);
    if (span_take(&s, SPAN(">, orig_to=<"))) {
        end = mail_address_end(s);
        ret->orig_recipient = end < 0 ? s : span_head(s, (size_t)end);
        if (end < 0) {
            ret->address_is_cut = true;
            be_cut(ret, "delivery, cut within the original recipient");
            return;
        }
        s = span_skip(s, (size_t)end);
    }
    struct span tail = s;
    if (span_take(&tail, SPAN(">")) && parse_from_relay(&tail, ret)) {
        ret->type = RECORD_DELIVERY;
        ret->shape = "delivery";
    } else if (ends_within_field(tail) || ends_within_field(s)) {
        be_cut(ret, "delivery, cut before its status");
    }
}

/* --- unquoted addresses: they may hold anything ----------------------------------------------- */

/* s follows the recipient: ">[, orig_to=<O>], relay=...". */
static bool parse_after_recipient(struct span s, struct record *ret)
{
    struct span tail;

    if (!span_take(&s, SPAN(">")))
        return false;
    ret->orig_recipient = SPAN_NONE;
    tail = s;
    if (!span_take(&s, SPAN(", orig_to=<")))
        return parse_from_relay(&tail, ret);
    for (ptrdiff_t end = mail_address_end(s), from = 0; end >= 0;) {
        ret->orig_recipient = span_head(s, (size_t)(from + end));
        tail = span_skip(s, (size_t)(from + end) + 1);
        if (parse_from_relay(&tail, ret))
            return true;
        from += end + 1;
        end = span_find(span_skip(s, (size_t)from), '>');
    }
    return false;
}

/* Takes the recipient to end at `end`. */
static bool read_delivery(struct span s, size_t end, struct record *ret)
{
    ret->recipient = span_head(s, end);
    return parse_after_recipient(span_skip(s, end), ret);
}

/* Offset of the next ">, " from `from` on, or -1: no recipient ends elsewhere. Replies of servers
 * often have ">" in them, but hardly ever anything like the tail of a record. */
static ptrdiff_t next_end(struct span s, size_t from)
{
    ptrdiff_t next;

    for (; (next = span_find(span_skip(s, from), '>')) >= 0; from++) {
        from += (size_t)next;
        if (span_starts(span_skip(s, from), SPAN(">, ")))
            return (ptrdiff_t)from;
    }
    return -1;
}

/* Tries every ">, " from `at` on, which is the first. Returns the number of readings, at most 2,
 * and the first of them in *ret. Two that differ only in whether "orig_to=<" is part of the
 * recipient count as one: their tails are the same, and so is the domain that is judged. */
static int other_readings(struct span s, ptrdiff_t at, const char *relay, struct record *ret)
{
    int found = 0;

    for (; at >= 0 && found < 2; at = next_end(s, (size_t)at + 1)) {
        struct record r = *ret;
        if (!read_delivery(s, (size_t)at, &r) || r.relay.at == relay)
            continue;
        relay = r.relay.at;
        if (!found)
            *ret = r;
        found++;
    }
    return found;
}

/* Whether the recipient could end anywhere but at `end`, which is the first ">" unless that is
 * within quotes. */
static bool has_other_reading(struct span s, ptrdiff_t end, const struct record *rec)
{
    ptrdiff_t inside = s.at[0] == '"' ? next_end(span_head(s, (size_t)end), 0) : -1;
    ptrdiff_t behind = next_end(s, (size_t)end + 1);

    if (inside < 0 && behind < 0)
        return false;
    struct record other = *rec;
    for (; inside >= 0; inside = next_end(span_head(s, (size_t)end), (size_t)inside + 1))
        if (read_delivery(s, (size_t)inside, &other))
            return true;
    return other_readings(s, behind, rec->relay.at, &other) > 0;
}

/* The recipient ends at one of several places, and the same for each attempt. */
static void be_doubtful(struct span s, struct record *ret)
{
    ptrdiff_t end = span_find(s, '>');

    ret->recipient = end < 0 ? s : span_head(s, (size_t)end);
    ret->recipient_domain = ret->orig_recipient = ret->relay = SPAN_NONE;
    ret->address_is_cut = true;
}

static void be_ambiguous(struct span s, struct record *ret)
{
    be_doubtful(s, ret);
    be_cut(ret, "delivery with two readings");
    ret->type = RECORD_AMBIGUOUS;
}

static void parse_unquoted(struct span s, bool may_be_cut, struct record *ret)
{
    ptrdiff_t end = mail_address_end(s);

    ret->address_is_cut = false;
    if (may_be_cut) { /* the address may go on to the end, and look like the whole record */
        be_doubtful(s, ret);
        be_cut(ret, "delivery, cut, with an address that may be unquoted");
        return;
    }
    if (end >= 0 && read_delivery(s, (size_t)end, ret)) {
        if (has_other_reading(s, end, ret)) {
            be_ambiguous(s, ret);
            return;
        }
        ret->shape = "delivery";
    } else {
        int readings = other_readings(s, next_end(s, 0), NULL, ret);
        if (readings > 1)
            be_ambiguous(s, ret);
        if (readings != 1)
            return;
        ret->shape = "delivery, unquoted address";
    }
    ret->type = RECORD_DELIVERY;
    ret->recipient_domain = mail_address_domain(ret->recipient);
}

void record_parse_delivery(struct span s, enum address_form form, bool may_be_cut,
                           struct record *ret)
{
    if (record_is_quoted(s, form))
        parse_quoted(s, ret);
    else
        parse_unquoted(s, may_be_cut, ret);
    ret->has_hop =
        ret->type != RECORD_UNPARSED && record_relay(ret->relay, &ret->hop, &ret->hop_port);
}
