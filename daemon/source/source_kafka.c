/* SPDX-License-Identifier: MIT */
#include "source/source_kafka.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "source/kafka_call.h"
#include "source/kafka_parts.h"
#include "source/source_kind.h"

/* AGAIN: before the next attempt. SOON: if the last one went well up to then. HEARD: the other side
 * says something six times as often. */
#define AGAIN          (2 * US_PER_S)
#define SOON           (US_PER_S / 5)
#define HEARD          (6 * KAFKA_ALIVE)
#define HOUR_US        (3600 * US_PER_S)
#define US_PER_MS      1000
#define BYTES_PER_LINE 128
#define REQUEST_MAX    (KAFKA_PARTITIONS_MAX * KAFKA_HEAD_MAX)

struct kafka_source {
    struct source source;
    char *socket, *brokers;
    enum source_start start;
    wall_us since;
    struct kafka_parts parts;  /* as far as they have been handed over */
    struct kafka_parts coming; /* those that this connection names */
    bool greeted, ready, at_end;
    bool has_been_ready;      /* by some connection: partitions that are new have no past */
    int64_t heard_us, try_us; /* when something last came; when to connect */
    enum blind_cause cause;
    char why[BLIND_WHY_MAX];                                /* "": nothing is wrong */
    char unread[BLIND_WHAT_MAX], unread_why[BLIND_WHY_MAX]; /* the first of them */
    unsigned unread_count;
    struct kafka_call call;
};

static struct kafka_source *kafka_of(const struct source *source)
{
    return (struct kafka_source *)(uintptr_t)source;
}

/* --- the connection --------------------------------------------------------------------------- */

/* What the other side wrote goes to logs and terminals. */
static void copy_printable(char *to, size_t size, struct span text)
{
    snprintf(to, size, "%.*s", SPAN_ARG(text));
    make_printable(to);
}

static void hang_up(struct kafka_source *kafka, int64_t now_us)
{
    kafka_call_close(&kafka->call);
    kafka_parts_done(&kafka->coming);
    kafka->try_us = now_us + (kafka->ready && !kafka->why[0] ? SOON : AGAIN);
    kafka->greeted = kafka->ready = kafka->at_end = false;
}

/* Something is wrong that a person should know of; said once as long as it is the same. */
static void fail(struct kafka_source *kafka, enum blind_cause cause, struct span why,
                 int64_t now_us)
{
    char text[BLIND_WHY_MAX];

    copy_printable(text, sizeof(text), why);
    if (strcmp(text, kafka->why) != 0)
        source_say(&kafka->source, SOURCE_NOTE_WAITING, 1, "Kafka: %s", text);
    snprintf(kafka->why, sizeof(kafka->why), "%s", text);
    kafka->cause = cause;
    hang_up(kafka, now_us);
}

static void fail_by_errno(struct kafka_source *kafka, int error, int64_t now_us)
{
    char text[BLIND_WHY_MAX];
    bool missing = error == ENOENT || error == ECONNREFUSED;

    if (missing)
        snprintf(text, sizeof(text),
                 "nobody answers at %.100s: is relaywatch-kafka.socket started?", kafka->socket);
    else
        snprintf(text, sizeof(text), "%.100s: %s", kafka->socket,
                 error == EPERM ? "another user's program answers there" : strerror(error));
    fail(kafka, missing ? BLIND_MISSING : BLIND_UNREADABLE, span_str(text), now_us);
}

static bool write_request(const struct kafka_source *kafka, struct buf *out)
{
    char since[40];

    snprintf(since, sizeof(since), "since %lld",
             (long long)(kafka->since > 0 ? kafka->since / US_PER_MS : 0));
    buf_printf(out, "relaywatch-kafka %d\n%s\n", KAFKA_VERSION,
               kafka->has_been_ready || kafka->start == SOURCE_BEGIN       ? "begin"
               : kafka->start == SOURCE_END || kafka->start == SOURCE_LAST ? "end"
                                                                           : since);
    for (size_t i = 0; i < kafka->parts.count; i++)
        if (kafka->parts.part[i].begun)
            buf_printf(out, "at %s %u %llu\n", kafka->parts.part[i].topic,
                       kafka->parts.part[i].number, (unsigned long long)kafka->parts.part[i].next);
    buf_add_str(out, "go\n");
    return !out->failed;
}

