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

/* ", status=sent (250 2.0.0 Ok)"; the ")" may be missing, as Postfix cuts at 2000 bytes. */
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
        span_take_decimals(&s);
    if (!span_take(&s, SPAN(", delay=")) || !parse_delay(span_take_decimals(&s), &ret->delay))
        return false;
    if (span_take(&s, SPAN(", delays=")))
        span_take_decimals(&s);
    if (span_take(&s, SPAN(", tls="))) {
        ptrdiff_t end = span_find(s, ',');
        if (end < 0)
            return false;
        s = span_skip(s, (size_t)end);
    }
    ret->dsn = SPAN_NONE;
    if (span_take(&s, SPAN(", dsn=")))
        ret->dsn = span_take_decimals(&s);
    return parse_status(s, ret);
}

/* s follows the recipient: ">[, orig_to=<O>], relay=...". */
static bool parse_after_recipient(struct span s, struct record *ret)
{
    if (!span_take(&s, SPAN(">")))
        return false;
    ret->orig_recipient = SPAN_NONE;
    if (!span_take(&s, SPAN(", orig_to=<")))
        return parse_from_relay(s, ret);
    for (ptrdiff_t end = mail_address_end(s), from = 0; end >= 0;) {
        ret->orig_recipient = span_head(s, (size_t)(from + end));
        if (parse_from_relay(span_skip(s, (size_t)(from + end) + 1), ret))
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

/* Tries every ">" after the one at `from` (-1: every one). Returns the number of readings, at most
 * 2, and the first of them in *ret. Two that differ only in whether "orig_to=<" is part of the
 * recipient count as one: their tails are the same, and so is the domain that is judged. */
static int other_readings(struct span s, ptrdiff_t from, const char *relay, struct record *ret)
{
    int found = 0;

    for (size_t i = (size_t)(from + 1); i < s.len && found < 2; i++) {
        ptrdiff_t next = span_find(span_skip(s, i), '>');
        if (next < 0)
            break;
        i += (size_t)next;
        /* Most replies with ">" in them end here, before anything is copied. */
        if (!span_starts(span_skip(s, i), SPAN(">, ")))
            continue;
        struct record r = *ret;
        if (!read_delivery(s, i, &r) || r.relay.at == relay)
            continue;
        relay = r.relay.at;
        if (!found)
            *ret = r;
        found++;
    }
    return found;
}

/* Whether the recipient could end anywhere but at `end`. Replies of servers often have ">" in them,
 * but hardly ever anything like the tail of a record. */
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

void record_parse_delivery(struct span s, enum address_form form, struct record *ret)
{
    ptrdiff_t end = mail_address_end(s);

    if (end >= 0 && read_delivery(s, (size_t)end, ret)) {
        bool two = form != ADDRESS_FORM_EXTERNAL && has_other_reading(s, end, ret);
        ret->type = two ? RECORD_AMBIGUOUS : RECORD_DELIVERY;
        ret->recipient_domain = mail_address_domain(ret->recipient);
        ret->shape = two ? "delivery with two readings" : "delivery";
        return;
    }
    int readings = other_readings(s, -1, NULL, ret);
    if (readings == 1) {
        ret->type = RECORD_DELIVERY;
        ret->recipient_domain = mail_address_domain(ret->recipient);
        ret->shape = "delivery, unquoted address";
        ret->proves_internal_form = true;
    } else if (readings > 1) {
        ret->type = RECORD_AMBIGUOUS;
        ret->shape = "delivery with two readings";
    }
}
