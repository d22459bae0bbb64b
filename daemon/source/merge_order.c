/* SPDX-License-Identifier: MIT */
#include "source/merge_order.h"

#include <stdint.h>
#include <stdlib.h>

bool merge_order_init(struct merge_order *order, size_t logs)
{
    *order = (struct merge_order){.at = calloc(logs, sizeof(*order->at))};
    return order->at != NULL;
}

bool merge_order_reserve(struct merge_order *order, size_t logs)
{
    struct merge_turn *at = realloc(order->at, logs * sizeof(*at));

    if (at)
        order->at = at;
    return at != NULL;
}

void merge_order_done(struct merge_order *order)
{
    free(order->at);
    *order = (struct merge_order){0};
}

static bool comes_before(struct merge_turn a, struct merge_turn b)
{
    return a.next != b.next ? a.next < b.next : a.log < b.log;
}

static void swap(struct merge_order *order, size_t i, size_t j)
{
    struct merge_turn kept = order->at[i];

    order->at[i] = order->at[j];
    order->at[j] = kept;
}

void merge_order_add(struct merge_order *order, size_t log, wall_us next)
{
    size_t i = order->count++;

    order->at[i] = (struct merge_turn){next, log};
    for (; i > 0 && comes_before(order->at[i], order->at[(i - 1) / 2]); i = (i - 1) / 2)
        swap(order, i, (i - 1) / 2);
}

size_t merge_order_log(const struct merge_order *order)
{
    return order->at[0].log;
}

/* The second, or NULL. */
static const struct merge_turn *second(const struct merge_order *order)
{
    if (order->count < 2)
        return NULL;
    return &order->at[order->count > 2 && comes_before(order->at[2], order->at[1]) ? 2 : 1];
}

wall_us merge_order_until(const struct merge_order *order)
{
    const struct merge_turn *other = second(order);

    if (!other)
        return INT64_MAX;
    return other->next - (other->log < order->at[0].log && other->next > INT64_MIN);
}

wall_us merge_order_others(const struct merge_order *order)
{
    const struct merge_turn *other = second(order);

    return other ? other->next : INT64_MAX;
}

static void sink_first(struct merge_order *order)
{
    for (size_t i = 0, child; (child = 2 * i + 1) < order->count; i = child) {
        child += child + 1 < order->count && comes_before(order->at[child + 1], order->at[child]);
        if (comes_before(order->at[i], order->at[child]))
            return;
        swap(order, i, child);
    }
}

void merge_order_advance(struct merge_order *order, wall_us next)
{
    order->at[0].next = next;
    sink_first(order);
}

void merge_order_remove(struct merge_order *order)
{
    order->at[0] = order->at[--order->count];
    sink_first(order);
}
