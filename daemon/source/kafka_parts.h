/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps the partitions of Kafka's topics that are read, and how far each has been.
 * Doesn't know: who reads them.
 * Owns:         the table.
 * Time:         timeless.
 * Fails:        false: there are too many, one comes twice, or memory is short.
 */
#ifndef RELAYWATCH_SOURCE_KAFKA_PARTS_H
#define RELAYWATCH_SOURCE_KAFKA_PARTS_H

#include <jansson.h>

#include "source/kafka_frame.h"

struct kafka_part {
    char topic[KAFKA_TOPIC_MAX + 1];
    uint32_t number;
    bool begun;    /* the offset is known */
    bool unread;   /* it can't be read just now */
    uint64_t next; /* offset of the next message */
};

/* Zeroed is empty. */
struct kafka_parts {
    struct kafka_part *part;
    size_t count;
};

bool kafka_parts_add(struct kafka_parts *parts, const struct kafka_part *part);
/* NULL if there is none. */
const struct kafka_part *kafka_parts_find(const struct kafka_parts *parts, struct span topic,
                                          uint64_t number);
void kafka_parts_done(struct kafka_parts *parts);

/* Of one, for a position; false if it is no such part. */
json_t *kafka_part_to_json(const struct kafka_part *part);
bool kafka_part_from_json(const json_t *json, struct kafka_part *ret);

#endif
