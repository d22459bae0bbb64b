/* SPDX-License-Identifier: MIT */
#include "alert/alert_queue.h"

#include "rows.h"

/* Each letter is an alert: B begins, E ends, u is an update; a queue of four. */
static const struct {
    const char *pushed, *want;
    int dropped;
} rows[] = {
    {"", "", 0},          {"BuuE", "BuuE", 0},  {"BuuEu", "BuEu", 1}, {"BuuuuuE", "BuuE", 3},
    {"BEEEu", "BEEE", 1}, {"BEEEB", "BEEB", 1}, {"BBBEu", "BBBE", 1}, {"BBBBu", "BBBB", 1},
    {"BBBBE", "BBBB", 1}, {"uuuuB", "uuuB", 1},
};

START_TEST(least_important_goes_first)
{
    static const char ranks[] = "uEB";
    struct alert_queue queue;
    char got[8] = "";
    int dropped = 0, n = 0;

    ck_assert(alert_queue_init(&queue, 4));
    for (const char *at = rows[_i].pushed; *at; at++) {
        struct alert_item item = {.bytes = strdup(at), .len = 1};
        item.rank = (enum alert_rank)(strchr(ranks, *at) - ranks);
        dropped += !alert_queue_push(&queue, &item);
    }
    for (const struct alert_item *item; (item = alert_queue_first(&queue)); n++) {
        got[n] = item->bytes[0];
        alert_queue_pop(&queue);
    }
    want_text(rows[_i].pushed, got, rows[_i].want);
    want_number(rows[_i].pushed, dropped, rows[_i].dropped);
    alert_queue_done(&queue);
}
END_TEST

START_TEST(oldest_of_a_rank_goes_first)
{
    struct alert_queue queue;

    ck_assert(alert_queue_init(&queue, 2));
    for (int i = 0; i < 5; i++) {
        struct alert_item item = {.bytes = strdup("0"), .rank = ALERT_BEGIN};
        item.bytes[0] = (char)('0' + i);
        alert_queue_push(&queue, &item);
    }
    want_text("oldest left", alert_queue_first(&queue)->bytes, "3");
    alert_queue_done(&queue);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("alert_queue");

    ADD_ROWS(tc, least_important_goes_first, rows);
    tcase_add_test(tc, oldest_of_a_rank_goes_first);
    return run_suite("alert_queue", tc);
}
