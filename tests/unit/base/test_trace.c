/* SPDX-License-Identifier: MIT */
#include "base/trace.h"

#include <stdio.h>

#include "rows.h"

static char last[TRACE_TEXT_MAX + 1];
static enum trace_area last_area;
static int calls;

static void listen(void *ctx, enum trace_area area, const char *text)
{
    (void)ctx;
    calls++;
    last_area = area;
    snprintf(last, sizeof(last), "%s", text);
}

static const struct {
    const char *words;
    bool good;
    unsigned areas;
    const char *bad;
} words[] = {
    {"link", true, 1u << TRACE_LINK, ""},
    {"link,judge", true, 1u << TRACE_LINK | 1u << TRACE_JUDGE, ""},
    {"all", true, (1u << TRACE_COUNT) - 1, ""},
    {"link,nonsense,judge", false, 0, "nonsense"},
    {"link,,judge", false, 0, ""},
    {"LINK", false, 0, "LINK"},
};

START_TEST(words_name_areas)
{
    unsigned areas = 0;
    struct span bad = SPAN_NONE;
    bool good = trace_parse(span_str(words[_i].words), &areas, &bad);

    ck_assert_msg(good == words[_i].good, "%s: got %d, want %d", words[_i].words, good,
                  words[_i].good);
    ck_assert_msg(areas == words[_i].areas, "%s: got %x, want %x", words[_i].words, areas,
                  words[_i].areas);
    ck_assert_msg(span_equal(bad, span_str(words[_i].bad)), "%s: got bad word %.*s, want %s",
                  words[_i].words, SPAN_ARG(bad), words[_i].bad);
}
END_TEST

START_TEST(an_area_that_is_off_says_nothing)
{
    struct trace trace = {.areas = 1u << TRACE_LINK, .listener = listen};

    calls = 0;
    trace_say(NULL, TRACE_LINK, "x");
    trace_say(&trace, TRACE_JUDGE, "x");
    ck_assert_int_eq(calls, 0);
    trace_say(&trace, TRACE_LINK, "%s", "A -> B");
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(last_area, TRACE_LINK);
    ck_assert_str_eq(last, "A -> B");
}
END_TEST

START_TEST(a_strangers_text_is_made_printable_and_cut)
{
    struct trace trace = {.areas = 1u << TRACE_LINK, .listener = listen};
    char longest[2 * TRACE_TEXT_MAX];

    trace_say(&trace, TRACE_LINK, "%s", "a\033[31mb\n\xc3\xa9");
    ck_assert_str_eq(last, "a?[31mb?\?\?");
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    trace_say(&trace, TRACE_LINK, "%s", longest);
    ck_assert_uint_eq(strlen(last), TRACE_TEXT_MAX - 1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("trace");

    ADD_ROWS(tc, words_name_areas, words);
    tcase_add_test(tc, an_area_that_is_off_says_nothing);
    tcase_add_test(tc, a_strangers_text_is_made_printable_and_cut);
    return run_suite("trace", tc);
}
