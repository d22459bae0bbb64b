/* SPDX-License-Identifier: MIT */
#include "parse/record.h"

const char *status_name(enum status status)
{
    static const char *const names[] = {"in delivery", "sent", "deferred", "bounced", "probed"};

    _Static_assert(sizeof(names) / sizeof(*names) == STATUS_COUNT, "a name for each");
    return names[status];
}

bool record_relay(struct span relay, struct address *ret, unsigned *ret_port)
{
    ptrdiff_t open = span_find(relay, '[');
    uint64_t port = 0;

    if (open < 0)
        return false;
    /* "mx1[private/dovecot-lmtp]" has brackets too, but no address in them. */
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
    /* The whole reply: "delivered to command: ..." can go on with anything. */
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