static int call(struct kafka_source *kafka, int64_t now_us)
{
    struct buf request = buf_new(REQUEST_MAX);
    int r = -ENOMEM;

    if (write_request(kafka, &request)) {
        kafka->heard_us = now_us;
        kafka->unread_count = 0;
        r = kafka_call_open(&kafka->call, kafka->socket, &request);
        if (r < 0)
            fail_by_errno(kafka, -r, now_us);
        r = 0;
    }
    buf_done(&request);
    return r;
}

/* --- what comes ------------------------------------------------------------------------------- */

static bool name_part(struct kafka_source *kafka, const struct kafka_frame *frame)
{
    const struct kafka_part *known = kafka_parts_find(&kafka->parts, frame->topic, frame->number);
    struct kafka_part part = {.number = (uint32_t)frame->number,
                              .begun = true,
                              .next = frame->offset,
                              .unread = frame->type == KAFKA_WITHOUT};

    memcpy(part.topic, frame->topic.at, frame->topic.len);
    if (part.unread) { /* as far as it was */
        part.begun = known && known->begun;
        part.next = part.begun ? known->next : 0;
        if (kafka->unread_count++ == 0) {
            snprintf(kafka->unread, sizeof(kafka->unread), "Kafka: partition %u of %.120s",
                     part.number, part.topic);
            copy_printable(kafka->unread_why, sizeof(kafka->unread_why), frame->text);
        }
    }
    return kafka_parts_add(&kafka->coming, &part);
}

/* What Kafka no longer holds, or never held, is said. */
static void compare(struct kafka_source *kafka, const struct kafka_part *part)
{
    const struct kafka_part *known =
        kafka_parts_find(&kafka->parts, span_str(part->topic), part->number);

    if (!known || !known->begun)
        return;
    if (known->next < part->next)
        source_say(&kafka->source, SOURCE_NOTE_GAP, 1,
                   "Kafka: partition %u of %.250s: messages %llu to %llu are gone", part->number,
                   part->topic, (unsigned long long)known->next,
                   (unsigned long long)(part->next - 1));
    if (known->next > part->next)
        source_say(&kafka->source, SOURCE_NOTE_TRUNCATED, 1,
                   "Kafka: partition %u of %.250s ends before message %llu, which comes next: "
                   "reading from %llu",
                   part->number, part->topic, (unsigned long long)known->next,
                   (unsigned long long)part->next);
}

static bool begin(struct kafka_source *kafka)
{
    if (kafka->ready)
        return false;
    for (size_t i = 0; i < kafka->coming.count; i++)
        compare(kafka, &kafka->coming.part[i]);
    kafka_parts_done(&kafka->parts);
    kafka->parts = kafka->coming;
    kafka->coming = (struct kafka_parts){.part = NULL};
    kafka->ready = kafka->has_been_ready = true;
    if (kafka->why[0])
        source_say(&kafka->source, SOURCE_NOTE_FOUND, 1, "Kafka is read again");
    kafka->why[0] = '\0';
    return true;
}

/* The reference for dates without a year: an hour's, so that it is not a new one for each line. */
static wall_us hour_of(uint64_t ms)
{
    wall_us when = (wall_us)ms * US_PER_MS;

    return ms ? when - when % HOUR_US + HOUR_US : 0;
}

