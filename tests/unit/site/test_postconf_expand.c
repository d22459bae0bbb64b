/* SPDX-License-Identifier: MIT */
#include "site/postconf_expand.h"
#include "rows.h"

#include "base/buf.h"

static const char settings[] = "one = 1\n"
                               "empty =\n"
                               "two = $one$one\n"
                               "list = a, ${one}, $(two)\n"
                               "myhostname = mx.example.org\n"
                               "compatibility_level = 3.6\n"
                               "level9 = 9\n"
                               "level10 = 10\n"
                               "a = $b\n"
                               "b = $a\n"
                               "self = x$self\n"
                               "quiet = ${empty?$quiet}${quiet:}\n";

static const struct {
    const char *text, *want; /* NULL: can't be expanded */
} rows[] = {
    {"", ""},
    {"plain text", "plain text"},
    {"$one", "1"},
    {"x$one.y", "x1.y"},
    {"$two", "11"},
    {"${two}$(two)", "1111"},
    {"$list", "a, 1, 11"},
    {"$none", ""},
    {"${none}x", "x"},
    {"$onex", ""},
    {"$$one", "$one"},
    {"a$", "a$"},
    {"$ one", "$ one"},
    {"$,", "$,"},
    {"${one?yes}", "yes"},
    {"${one:no}", ""},
    {"${empty?yes}", ""},
    {"${empty:no}", "no"},
    {"${none:no}", "no"},
    {"${one?yes $two}", "yes 11"},
    {"${one?{yes}:{no}}", "yes"},
    {"${none?{yes}:{no}}", "no"},
    {"${one ? {a b} : {c d}}", "a b"},
    {"${none?{a}:$one}", "1"},
    {"${one?{a{b}c}}", "a{b}c"},
    {"${one?x?y:z}", "x?y:z"},
    {"${{1} == {1} ? {same} : {other}}", "same"},
    {"${{$one} == {2}?{same}:{other}}", "other"},
    {"${{1} != {2} ? {a} : {b}}", "a"},
    {"${{9} < {10} ? {a} : {b}}", "a"},
    {"${{$level10} <= {$level9} ? {a} : {b}}", "b"},
    {"${{10} >= {10} ? {a} : {b}}", "a"},
    {"${{b} > {a} ? {a} : {b}}", "a"},
    {"${{$compatibility_level} <level {2} ? {old} : {new}}", "new"},
    {"${{1} <level {2} ? {old} : {new}}", "old"},
    {"${{3.10} >level {3.9} ? {a} : {b}}", "a"},
    {"${{3} <level {3.6} ? {a} : {b}}", "a"},
    {"${{1} == {1} ? {a}}", "a"},
    {"${{1} == {2} ? {a}}", ""},
    {"${{1} ~ {1} ? {a}}", NULL},
    {"${{1}", NULL},
    {"${{1} ==", NULL},
    {"${one", "1"},
    {"$(one", "1"},
    {"${one?{a", "a"},
    {"${}", ""},
    {"${?x}", ""},
    {"$mydestination", "mx.example.org, localhost.example.org, localhost"},
    {"$relay_domains", ""},
    {"$mynetworks_style", "host"},
    {"$a", NULL},
    {"$b x", NULL},
    {"$self", NULL},
    {"${none?$a}", ""},
    {"${one:$a}", ""},
};

START_TEST(values_are_put_in)
{
    struct postconf *postconf = postconf_parse(SPAN(settings));
    char *got = postconf_expand(postconf, span_str(rows[_i].text));

    want_number(rows[_i].text, got != NULL, rows[_i].want != NULL);
    if (got)
        want_text(rows[_i].text, got, rows[_i].want);
    free(got);
    postconf_free(postconf);
}
END_TEST

/* Each names the next one twice: a text of 40 lines that would expand to 2^40 words, or, where they
 * come to nothing, to nothing after 2^40 steps. */
static char *doubling(const char *last)
{
    struct buf text = buf_new(1 << 16);

    for (char c = 'a'; c < 'o'; c++)
        buf_printf(&text, "x%c = $x%c $x%c$x%c $x%c$x%c\n", c, c + 1, c + 1, c + 1, c + 1, c + 1);
    buf_printf(&text, "xo = %s\n", last);
    struct postconf *postconf = postconf_parse(buf_span(&text));
    char *got = postconf_expand(postconf, SPAN("$xa"));
    postconf_free(postconf);
    buf_done(&text);
    return got;
}

START_TEST(expansions_end)
{
    ck_assert_ptr_null(doubling("word"));
    ck_assert_ptr_null(doubling(""));
}
END_TEST

START_TEST(nesting_ends)
{
    struct buf text = buf_new(1 << 20);

    for (int i = 0; i < 100000; i++)
        buf_add(&text, SPAN("${x:"));
    struct postconf *postconf = postconf_parse(SPAN("y = 1\n"));
    ck_assert_ptr_null(postconf_expand(postconf, buf_span(&text)));
    text.len = 0;
    for (int i = 0; i < 100000; i++)
        buf_add(&text, SPAN("${{"));
    ck_assert_ptr_null(postconf_expand(postconf, buf_span(&text)));
    postconf_free(postconf);
    buf_done(&text);
}
END_TEST

START_TEST(a_value_has_its_bound)
{
    struct buf text = buf_new(POSTCONF_TEXT_MAX);

    buf_add(&text, SPAN("big = "));
    while (text.len < POSTCONF_VALUE_MAX / 2)
        buf_add(&text, SPAN("0123456789"));
    struct postconf *postconf = postconf_parse(buf_span(&text));
    char *got = postconf_expand(postconf, SPAN("$big"));
    ck_assert_ptr_nonnull(got);
    free(got);
    ck_assert_ptr_null(postconf_expand(postconf, SPAN("$big $big $big")));
    postconf_free(postconf);
    buf_done(&text);
}
END_TEST

START_TEST(old_defaults_hold_at_a_low_level)
{
    struct postconf *postconf = postconf_parse(SPAN("myhostname = mx.example.org\n"));
    char *relay = postconf_expand(postconf, SPAN("$relay_domains"));
    char *style = postconf_expand(postconf, SPAN("$mynetworks_style"));

    ck_assert_str_eq(relay, "mx.example.org, localhost.example.org, localhost");
    ck_assert_str_eq(style, "subnet");
    free(relay);
    free(style);
    postconf_free(postconf);
}
END_TEST

/* A text that is part of a longer one: what follows it closes nothing. */
START_TEST(text_ends_where_its_span_does)
{
    struct postconf *postconf = postconf_parse(span_str(settings));
    char *got = postconf_expand(postconf, span_head(SPAN("${one}"), strlen("${one")));

    want_text("cut", got ? got : "(none)", "1");
    free(got);
    postconf_free(postconf);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("postconf_expand");

    ADD_ROWS(tc, values_are_put_in, rows);
    tcase_add_test(tc, expansions_end);
    tcase_add_test(tc, nesting_ends);
    tcase_add_test(tc, a_value_has_its_bound);
    tcase_add_test(tc, old_defaults_hold_at_a_low_level);
    tcase_add_test(tc, text_ends_where_its_span_does);
    return run_suite("postconf_expand", tc);
}
