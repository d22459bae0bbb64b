/* SPDX-License-Identifier: MIT */
#include "source/kafka_parts.h"

#include <stdlib.h>

const struct kafka_part *kafka_parts_find(const struct kafka_parts *parts, struct span topic,
                                          uint64_t number)
{
    for (size_t i = 0; i < parts->count; i++)
        if (parts->part[i].number == number && span_equal(span_str(parts->part[i].topic), topic))
            return &parts->part[i];
    return NULL;
}

bool kafka_parts_add(struct kafka_parts *parts, const struct kafka_part *part)
{
    if (parts->count == KAFKA_PARTITIONS_MAX ||
        kafka_parts_find(parts, span_str(part->topic), part->number))
        return false;
    struct kafka_part *grown = realloc(parts->part, (parts->count + 1) * sizeof(*grown));
    if (!grown)
        return false;
    parts->part = grown;
    parts->part[parts->count++] = *part;
    return true;
}

void kafka_parts_done(struct kafka_parts *parts)
{
    free(parts->part);
    *parts = (struct kafka_parts){.part = NULL};
}

json_t *kafka_part_to_json(const struct kafka_part *part)
{
    return json_pack("{ss sI sI}", "topic", part->topic, "partition", (json_int_t)part->number,
                     "offset", (json_int_t)part->next);
}

bool kafka_part_from_json(const json_t *json, struct kafka_part *ret)
{
    struct span topic = span_str(json_string_value(json_object_get(json, "topic")));
    json_int_t number = json_integer_value(json_object_get(json, "partition"));
    const json_t *offset = json_object_get(json, "offset");

    if (!kafka_is_topic(topic) || number < 0 || number > KAFKA_NUMBER_MAX ||
        !json_is_integer(offset) || json_integer_value(offset) < 0)
        return false;
    *ret = (struct kafka_part){
        .number = (uint32_t)number, .begun = true, .next = (uint64_t)json_integer_value(offset)};
    memcpy(ret->topic, topic.at, topic.len);
    return true;
}
