/* SPDX-License-Identifier: MIT */
#include "parse/queue_id.h"
#include "rows.h"

static const struct {
    const char *name, *text;
    int len;
} rows[] = {
    {"short", "4FBFE15E604A", 12},
    {"shortest", "00000F", 6},
    {"five digits", "0000F", 0},
    {"longest", "F423FFFFFFFFFFFFFFFFF", 21},
    {"too long", "F423FFFFFFFFFFFFFFFFFF", 0},
    {"lower case hex", "4fbfe15e604a", 0},
    {"long", "4jYT2T5bbcz1bvvF", 16},
    {"shortest long", "0000000000z1", 12},
    {"no inode", "0000000000z", 0},
    {"separator too early", "000000000z12", 0},
    {"z in the time and at the end", "0z00000000z1", 12},
    {"z after the separator is the separator", "0000000000zz1", 13},
    {"z at the very end", "0000000000z1z", 0},
    {"vowel in it", "0000000000z1A", 0},
    {"stops at a colon", "4FBFE15E604A: removed", 12},
    {"stops at a blank", "4FBFE15E604A ignoring", 12},
    {"goes on in another letter", "4FBFE15E604AG", 0},
    {"hex that goes on in lower case", "4FBFE15E604Aa", 0},
    {"an underscore is no end", "4FBFE15E604A_", 0},
    {"NOQUEUE", "NOQUEUE", 0},
    {"nothing", "", 0},
    {"a byte above 127", "4FBFE15E604A\xc3", 12},
    /* followed by as much as in a record */
    {"shortest in a record", "00000F: from=<a@b.example>", 6},
    {"five digits in a record", "0000F: from=<a@b.example>", 0},
    {"seven in a record", "00000FF: from=<a@b.example>", 7},
    {"eight in a record", "00000FFF: from=<a@b.example>", 8},
    {"nine in a record", "00000FFFF: from=<a@b.example>", 9},
    {"short in a record", "4FBFE15E604A: from=<a@b.example>", 12},
    {"fifteen in a record", "F423FFFFFFFFFFF: from=<a@b.example>", 15},
    {"sixteen in a record", "F423FFFFFFFFFFFF: from=<a@b.example>", 16},
    {"seventeen in a record", "F423FFFFFFFFFFFFF: from=<a@b.example>", 17},
    {"too long in a record", "F423FFFFFFFFFFFFFFFFFF: from=<a@b.example>", 0},
    {"another letter in a record", "4FBFE15E604AG: from=<a@b.example>", 0},
    {"a byte above 127 in a record", "4FBFE1\xb0\xb1: from=<a@b.example>", 6},
    {"long in a record", "4jYT2T5bbcz1bvvF: from=<a@b.example>", 16},
};

START_TEST(says_how_long_the_id_is)
{
    struct queue_id id = {0, 0};
    size_t n = queue_id_parse(span_str(rows[_i].text), &id);

    want_number(rows[_i].name, (int64_t)n, rows[_i].len);
    want_number(rows[_i].name, queue_id_is_set(id), rows[_i].len != 0);
}
END_TEST

START_TEST(prints_what_was_read)
{
    char buf[QUEUE_ID_TEXT_MAX], want[QUEUE_ID_TEXT_MAX] = "";
    struct queue_id id = {0, 0};
    size_t n = queue_id_parse(span_str(rows[_i].text), &id);

    memcpy(want, rows[_i].text, n);
    want_text(rows[_i].name, queue_id_print(id, buf), want);
}
END_TEST

/* Every position counts, and so does length: "000000" is not "0000000". */
START_TEST(different_ids_are_different)
{
    char text[QUEUE_ID_MAX + 1] = "";
    struct queue_id zeros, other;

    memset(text, '0', (size_t)_i);
    want_number("zeros", (int64_t)queue_id_parse(span_of(text, (size_t)_i), &zeros), _i);
    for (int at = 0; at < _i; at++) {
        text[at] = 'F';
        queue_id_parse(span_of(text, (size_t)_i), &other);
        ck_assert_msg(!queue_id_equal(zeros, other), "length %d, place %d: got equal, want not", _i,
                      at);
        text[at] = '0';
    }
    if (_i < QUEUE_ID_MAX) {
        text[_i] = '0';
        queue_id_parse(span_of(text, (size_t)_i + 1), &other);
        ck_assert_msg(!queue_id_equal(zeros, other), "length %d and one more: got equal, want not",
                      _i);
    }
}
END_TEST

START_TEST(failed_parse_leaves_the_id_alone)
{
    struct queue_id id = {7, 9};

    want_number("length", (int64_t)queue_id_parse(SPAN("none"), &id), 0);
    want_number("lo", (int64_t)id.lo, 7);
    want_number("hi", (int64_t)id.hi, 9);
}
END_TEST

/* The quick way, which needs 16 bytes, against the other one, which takes less. */
START_TEST(short_id_is_the_same_either_way)
{
    static const char id[] = "4FBFE15E604AB1: to=<a";
    char text[sizeof(id)];

    for (int byte = 0; byte < 256; byte++)
        for (size_t place = 0; place < 15; place++) {
            struct queue_id quick = {0, 0}, other = {0, 0};
            memcpy(text, id, sizeof(id));
            text[place] = (char)byte;
            size_t n = queue_id_parse(span_of(text, sizeof(id) - 1), &quick);
            want_number(text, (int64_t)queue_id_parse(span_of(text, 15), &other),
                        n <= 15 ? (int64_t)n : 15);
            ck_assert(n >= 15 || queue_id_equal(quick, other));
        }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("queue_id");

    ADD_ROWS(tc, says_how_long_the_id_is, rows);
    ADD_ROWS(tc, prints_what_was_read, rows);
    tcase_add_loop_test(tc, different_ids_are_different, 6, QUEUE_ID_MAX + 1);
    tcase_add_test(tc, failed_parse_leaves_the_id_alone);
    tcase_add_test(tc, short_id_is_the_same_either_way);
    return run_suite("queue_id", tc);
}