static bool take_lines(struct kafka_source *kafka, const struct kafka_frame *frame,
                       const char *data)
{
    struct source_lines lines = {
        .data = data, .len = frame->length, .written = hour_of(frame->time)};

    if (!kafka->ready || frame->count >= kafka->parts.count)
        return false;
    struct kafka_part *part = &kafka->parts.part[frame->count];
    if (part->unread || frame->offset <= part->next || (lines.len && data[lines.len - 1] != '\n'))
        return false;
    if (lines.len)
        kafka->source.sink.lines(kafka->source.sink.ctx, &lines);
    part->next = frame->offset;
    return true;
}

static bool take_frame(struct kafka_source *kafka, const struct kafka_frame *frame,
                       const char *data, int64_t now_us)
{
    if (frame->type == KAFKA_ERROR) {
        fail(kafka, BLIND_UNREADABLE, frame->text, now_us);
        return true;
    }
    if (!kafka->greeted) {
        kafka->greeted = frame->type == KAFKA_HELLO && frame->version == KAFKA_VERSION;
        return kafka->greeted;
    }
    switch (frame->type) {
    case KAFKA_PARTITION:
    case KAFKA_WITHOUT:
        return !kafka->ready && name_part(kafka, frame);
    case KAFKA_READY:
        return begin(kafka);
    case KAFKA_LINES:
        return take_lines(kafka, frame, data);
    case KAFKA_END:
        kafka->at_end = kafka->ready;
        return kafka->ready;
    case KAFKA_STILL_ALIVE:
        return true;
    default:
        return false;
    }
}

/* Reads on; false: nothing has come, or the connection is over. */
static bool read_more(struct kafka_source *kafka, int64_t now_us)
{
    ssize_t n = kafka_call_read(&kafka->call);

    if (n > 0)
        kafka->heard_us = now_us;
    else if (n == 0 && kafka->ready)
        hang_up(kafka, now_us);
    else if (n == 0)
        fail(kafka, BLIND_UNREADABLE,
             SPAN("relaywatch-kafka ended before it was ready; its log says why"), now_us);
    else if (n != -EAGAIN)
        fail_by_errno(kafka, (int)-n, now_us);
    else if (now_us - kafka->heard_us >= HEARD)
        fail(kafka, BLIND_UNREADABLE, SPAN("relaywatch-kafka has said nothing for a minute"),
             now_us);
    return n > 0;
}

/* --- the source's functions ------------------------------------------------------------------- */

static int kafka_run(struct source *source, int64_t now_us, size_t budget)
{
    struct kafka_source *kafka = kafka_of(source);
    int64_t bytes = (int64_t)budget * BYTES_PER_LINE;
    struct kafka_frame frame;
    int r = 0;

    if (kafka->call.fd < 0 && now_us >= kafka->try_us)
        r = call(kafka, now_us);
    int sent = kafka->call.fd >= 0 ? kafka_call_send(&kafka->call) : 0;
    if (sent < 0)
        fail_by_errno(kafka, -sent, now_us);
    while (r == 0 && kafka->call.fd >= 0 && bytes > 0) {
        bool good;
        const char *data = kafka_call_next(&kafka->call, &frame, &good);
        if (data && good)
            good = take_frame(kafka, &frame, data, now_us);
        if (data)
            bytes -= (int64_t)frame.length + BYTES_PER_LINE;
        if (!good)
            fail(kafka, BLIND_UNREADABLE, SPAN("relaywatch-kafka says what it must not"), now_us);
        else if (!data && !read_more(kafka, now_us))
            break;
    }
    if (r < 0)
        return r;
    return bytes <= 0 ? SOURCE_MORE : kafka->at_end ? SOURCE_IDLE : SOURCE_WAIT;
}

static int kafka_fd(const struct source *source)
{
    return kafka_of(source)->call.epoll_fd;
}

static int64_t kafka_deadline_us(const struct source *source)
{
    const struct kafka_source *kafka = kafka_of(source);

    return kafka->call.fd < 0 ? kafka->try_us : kafka->heard_us + HEARD;
}

