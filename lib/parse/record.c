/* SPDX-License-Identifier: MIT */
#include "parse/record.h"

const char *status_name(enum status status)
{
    static const char *const names[] = {"in delivery", "sent", "deferred", "bounced", "probed"};

    _Static_assert(sizeof(names) / sizeof(*names) == STATUS_COUNT, "a name for each");
    return names[status];
}

const char *refusal_name(enum refusal refusal)
{
    static const char *const names[] = {
        "none", "relay-denied", "user-unknown", "relay-user-unknown", "other", "login"};

    _Static_assert(sizeof(names) / sizeof(*names) == REFUSAL_COUNT, "a name for each");
    return names[refusal];
}

bool record_relay(struct span relay, struct address *ret, unsigned *ret_port)
{
    ptrdiff_t open = span_find_near(relay, '[');
    uint64_t port = 0;

    if (open < 0)
        return false;
    struct span rest = span_skip(relay, (size_t)open + 1);
    size_t close = rest.len;
    while (close && rest.at[close - 1] != ']')
        close--;
    /* "mx1[private/dovecot-lmtp]" has brackets too, but no address in them. */
    if (!close || !address_parse(span_head(rest, close - 1), ret))
        return false;
    rest = span_skip(rest, close);
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

/* "procmail" and "/usr/lib/dovecot/deliver" put mail into the mailboxes of people. */
static bool is_mailbox_program(struct span command)
{
    static const struct span programs[] = {SPAN("dovecot"), SPAN("deliver"), SPAN("maildrop"),
                                           SPAN("procmail"), SPAN("cyrus")};
    ptrdiff_t end = span_find(command, ' ');

    if (end >= 0)
        command.len = (size_t)end;
    command = span_skip(command, (size_t)(span_find_last(command, '/') + 1));
    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
        if (span_starts(command, programs[i]))
            return true;
    return false;
}

bool record_is_taken_by_program(const struct record *rec)
{
    struct span reply = rec->reply;

    if (rec->status != STATUS_SENT)
        return false;
    if (rec->program == PROGRAM_LOCAL)
        return span_take(&reply, SPAN("delivered to command: ")) && !is_mailbox_program(reply);
    if (rec->program == PROGRAM_PIPE)
        return !is_mailbox_program(rec->relay);
    if (rec->program == PROGRAM_SMTP)
        return rec->has_hop && rec->hop_port && !record_is_mail_port(rec->hop_port);
    /* A mailbox server's socket, or Dovecot's "250 2.0.0 <user> SESSION Saved". */
    return rec->program == PROGRAM_LMTP && rec->has_hop && !span_ends(reply, SPAN(" Saved"));
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
