/* SPDX-License-Identifier: MIT */
#include "kafka/hand_over.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

/* PATIENCE: for messages of a partition that is behind; then others go on without. LOOK: whether
 * there are more partitions, or one that could not be read can be. */
#define PATIENCE (5 * US_PER_S)
#define LOOK     (60 * US_PER_S)

struct out {
    char lines[KAFKA_LINES_MAX];
    size_t len;
};

struct turn {
    struct cluster *cluster;
    struct partition *oldest; /* NULL: no message is here */
    int64_t until_ms;         /* up to which its messages come before those of another */
    bool awaited;             /* a partition that is behind has no message here yet */
    bool all_at_end;
};

/* 0: it has none. */
static int64_t time_of(const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    int64_t ms = rd_kafka_message_timestamp(message, &type);

    return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0 || ms > KAFKA_TIME_MAX ? 0 : ms;
}

/* --- messages in ------------------------------------------------------------------------------ */

/* Drops what is no message from the batch. False: this can't go on. */
static bool sort_out(struct partition *part)
{
    size_t kept = 0;
    bool good = true;

    for (size_t i = 0; i < part->count; i++) {
        rd_kafka_message_t *message = part->batch[i];
        rd_kafka_resp_err_t err = message->err;
        if (!err && message->offset >= part->next) {
            part->at_end = false;
            part->batch[kept++] = message;
            continue;
        }
        part->at_end = err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        /* Messages that are gone are found to be when it is begun again. */
        if (err && !part->at_end && err != RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
            answer_error("partition %d of %.60s: %s", part->number, part->topic,
                         rd_kafka_message_errstr(message));
        good &= !err || part->at_end;
        rd_kafka_message_destroy(message);
    }
    part->at = 0;
    part->count = kept;
    return good;
}

/* The event that tells of the end comes late, and the high watermark with each answer. */
static void look_at_end(struct cluster *cluster, struct partition *part)
{
    int64_t low, high;

    if (!part->at_end &&
        !rd_kafka_get_watermark_offsets(cluster->handle, part->topic, part->number, &low, &high))
        part->at_end = high >= 0 && part->next >= high;
}

static bool fetch(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->count; i++) {
        struct partition *part = &cluster->part[i];
        if (!part->queue || part->at < part->count)
            continue;
        ssize_t n = rd_kafka_consume_batch_queue(part->queue, 0, part->batch, BATCH);
        part->count = n > 0 ? (size_t)n : 0;
        if (!sort_out(part))
            return false;
        if (part->count == 0)
            look_at_end(cluster, part);
    }
    return true;
}

/* --- lines out -------------------------------------------------------------------------------- */

/* A message is a line, whatever it holds: a newline in it would make two. */
static void add_line(struct out *out, const char *data, size_t len)
{
    char *to = out->lines + out->len;

    while (len && (data[len - 1] == '\n' || data[len - 1] == '\r'))
        len--;
    if (len == 0)
        return;
    len = len < SOURCE_LINE_MAX ? len : SOURCE_LINE_MAX;
    memcpy(to, data, len);
    for (char *c = to; (c = memchr(c, '\n', (size_t)(to + len - c))) != NULL;)
        *c = ' ';
    to[len] = '\n';
    out->len += len + 1;
}

static void flush(struct cluster *cluster, const struct partition *part, int64_t ms,
                  struct out *out)
{
    answer("lines %d %lld %lld %zu", (int)(part - cluster->part), (long long)part->next,
           (long long)ms, out->len);
    answer_data(out->lines, out->len);
    out->len = 0;
}

/* Hands over what comes before any other partition's next message. */
static void write_run(const struct turn *turn, struct out *out)
{
    struct partition *part = turn->oldest;
    int64_t ms = 0;

    for (bool first = true; part->at < part->count; first = false) {
        rd_kafka_message_t *message = part->batch[part->at];
        int64_t when = time_of(message);
        if (!first && when > turn->until_ms)
            break;
        if (out->len + message->len + 1 > sizeof(out->lines) && out->len)
            flush(turn->cluster, part, ms, out);
        if (!part->since_ms || !when || when >= part->since_ms) {
            part->since_ms = 0; /* from now on, all of them */
            add_line(out, message->payload, message->len);
        }
        ms = when ? when : ms;
        part->next = message->offset + 1;
        part->at++;
        rd_kafka_message_destroy(message);
    }
    flush(turn->cluster, part, ms, out);
}

/* --- the order -------------------------------------------------------------------------------- */

static struct turn look(struct cluster *cluster)
{
    struct turn turn = {.cluster = cluster, .until_ms = INT64_MAX, .all_at_end = true};
    int64_t first_ms = INT64_MAX;

    for (size_t i = 0; i < cluster->count; i++) {
        struct partition *part = &cluster->part[i];
        if (!part->queue)
            continue;
        turn.all_at_end &= part->at_end;
        if (part->at == part->count) {
            turn.awaited |= !part->at_end;
            continue;
        }
        int64_t when = time_of(part->batch[part->at]);
        if (!turn.oldest || when < first_ms) {
            turn.until_ms = first_ms;
            first_ms = when;
            turn.oldest = part;
        } else if (when < turn.until_ms) {
            turn.until_ms = when;
        }
    }
    return turn;
}

static void drain(int fd)
{
    char bytes[256];

    while (read(fd, bytes, sizeof(bytes)) > 0)
        ;
}

/* What is to be said now and then. False: it can't go on. */
static bool is_well(struct cluster *cluster, const char *topics, int64_t now, int64_t *look_at,
                    int64_t *said_at)
{
    bool all_down;

    rd_kafka_poll(cluster->handle, 0);
    const char *why = cluster_trouble(&all_down);
    if (all_down) {
        answer_error("no broker can be reached: %s", why);
        return false;
    }
    if (now - *said_at >= KAFKA_ALIVE) {
        answer("alive");
        *said_at = now;
    }
    if (now < *look_at)
        return true;
    *look_at = now + LOOK;
    return !cluster->unread && cluster_is_same(cluster, topics);
}

void hand_over(struct cluster *cluster, const char *topics)
{
    struct out *out = calloc(1, sizeof(*out));
    int64_t look_at = clock_mono() + LOOK, said_at = 0, waits_since = 0, now;
    bool told_end = false;

    while (out && is_well(cluster, topics, now = clock_mono(), &look_at, &said_at) &&
           fetch(cluster)) {
        struct turn turn = look(cluster);
        waits_since = !turn.awaited ? 0 : waits_since ? waits_since : now;
        if (turn.oldest && (!turn.awaited || now - waits_since >= PATIENCE)) {
            write_run(&turn, out);
            continue;
        }
        if (turn.all_at_end && !told_end) {
            answer("end");
            told_end = true;
        }
        if (!answer_is_wanted(cluster->wake, turn.awaited ? 50 : 1000))
            break;
        drain(cluster->wake);
    }
    free(out);
}
