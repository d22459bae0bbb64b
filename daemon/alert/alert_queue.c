/* SPDX-License-Identifier: MIT */
#include "alert/alert_queue.h"

#include <stdlib.h>
#include <string.h>

bool alert_queue_init(struct alert_queue *queue, uint32_t max)
{
    *queue = (struct alert_queue){.item = calloc(max, sizeof(*queue->item)), .max = max};
    return queue->item != NULL;
}

void alert_queue_done(struct alert_queue *queue)
{
    while (queue->count)
        alert_queue_pop(queue);
    free(queue->item);
    *queue = (struct alert_queue){.item = NULL};
}

/* A few hundred items at most, and only while nothing goes out: moving them costs nothing. */
static void take_out(struct alert_queue *queue, uint32_t i)
{
    free(queue->item[i].bytes);
    queue->count--;
    memmove(&queue->item[i], &queue->item[i + 1], (queue->count - i) * sizeof(*queue->item));
}

bool alert_queue_push(struct alert_queue *queue, const struct alert_item *item)
{
    uint32_t least = 0;
    bool full = queue->count == queue->max;

    for (uint32_t i = 1; full && i < queue->count; i++)
        if (queue->item[i].rank < queue->item[least].rank)
            least = i;
    if (full && item->rank < queue->item[least].rank) {
        free(item->bytes);
        return false;
    }
    if (full)
        take_out(queue, least);
    queue->item[queue->count++] = *item;
    return !full;
}

const struct alert_item *alert_queue_first(const struct alert_queue *queue)
{
    return queue->count ? &queue->item[0] : NULL;
}

void alert_queue_pop(struct alert_queue *queue)
{
    take_out(queue, 0);
}
