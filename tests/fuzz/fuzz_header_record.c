/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as lines of a log: what is found lies inside its line, and the same line gives the same
 * again. Each line stands in memory of its own, so that one byte too far is seen.
 */
#include "parse/syslog_unwrap.h"
#include "parse/syslog_usual.h"
#include "parse/record_parse.h"
#include "parse/refused_by.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span part, struct span line)
{
    if (part.len && (part.at < line.at || part.at + part.len > line.at + line.len))
        abort();
}

static void read_reply(struct span reply, struct span line)
{
    struct queue_id id = {0, 0};
    char text[QUEUE_ID_TEXT_MAX];

    if (record_forwarded_as(reply, &id) && !queue_id_is_set(id))
        abort();
    id = (struct queue_id){0, 0};
    for (struct span left = reply; record_queued_as(&left, &id); id = (struct queue_id){0, 0}) {
        inside(left, line);
        if (!*queue_id_print(id, text))
            abort();
    }
}

/* Who refused: what was written is read again, and is printable. */
static void check_refused(const struct record *r)
{
    char buf[REFUSED_BY_MAX];
    struct refused_by by;
    struct span text = refused_by_print(r, ADDRESS_LOCAL, buf);

    if (!refused_by_read(text, &by) || by.agent != r->program || by.addresses != ADDRESS_LOCAL)
        abort();
    for (size_t i = 0; i < text.len; i++)
        if (printable_char(text.at[i]) != text.at[i] || text.at[i] == '"')
            abort();
    text = refused_by_domain(r, ADDRESS_LOCAL, buf);
    if (!refused_by_is_of(text, ADDRESS_LOCAL))
        abort();
    inside(refused_by_domain_of(text), text);
}

/* Of a record only what its type names is set. */
static void check_parts(const struct record *r, struct span line)
{
    switch (r->type) {
    case RECORD_CLIENT:
    case RECORD_PROXY_CLIENT:
        inside(r->client, line);
        inside(r->client_address, line);
        inside(r->account, line);
        break;
    case RECORD_PICKUP:
    case RECORD_ACTIVE:
    case RECORD_EXPIRED:
    case RECORD_TAKEN:
        inside(r->sender, line);
        break;
    case RECORD_MESSAGE_ID:
        inside(r->message_id, line);
        break;
    case RECORD_DELIVERY:
    case RECORD_CUT:
    case RECORD_AMBIGUOUS:
        inside(r->recipient_domain, line);
        inside(r->recipient, line);
        inside(r->orig_recipient, line);
        inside(r->relay, line);
        inside(r->dsn, line);
        inside(r->reply, line);
        check_refused(r);
        break;
    case RECORD_SAYS:
        inside(r->header_text, line);
        break;
    case RECORD_CERTIFICATE:
        inside(r->client, line);
        inside(r->client_address, line);
        break;
    case RECORD_VERSION:
        inside(r->version, line);
        break;
    default:
        break;
    }
}

static void read_record(const struct syslog_header *header, struct span line,
                        enum address_form form)
{
    struct record record = {0}, again = {0};
    struct span instance;
    enum program program = program_of_tag(header->tag, &instance);

    if (program == PROGRAM_NONE)
        return;
    inside(instance, line);
    record_parse(program, header->text, form, &record);
    record_parse(program, header->text, form, &again);
    if (record.type != again.type || !queue_id_equal(record.id, again.id))
        abort();
    if (record.type == RECORD_UNPARSED)
        return;
    check_parts(&record, line);
    if (record.type == RECORD_DELIVERY) {
        struct address address;
        unsigned port;
        record_relay(record.relay, &address, &port);
        inside(mail_address_domain(record.recipient), line);
        read_reply(record.reply, line);
    }
}

static void read_line(struct syslog_clock *clock, struct span line)
{
    struct syslog_header header, again;
    struct syslog_clock fresh = {.reference = clock->reference};

    if (!syslog_header_parse(clock, line, &header))
        return;
    if (!span_equal(header.host, SPAN("-"))) /* where a line names no host */
        inside(header.host, line);
    inside(header.tag, line);
    inside(header.text, line);
    /* What the clock remembers is a shortcut: it may settle the year and the zone, no more. */
    if (!syslog_header_parse(&fresh, line, &again) || !span_equal(header.text, again.text) ||
        !span_equal(header.tag, again.tag) || header.pid != again.pid)
        abort();
    read_record(&header, line, ADDRESS_FORM_EXTERNAL);
    read_record(&header, line, ADDRESS_FORM_INTERNAL);
    read_record(&header, line, ADDRESS_FORM_UNKNOWN);
}

static bool same_span(struct span a, struct span b)
{
    return a.at == b.at && a.len == b.len;
}

/* The short way to a header, where it is one, leads to the same. */
static void read_usual(struct syslog_clock *clock, struct span line)
{
    struct syslog_header header, quick;
    struct syslog_usual usual;
    bool found = syslog_usual_find(clock, line, &usual);

    if (found)
        syslog_usual_header(clock, line, &usual, &quick);
    if (!syslog_header_parse(clock, line, &header)) {
        if (found)
            abort();
        return;
    }
    if (found &&
        (quick.when != header.when || quick.pid != header.pid || quick.prefix != header.prefix ||
         header.prefix_new || !same_span(quick.host, header.host) ||
         !same_span(quick.tag, header.tag) || !same_span(quick.text, header.text)))
        abort();
}

/* What a line of another form stands for is in the buffer, and a line like another. */
static void read_unwrapped(struct syslog_clock *clock, struct span line)
{
    char *buf = malloc(line.len + !line.len);
    struct span plain = buf ? syslog_unwrap(line, buf, line.len) : line;

    if (plain.at != line.at) {
        inside(plain, span_of(buf, line.len));
        read_line(clock, plain);
    }
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct syslog_prefix prefixes[SYSLOG_PREFIXES]; /* of earlier inputs, too */
    struct syslog_clock clock = {.reference = 1795492029 * US_PER_S};
    struct syslog_clock knowing = {.reference = clock.reference, .prefix = prefixes};
    struct span rest = {(const char *)data, size};

    while (rest.len) {
        ptrdiff_t end = span_find(rest, '\n');
        size_t len = end < 0 ? rest.len : (size_t)end;
        char *copy = malloc(len + !len);
        if (!copy)
            return 0;
        memcpy(copy, rest.at, len);
        read_line(&clock, span_of(copy, len));
        read_usual(&knowing, span_of(copy, len));
        read_unwrapped(&clock, span_of(copy, len));
        free(copy);
        rest = span_skip(rest, end < 0 ? len : len + 1);
    }
    return 0;
}