/* Offsets mean something in their own cluster only. */
static char *kind_of(const struct kafka_source *kafka)
{
    struct buf kind = buf_new(64 * 1024);

    buf_printf(&kind, "kafka %s", kafka->brokers);
    return buf_take(&kind);
}

static char *kafka_position(const struct source *source)
{
    const struct kafka_source *kafka = kafka_of(source);
    json_t *parts = json_array();
    char *kind = kind_of(kafka), *position = NULL;

    for (size_t i = 0; i < kafka->parts.count; i++)
        if (kafka->parts.part[i].begun)
            json_array_append_new(parts, kafka_part_to_json(&kafka->parts.part[i]));
    if (kind)
        position = source_format_position(kind, parts);
    else
        json_decref(parts);
    free(kind);
    return position;
}

static uint64_t kafka_behind(const struct source *source)
{
    return kafka_of(source)->call.len - kafka_of(source)->call.from;
}

static void kafka_each_blind(const struct source *source, int64_t now_us, blind_visit *visit,
                             void *ctx)
{
    const struct kafka_source *kafka = kafka_of(source);

    (void)now_us;
    if (kafka->why[0])
        visit(ctx, kafka->cause, "Kafka", kafka->why);
    /* Each counts; the first is named. */
    for (unsigned i = 0; kafka->ready && i < kafka->unread_count; i++)
        visit(ctx, BLIND_UNREADABLE, kafka->unread, kafka->unread_why);
}

static wall_us kafka_written(const struct source *source)
{
    (void)source;
    return WHEN_UNKNOWN;
}

/* Each has a connection of its own, and one may be told of a message before the other. */
static bool kafka_has_all_of(const struct source *source, const struct source *other)
{
    const struct kafka_parts *all = &kafka_of(other)->parts;

    for (size_t i = 0; i < all->count; i++) {
        const struct kafka_part *theirs = &all->part[i];
        const struct kafka_part *ours =
            kafka_parts_find(&kafka_of(source)->parts, span_str(theirs->topic), theirs->number);
        if (ours && ours->begun && theirs->begun && ours->next < theirs->next)
            return false;
    }
    return true;
}

static void kafka_close(struct source *source)
{
    struct kafka_source *kafka = kafka_of(source);

    kafka_call_done(&kafka->call);
    kafka_parts_done(&kafka->coming);
    kafka_parts_done(&kafka->parts);
    free(kafka->socket);
    free(kafka->brokers);
    free(kafka);
}

static const struct source_ops ops = {
    .run = kafka_run,
    .fd = kafka_fd,
    .deadline_us = kafka_deadline_us,
    .position = kafka_position,
    .behind = kafka_behind,
    .each_blind = kafka_each_blind,
    .written = kafka_written,
    .has_all_of = kafka_has_all_of,
    .close = kafka_close,
};

static int load_part(struct source *source, const json_t *json)
{
    struct kafka_part part;

    return kafka_part_from_json(json, &part) && kafka_parts_add(&kafka_of(source)->parts, &part);
}

int source_open_kafka(const char *socket, const char *brokers, const struct source_options *options,
                      int64_t now_us, struct source **ret)
{
    struct kafka_source *kafka = calloc(1, sizeof(*kafka));
    char *kind = NULL;

    if (!kafka)
        return -ENOMEM;
    kafka->source.ops = &ops;
    kafka->source.sink = options->sink;
    kafka->start = options->start;
    kafka->since = options->since;
    kafka->try_us = now_us;
    kafka->socket = strdup(socket);
    kafka->brokers = strdup(brokers);
    if (kafka_call_init(&kafka->call) == 0 && kafka->socket && kafka->brokers)
        kind = kind_of(kafka);
    if (!kind) {
        kafka_close(&kafka->source);
        return -ENOMEM;
    }
    int r = source_load_position(&kafka->source, options->position, kind, load_part);
    free(kind);
    if (r < 0) {
        kafka_close(&kafka->source);
        return r;
    }
    *ret = &kafka->source;
    return 0;
}
