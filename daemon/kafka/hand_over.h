/* SPDX-License-Identifier: MIT */
/*
 * Does:         hands the messages of all partitions over: those that wait, the oldest first, and
 *               each that comes at once.
 * Doesn't know: where a partition was begun.
 * Owns:         nothing.
 * Time:         messages have that of their producer or broker; a partition that has none in store
 *               for a while is not waited for.
 * Fails:        returns when it can't go on, or nobody asks any more; if a person should know why,
 *               that was answered.
 */
#ifndef RELAYWATCH_KAFKA_HAND_OVER_H
#define RELAYWATCH_KAFKA_HAND_OVER_H

#include "kafka/cluster.h"

void hand_over(struct cluster *cluster, const char *topics);

#endif
