/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "source/kafka_frame.h"

#include "base/buf.h"

#define TOPIC_249                                                                                  \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaa"                                                                                         \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
    "aaaa"                                                                                         \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A line, and its type and fields; NULL: refused. */
static const struct {
    const char *line, *want;
} rows[] = {
    {"relaywatch-kafka 1", "0 version 1"},
    {"relaywatch-kafka", NULL},
    {"relaywatch-kafka ", NULL},
    {"relaywatch-kafka 1 ", NULL},
    {"relaywatch-kafka 1x", NULL},
    {"relaywatch-kafka -1", NULL},
    {"begin", "1"},
    {"begin ", NULL},
    {"beginning", NULL},
    {"end", "2"},
    {"since 1796000000000", "3 time 1796000000000"},
    {"since 253402300799999", "3 time 253402300799999"},
    {"since 253402300800000", NULL},
    {"since 99999999999999999999", NULL},
    {"at mail 0 17", "4 topic mail number 0 offset 17"},
    {"at mail 2147483647 999999999999999999",
     "4 topic mail number 2147483647 offset 999999999999999999"},
    {"at mail 2147483648 17", NULL},
    {"at mail 0 1000000000000000000", NULL},
    {"at mail 0", NULL},
    {"at mail 0 17 18", NULL},
    {"at  mail 0 17", NULL},
    {"at  0 17", NULL},
    {"at ma/il 0 17", NULL},
    {"at ma\x1bil 0 17", NULL},
    {"at A.b_c-9 0 17", "4 topic A.b_c-9 number 0 offset 17"},
    {"at " TOPIC_249 " 0 17", "4 topic " TOPIC_249 " number 0 offset 17"},
    {"at " TOPIC_249 "a 0 17", NULL},
    {"go", "5"},
    {"partition mail 3 0", "6 topic mail number 3"},
    {"without mail 3 Broker: Leader not available",
     "7 topic mail number 3 text Broker: Leader not available"},
    {"without mail 3 ", NULL},
    {"without mail 3", NULL},
    {"ready", "8"},
    {"lines 0 18 1796000000000 65537", "9 offset 18 time 1796000000000 length 65537"},
    {"lines 1023 18 0 0", "9 count 1023 offset 18"},
    {"lines 1024 18 0 0", NULL},
    {"lines 0 18 0 65538", NULL},
    {"lines 0 18 0", NULL},
    {"alive", "10"},
    {"error  two blanks", "11 text  two blanks"},
    {"error ", NULL},
    {"", NULL},
    {" ", NULL},
    {"Ready", NULL},
};

static void show(struct buf *out, const char *name, uint64_t value)
{
    if (value)
        buf_printf(out, " %s %llu", name, (unsigned long long)value);
}

START_TEST(lines_are_read_or_refused)
{
    struct kafka_frame frame;
    struct buf out = buf_new(1024);

    if (kafka_frame_read(span_str(rows[_i].line), &frame)) {
        buf_printf(&out, "%d", (int)frame.type);
        show(&out, "version", frame.version);
        if (frame.topic.len)
            buf_printf(&out, " topic %.*s number %llu", SPAN_ARG(frame.topic),
                       (unsigned long long)frame.number);
        show(&out, "count", frame.count);
        show(&out, "offset", frame.offset);
        show(&out, "time", frame.time);
        show(&out, "length", frame.length);
        if (frame.text.len)
            buf_printf(&out, " text %.*s", SPAN_ARG(frame.text));
    }
    want_text(rows[_i].line, text_or_empty(out.at), text_or_empty(rows[_i].want));
    buf_done(&out);
}
END_TEST

/* No byte less makes a frame of a longer one's beginning. */
START_TEST(a_text_has_a_bound)
{
    char line[KAFKA_TEXT_MAX + 10] = "error ";
    struct kafka_frame frame;

    memset(line + 6, 'x', KAFKA_TEXT_MAX + 1);
    ck_assert(!kafka_frame_read(span_of(line, 6 + KAFKA_TEXT_MAX + 1), &frame));
    ck_assert(kafka_frame_read(span_of(line, 6 + KAFKA_TEXT_MAX), &frame));
    ck_assert_uint_eq(frame.text.len, KAFKA_TEXT_MAX);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("kafka_frame");

    ADD_ROWS(tc, lines_are_read_or_refused, rows);
    tcase_add_test(tc, a_text_has_a_bound);
    return run_suite("kafka_frame", tc);
}
