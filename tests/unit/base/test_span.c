/* SPDX-License-Identifier: MIT */
#include "base/span.h"

#include <stdio.h>

#include "base/buf.h"
#include "rows.h"

static const struct {
    const char *list, *words;
} lists[] = {
    {"", ""},
    {" ,, \t", ""},
    {"a", "<a>"},
    {" a, b\tc,d ", "<a><b><c><d>"},
    {"a\r\nb,,c", "<a><b><c>"},
};

START_TEST(words_stand_between_blanks_and_commas)
{
    struct span list = span_str(lists[_i].list), word;
    struct buf out = buf_new(256);

    buf_add(&out, SPAN_NONE);
    while (span_take_word(&list, &word))
        buf_printf(&out, "<%.*s>", SPAN_ARG(word));
    want_text(lists[_i].list, out.at, lists[_i].words);
    want_number(lists[_i].list, (int)list.len, 0);
    buf_done(&out);
}
END_TEST

START_TEST(a_word_is_found_as_a_whole)
{
    static const char *const list = "raised, warning-over\tended";

    ck_assert(span_has_word(span_str(list), SPAN("raised")));
    ck_assert(span_has_word(span_str(list), SPAN("warning-over")));
    ck_assert(span_has_word(span_str(list), SPAN("ended")));
    ck_assert(!span_has_word(span_str(list), SPAN("warning")));
    ck_assert(!span_has_word(span_str(list), SPAN("over")));
    ck_assert(!span_has_word(span_str(list), SPAN("")));
    ck_assert(!span_has_word(SPAN_NONE, SPAN("ended")));
}
END_TEST

static const struct {
    const char *text, *decimals, *rest;
} delays[] = {
    {"", "", ""},
    {"x", "", "x"},
    {"0.26, dsn=2.0.0", "0.26", ", dsn=2.0.0"},
    {"0.12/0.07/0.06/0", "0.12/0.07/0.06/0", ""},
    {"0.12/0.07/0.06/0, dsn=2.0.0", "0.12/0.07/0.06/0", ", dsn=2.0.0"},
    {"12345678", "12345678", ""},
    {"1234567,", "1234567", ","},
};

START_TEST(decimals_end_at_any_other_byte)
{
    struct span s = span_str(delays[_i].text);
    struct span decimals = span_take_decimals(&s);

    ck_assert_msg(span_equal(decimals, span_str(delays[_i].decimals)),
                  "%s: got \"%.*s\", want \"%s\"", delays[_i].text, SPAN_ARG(decimals),
                  delays[_i].decimals);
    ck_assert_msg(span_equal(s, span_str(delays[_i].rest)), "%s: got \"%.*s\" left, want \"%s\"",
                  delays[_i].text, SPAN_ARG(s), delays[_i].rest);
}
END_TEST

/* Eight bytes are compared at once, the rest one by one: each length up to three times eight, with
 * one byte changed at each place. */
START_TEST(case_is_ignored_wherever_a_byte_stands)
{
    static const char text[] = "mail.Example-01.org.test";
    char other[sizeof(text)];

    for (size_t len = 0; len < sizeof(text); len++)
        for (size_t at = 0; at < len; at++) {
            bool letter = (text[at] | 0x20) >= 'a' && (text[at] | 0x20) <= 'z';
            memcpy(other, text, sizeof(text));
            other[at] ^= 0x20;
            bool got = span_equal_nocase(span_of(text, len), span_of(other, len));
            ck_assert_msg(got == letter, "%zu of %zu bytes: got %d, want %d", at, len, got, letter);
            other[at] = '\xc3';
            ck_assert_msg(!span_equal_nocase(span_of(text, len), span_of(other, len)),
                          "%zu of %zu bytes: got equal, want another byte", at, len);
        }
}
END_TEST

/* Near and far, and where less than 32 bytes are left. */
START_TEST(near_is_found_as_anywhere)
{
    char text[40];

    for (size_t len = 0; len <= sizeof(text); len++)
        for (size_t place = 0; place <= len; place++) {
            struct span s = span_of(text, len);
            memset(text, 'x', sizeof(text));
            if (place < len)
                text[place] = text[len - 1] = '>';
            want_number("find", span_find_near(s, '>'), span_find(s, '>'));
            for (size_t n = 0; n <= len; n++)
                want_number("has", span_has_near(s, n, '>'), span_find(span_head(s, n), '>') >= 0);
        }
}
END_TEST

/* A literal of each length, against text that differs in one byte. */
#define STARTS(literal)                                                                            \
    for (size_t i = 0; i < sizeof(literal); i++) {                                                 \
        char text[] = literal "+";                                                                 \
        bool whole = i == sizeof(literal) - 1;                                                     \
        text[i] ^= 1;                                                                              \
        want_number(literal, span_starts(span_str(text), SPAN(literal)), whole);                   \
        want_number(literal, span_starts(span_of(text, i), SPAN(literal)), whole);                 \
    }

START_TEST(literal_is_compared_to_its_last_byte){
    STARTS("1234567") STARTS("12345678") STARTS("123456789") STARTS("1234567890abcde")
        STARTS("1234567890abcdef") STARTS("1234567890abcdefg")} END_TEST

    int main(void)
{
    TCase *tc = tcase_create("span");

    ADD_ROWS(tc, words_stand_between_blanks_and_commas, lists);
    tcase_add_test(tc, a_word_is_found_as_a_whole);
    tcase_add_test(tc, case_is_ignored_wherever_a_byte_stands);
    ADD_ROWS(tc, decimals_end_at_any_other_byte, delays);
    tcase_add_test(tc, near_is_found_as_anywhere);
    tcase_add_test(tc, literal_is_compared_to_its_last_byte);
    return run_suite("span", tc);
}
