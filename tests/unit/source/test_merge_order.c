/* SPDX-License-Identifier: MIT */
#include "source/merge_order.h"

#include <stdlib.h>

#include "rows.h"

/* Each word is a log, each digit the time of one of its lines. */
static const struct {
    const char *name, *logs, *want; /* want: letter of the log and time */
} rows[] = {
    {"one", "123", "a1a2a3"},
    {"two by turns", "135 246", "a1b2a3b4a5b6"},
    {"one after the other", "789 123", "b1b2b3a7a8a9"},
    {"the same", "112 112", "a1a1b1b1a2b2"},
    {"of one time the first comes first", "3 13 23", "b1c2a3b3c3"},
    {"times that go back come at once", "1524 36", "a1b3a5a2a4b6"},
    {"one that is ahead holds up nobody", "91 234", "b2b3b4a9a1"},
    {"an empty one", "12 ", "a1a2"},
    {"many", "5 3 8 1 9 2 7", "d1f2b3a5g7c8e9"},
};

struct hand {
    const char *next, *end;
};

static size_t deal(const char *logs, struct hand hand[8])
{
    size_t n = 0;

    for (const char *at = logs;; at++) {
        hand[n].next = at;
        at += strcspn(at, " ");
        hand[n++].end = at;
        if (!*at)
            return n;
    }
}

START_TEST(lines_come_in_order)
{
    struct hand hand[8];
    size_t n = deal(rows[_i].logs, hand);
    struct merge_order order;
    char got[64] = "";

    ck_assert(merge_order_init(&order, n));
    for (size_t i = 0; i < n; i++)
        if (hand[i].next < hand[i].end)
            merge_order_add(&order, i, *hand[i].next);
    while (order.count) {
        size_t log = merge_order_log(&order);
        wall_us until = merge_order_until(&order);
        struct hand *h = &hand[log];
        ck_assert(merge_order_others(&order) >= until);
        for (; h->next < h->end && *h->next <= until; h->next++) {
            char word[3] = {(char)('a' + log), *h->next, '\0'};
            strcat(got, word);
        }
        if (h->next < h->end)
            merge_order_advance(&order, *h->next);
        else
            merge_order_remove(&order);
    }
    want_text(rows[_i].name, got, rows[_i].want);
    merge_order_done(&order);
}
END_TEST

/* A thousand logs at random times come sorted. */
START_TEST(many_logs)
{
    enum { LOGS = 1000 };
    static wall_us next[LOGS];
    struct merge_order order;
    wall_us last = 0;

    srand(1);
    ck_assert(merge_order_init(&order, LOGS));
    for (size_t i = 0; i < LOGS; i++)
        merge_order_add(&order, i, next[i] = rand() % 1000);
    for (int lines = 0; lines < 50000; lines++) {
        size_t log = merge_order_log(&order);
        ck_assert_msg(next[log] >= last, "line %d is late", lines);
        last = next[log];
        next[log] += rand() % 1000;
        merge_order_advance(&order, next[log]);
    }
    ck_assert_uint_eq(order.count, LOGS);
    merge_order_done(&order);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("merge_order");

    ADD_ROWS(tc, lines_come_in_order, rows);
    tcase_add_test(tc, many_logs);
    return run_suite("merge_order", tc);
}
