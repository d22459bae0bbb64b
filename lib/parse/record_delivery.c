/* SPDX-License-Identifier: MIT */
/* Delivery records, strictly from the left, and what their replies name. */
#include "parse/record_internal.h"

#include "base/swar.h"

const char *status_name(enum status status)
{
    static const char *const names[] = {"in delivery", "sent", "deferred", "bounced", "probed"};

    _Static_assert(sizeof(names) / sizeof(*names) == STATUS_COUNT, "a name for each");
    return names[status];
}

ptrdiff_t address_end(struct span s)
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

struct span take_while_number(struct span *s)
{
    size_t i = 0, n = 8;

    _Static_assert('/' == '.' + 1 && '0' == '/' + 1, "one range: . / 0 to 9");
    while (n == 8 && i + 8 <= s->len)
        i += n = swar_leading(swar_in_range(swar_load(s->at + i), '.', '9'));
    while (n == 8 && i < s->len && s->at[i] >= '.' && s->at[i] <= '9')
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
        if (next < 0)
            break;
        i += (size_t)next;
        /* Most replies with a ">" in them end here, before anything is copied. */
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
void parse_delivery(struct span s, enum address_form form, struct record *ret)
{
    ptrdiff_t end = address_end(s);

    if (end >= 0 && read_delivery(s, (size_t)end, ret)) {
        bool two = form != ADDRESS_FORM_EXTERNAL && has_other_reading(s, end, ret);
        ret->type = two ? RECORD_AMBIGUOUS : RECORD_DELIVERY;
        ret->recipient_domain = address_domain(ret->recipient);
        ret->shape = two ? "delivery with two readings" : "delivery";
        return;
    }
    int readings = other_readings(s, -1, NULL, ret);
    if (readings == 1) {
        ret->type = RECORD_DELIVERY;
        ret->recipient_domain = address_domain(ret->recipient);
        ret->shape = "delivery, unquoted address";
        ret->proves_internal_form = true;
    } else if (readings > 1) {
        ret->type = RECORD_AMBIGUOUS;
        ret->shape = "delivery with two readings";
    }
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
