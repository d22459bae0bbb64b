/* SPDX-License-Identifier: MIT */
/*
 * Does:         holds alerts that could not go out yet, in order, up to a bound. Beyond it the
 *               least important one goes, the oldest of them first.
 * Doesn't know: where they go.
 * Owns:         the alerts' bytes.
 * Time:         timeless.
 * Fails:        alert_queue_init returns false if out of memory.
 *
 * An update is worth least: the next one says the same and more. What began must not be lost, or
 * nobody knows what all the updates are about.
 */
#ifndef RELAYWATCH_ALERT_ALERT_QUEUE_H
#define RELAYWATCH_ALERT_ALERT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/told.h"

enum alert_rank { ALERT_UPDATE, ALERT_END, ALERT_BEGIN };

struct alert_item {
    char *bytes; /* NULL: memory was short */
    size_t len;
    enum alert_rank rank;
    char event[16], id[48], kind[32];
    struct told_mark mark;
};

struct alert_queue {
    struct alert_item *item;
    uint32_t count, max;
};

bool alert_queue_init(struct alert_queue *queue, uint32_t max);
void alert_queue_done(struct alert_queue *queue);
/* Takes over the item's bytes. False if one was dropped for it, or the item itself was. */
bool alert_queue_push(struct alert_queue *queue, const struct alert_item *item);
/* The one that is next, or NULL; borrowed until the queue changes. */
const struct alert_item *alert_queue_first(const struct alert_queue *queue);
/* Drops it. */
void alert_queue_pop(struct alert_queue *queue);

#endif
