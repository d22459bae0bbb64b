/* SPDX-License-Identifier: MIT */
#include "source/kafka_frame.h"

/* What follows the word, a letter each: (v)ersion, (t)opic, (n)umber of a partition, (c)ount,
 * (o)ffset, (m)illiseconds, (l)ength, and te(x)t, which goes up to the end. */
static const struct {
    struct span word;
    const char *fields;
} forms[KAFKA_FRAME_TYPES] = {
    [KAFKA_HELLO] = {SPAN("relaywatch-kafka"), "v"},
    [KAFKA_BEGIN] = {SPAN("begin"), ""},
    [KAFKA_END] = {SPAN("end"), ""},
    [KAFKA_SINCE] = {SPAN("since"), "m"},
    [KAFKA_AT] = {SPAN("at"), "tno"},
    [KAFKA_GO] = {SPAN("go"), ""},
    [KAFKA_PARTITION] = {SPAN("partition"), "tno"},
    [KAFKA_WITHOUT] = {SPAN("without"), "tnx"},
    [KAFKA_READY] = {SPAN("ready"), ""},
    [KAFKA_LINES] = {SPAN("lines"), "coml"},
    [KAFKA_STILL_ALIVE] = {SPAN("alive"), ""},
    [KAFKA_ERROR] = {SPAN("error"), "x"},
};

bool kafka_is_topic(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i], lower = ascii_lower(c);
        if (!is_digit(c) && !(lower >= 'a' && lower <= 'z') && c != '.' && c != '_' && c != '-')
            return false;
    }
    return name.len > 0 && name.len <= KAFKA_TOPIC_MAX;
}

/* Up to the next blank. */
static struct span take_field(struct span *rest)
{
    ptrdiff_t blank = span_find(*rest, ' ');
    struct span field = span_head(*rest, blank < 0 ? rest->len : (size_t)blank);

    *rest = span_skip(*rest, field.len);
    return field;
}

static bool read_number(struct span field, uint64_t max, uint64_t *ret)
{
    return span_take_number(&field, ret) && field.len == 0 && *ret <= max;
}

static bool read_field(char kind, struct span *rest, struct kafka_frame *frame)
{
    struct span field = kind == 'x' ? *rest : take_field(rest);

    switch (kind) {
    case 'v':
        return read_number(field, UINT64_MAX, &frame->version);
    case 't':
        frame->topic = field;
        return kafka_is_topic(field);
    case 'n':
        return read_number(field, KAFKA_NUMBER_MAX, &frame->number);
    case 'c':
        return read_number(field, KAFKA_PARTITIONS_MAX - 1, &frame->count);
    case 'o':
        return read_number(field, UINT64_MAX, &frame->offset);
    case 'm':
        return read_number(field, KAFKA_TIME_MAX, &frame->time);
    case 'l':
        return read_number(field, KAFKA_LINES_MAX, &frame->length);
    default:
        frame->text = field;
        *rest = SPAN_NONE;
        return field.len > 0 && field.len <= KAFKA_TEXT_MAX;
    }
}

static bool read_as(enum kafka_frame_type type, struct span rest, struct kafka_frame *frame)
{
    *frame = (struct kafka_frame){.type = type};
    for (const char *kind = forms[type].fields; *kind; kind++)
        if (!span_take(&rest, SPAN(" ")) || !read_field(*kind, &rest, frame))
            return false;
    return rest.len == 0;
}

bool kafka_frame_read(struct span line, struct kafka_frame *ret)
{
    struct span rest = line, word = take_field(&rest);

    for (int type = 0; type < KAFKA_FRAME_TYPES; type++)
        if (span_equal(word, forms[type].word))
            return read_as((enum kafka_frame_type)type, rest, ret);
    return false;
}
