/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines what relaywatch and relaywatch-kafka say to each other, and reads it.
 * Doesn't know: sockets, Kafka.
 * Owns:         nothing: a frame borrows from the line that it was read from.
 * Time:         `time` is the messages' own, in milliseconds since 1970; 0 is unknown.
 * Fails:        false for whatever is not exactly one of the lines below: the other side may be
 *               anybody.
 *
 * relaywatch connects and asks, once:
 *
 *     relaywatch-kafka 1
 *     begin | end | since TIME         where to begin partitions that are not named here
 *     at TOPIC PARTITION OFFSET        the next message of one; any number of these lines
 *     go
 *
 * and is answered, until one of the two closes the connection:
 *
 *     relaywatch-kafka 1
 *     partition TOPIC PARTITION OFFSET its first message; these are counted from 0
 *     without TOPIC PARTITION TEXT     this one can't be read now; counted, too
 *     ready                            those were all
 *     lines COUNT OFFSET TIME LENGTH   of partition COUNT, up to before OFFSET; LENGTH bytes
 *                                      follow: whole lines; nothing, where messages are left out
 *     end                              all that there was has been handed over
 *     alive                            at least every KAFKA_ALIVE
 *     error TEXT                       this can't go on
 */
#ifndef RELAYWATCH_SOURCE_KAFKA_FRAME_H
#define RELAYWATCH_SOURCE_KAFKA_FRAME_H

#include "base/span.h"
#include "base/when.h"
#include "source/source_options.h"

#define KAFKA_ALIVE    (10 * US_PER_S)
#define KAFKA_TIME_MAX INT64_C(253402300799999) /* the year 9999 */

enum {
    KAFKA_VERSION = 1,
    KAFKA_HEAD_MAX = 1024,                 /* bytes of a line, with its end */
    KAFKA_TOPIC_MAX = 249,                 /* bytes; Kafka's bound */
    KAFKA_TEXT_MAX = 300,                  /* bytes of a TEXT */
    KAFKA_LINES_MAX = SOURCE_LINE_MAX + 1, /* bytes; the longest line and its end */
    KAFKA_PARTITIONS_MAX = 1024,
    KAFKA_NUMBER_MAX = INT32_MAX, /* of a partition */
};

enum kafka_frame_type {
    KAFKA_HELLO,
    KAFKA_BEGIN,
    KAFKA_END, /* "end" of a request, and of an answer */
    KAFKA_SINCE,
    KAFKA_AT,
    KAFKA_GO,
    KAFKA_PARTITION,
    KAFKA_WITHOUT,
    KAFKA_READY,
    KAFKA_LINES,
    KAFKA_STILL_ALIVE,
    KAFKA_ERROR,
    KAFKA_FRAME_TYPES
};

struct kafka_frame {
    enum kafka_frame_type type;
    struct span topic, text;
    uint64_t version, number, count, offset, time, length;
};

/* The name of a topic as Kafka allows it. */
bool kafka_is_topic(struct span name);
/* Reads one line, without its end. */
bool kafka_frame_read(struct span line, struct kafka_frame *ret);

#endif
