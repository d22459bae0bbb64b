/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "rows.h"
#include "base/intern.h"

static struct interns texts;

static void begin(void)
{
    ck_assert(interns_init(&texts, 3000, 42));
}

static void end(void)
{
    interns_done(&texts);
}

static struct span numbered(int n, char *buf)
{
    return span_of(buf, (size_t)sprintf(buf, "client%d.example", n));
}

START_TEST(equal_texts_are_one)
{
    struct intern *a = intern_get(&texts, SPAN("a.example")),
                  *b = intern_get(&texts, SPAN("a.example"));

    ck_assert_ptr_eq(a, b);
    want_number("refs", a->refs, 2);
    want_number("used", texts.used, 1);
    intern_put(&texts, a);
    want_number("used after one is dropped", texts.used, 1);
    intern_put(&texts, b);
    want_number("used after both are", texts.used, 0);
}
END_TEST

static const struct {
    const char *name;
    struct span text;
} rows[] = {
    {"empty", {"", 0}},
    {"with a NUL", {"a\0b", 3}},
    {"another case", {"A.example", 9}},
    {"a prefix", {"a.exampl", 8}},
    {"not UTF-8", {"\xff\xfe", 2}},
};

START_TEST(other_texts_are_others)
{
    struct intern *one = intern_get(&texts, SPAN("a.example")),
                  *other = intern_get(&texts, rows[_i].text);

    ck_assert_msg(one != other, "%s: got the same text, want another", rows[_i].name);
    want_number(rows[_i].name, span_equal(intern_span(other), rows[_i].text), true);
    want_number(rows[_i].name, other->at[other->len], '\0');
    intern_put(&texts, one);
    intern_put(&texts, other);
}
END_TEST

/* The table grows, loses texts in any order, and shrinks: no other text gets lost. */
START_TEST(finds_all_while_growing_and_shrinking)
{
    static struct intern *held[3000];
    char buf[64];

    for (int i = 0; i < 3000; i++)
        ck_assert_ptr_nonnull(held[i] = intern_get(&texts, numbered(i, buf)));
    want_number("used", texts.used, 3000);
    uint32_t grown = texts.slot_count;
    for (int i = 0; i < 3000; i++) /* every seventh goes first, and so on, for gaps everywhere */
        if (held[i * 7 % 3000]) {
            intern_put(&texts, held[i * 7 % 3000]);
            held[i * 7 % 3000] = NULL;
            for (int k = 0; i % 500 == 0 && k < 3000; k++) {
                struct intern *again = held[k] ? intern_get(&texts, numbered(k, buf)) : NULL;
                ck_assert_msg(again == held[k], "text %d: got another, want the one that is held",
                              k);
                intern_put(&texts, again);
            }
        }
    want_number("used at the end", texts.used, 0);
    ck_assert_msg(texts.slot_count < grown, "slots: got %u, want less than %u", texts.slot_count,
                  grown);
}
END_TEST

/* However large it was, an empty table is as small as at first: a snapshot depends on that. */
START_TEST(shrinks_to_where_it_began)
{
    static struct intern *held[3000];
    uint32_t begun = texts.slot_count;
    char buf[64], name[64];

    for (int n = 10; n < 3000; n += 45) {
        for (int i = 0; i < n; i++)
            held[i] = intern_get(&texts, numbered(i, buf));
        uint32_t grown = texts.slot_count;
        for (int i = 0; i < n; i++)
            intern_put(&texts, held[i]);
        snprintf(name, sizeof(name), "from %u slots", grown);
        want_number(name, texts.slot_count, begun);
    }
}
END_TEST

START_TEST(refuses_beyond_its_bound_and_counts)
{
    static struct intern *held[3000];
    char buf[64];

    for (int i = 0; i < 3000; i++)
        held[i] = intern_get(&texts, numbered(i, buf));
    ck_assert_ptr_null(intern_get(&texts, SPAN("one more")));
    ck_assert_ptr_null(intern_get(&texts, SPAN("and more")));
    want_number("refused", (int64_t)texts.refused, 2);
    struct intern *known = intern_get(&texts, numbered(17, buf));
    ck_assert_ptr_eq(known, held[17]);
    intern_put(&texts, known);
    intern_put(&texts, held[0]);
    held[0] = intern_get(&texts, SPAN("one more"));
    ck_assert_ptr_nonnull(held[0]);
    for (int i = 0; i < 3000; i++)
        intern_put(&texts, held[i]);
}
END_TEST

START_TEST(text_of_its_own_is_in_no_table)
{
    struct intern *table = intern_get(&texts, SPAN("a.example")),
                  *own = intern_make(&texts, SPAN("a.example"));

    ck_assert_msg(own != table, "own: got the table's, want one of its own");
    want_number("used", texts.used, 1);
    ck_assert_ptr_eq(intern_ref(own), own);
    intern_put(&texts, own);
    want_number("equal", span_equal(intern_span(own), SPAN("a.example")), true);
    intern_put(&texts, own);
    intern_put(&texts, table);
    want_number("used at the end", texts.used, 0);
}
END_TEST

START_TEST(nothing_is_fine)
{
    intern_put(&texts, NULL);
    ck_assert_ptr_null(intern_ref(NULL));
    want_number("length", (int64_t)intern_span(NULL).len, 0);
}
END_TEST

START_TEST(hash_is_the_one_it_would_have)
{
    uint32_t before = interns_hash(&texts, SPAN("a.example"));
    struct intern *a = intern_get(&texts, SPAN("a.example"));

    want_number("hash", a->hash, before);
    intern_put(&texts, a);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("text");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, equal_texts_are_one);
    ADD_ROWS(tc, other_texts_are_others, rows);
    tcase_add_test(tc, finds_all_while_growing_and_shrinking);
    tcase_add_test(tc, shrinks_to_where_it_began);
    tcase_add_test(tc, refuses_beyond_its_bound_and_counts);
    tcase_add_test(tc, text_of_its_own_is_in_no_table);
    tcase_add_test(tc, nothing_is_fine);
    tcase_add_test(tc, hash_is_the_one_it_would_have);
    return run_suite("text", tc);
}
