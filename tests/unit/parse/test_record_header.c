/* SPDX-License-Identifier: MIT */
/* Whole lines are in tests/corpus/lines.txt. */
#include "parse/record_header.h"
#include "rows.h"

#define X10    "xxxxxxxxxx"
#define X100   X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X119   X100 X10 "xxxxxxxxx"
#define ORIGIN " from local; from=<a@b.example>"

static const struct {
    const char *name, *record, *want;
} rows[] = {
    {"as long as may be", "warning: header Subject: x" X119 ORIGIN, "x" X119},
    {"longer", "warning: header Subject: x" X119 "y" ORIGIN, "x" X119},
    {"no sequence is cut in two", "warning: header Subject: " X119 "\xc3\xbc" ORIGIN, X119},
    {"no blank is left by the cut", "warning: header Subject: " X119 " y" ORIGIN, X119},
    {"the last place that fits", "info: header Subject: a from local; b" ORIGIN, "a from local; b"},
    {"not beyond what Postfix shows",
     "info: header Subject: a" ORIGIN " to=<" X100 X100 " from local; x@c.example>", "a"},
    {"a port", "info: header Subject: a from h[192.0.2.1]:25; from=<a@b.example>",
     "a from h[192.0.2.1]:25; from=<a@b.example>"},
    {"no name before the address", "info: header Subject: a from [192.0.2.1]; x",
     "a from [192.0.2.1]; x"},
    {"the end of the record", "info: header Subject: a from local;", "a"},
    {"a word goes on", "info: header Subject: a from local;x", "a from local;x"},
    {"no visitor", "info: header X-PHP-Script: h/x for y.php for 192.0.2.1" ORIGIN,
     "h/x for y.php"},
    {"any case", "info: header sUBJECT: a" ORIGIN, "a"},
};

static const struct {
    const char *name, *record;
} others[] = {
    {"nothing in it", "info: header Subject:   " ORIGIN},
    {"a shorter name", "info: header Subject"},
    {"another name", "info: header X-Subject: a" ORIGIN},
    {"a body", "info: body Subject: a" ORIGIN},
    {"not of the mail", "milter-header-warning: header Subject: a" ORIGIN},
    {"no colon", "info header Subject a" ORIGIN},
};

static struct record parsed(const char *text, enum record_type type)
{
    struct record rec = {.type = type, .header = MAIL_HEADER_COUNT};

    record_parse_header(span_str(text), &rec);
    return rec;
}

static void want_span(const char *name, struct span got, const char *want)
{
    ck_assert_msg(span_equal(got, span_str(want)), "%s: got \"%.*s\", want \"%s\"", name,
                  SPAN_ARG(got), want);
}

START_TEST(a_header_is_read)
{
    struct record rec = parsed(rows[_i].record, RECORD_NOTE);

    want_number(rows[_i].name, rec.type, RECORD_SAYS);
    want_span(rows[_i].name, rec.header_text, rows[_i].want);
}
END_TEST

START_TEST(a_held_message_stays_held)
{
    struct record rec = parsed(rows[_i].record, RECORD_HELD);

    want_number(rows[_i].name, rec.type, RECORD_HELD);
    want_span(rows[_i].name, rec.header_text, rows[_i].want);
}
END_TEST

START_TEST(others_stay_as_they_were)
{
    struct record rec = parsed(others[_i].record, RECORD_NOTE);

    want_number(others[_i].name, rec.type, RECORD_NOTE);
    want_number(others[_i].name, rec.header, MAIL_HEADER_COUNT);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("record_header");

    ADD_ROWS(tc, a_header_is_read, rows);
    ADD_ROWS(tc, a_held_message_stays_held, rows);
    ADD_ROWS(tc, others_stay_as_they_were, others);
    return run_suite("record_header", tc);
}
