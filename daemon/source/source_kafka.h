/* SPDX-License-Identifier: MIT */
/*
 * Does:         opens a source that gets the lines of Kafka's topics from relaywatch-kafka, by a
 *               Unix socket.
 * Doesn't know: Kafka: which topics, and how a cluster is asked, is that program's.
 * Owns:         what source.h says.
 * Time:         as source.h; messages have the time that their producer or broker gave them.
 * Fails:        -ENOMEM. A program or cluster that is not there is waited for.
 *
 * The position is the offset of the next message of each partition. It is told to the program at
 * each connection, and what comes is taken only in that order: whichever of the two is killed, and
 * when, no message is lost and none comes twice.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_KAFKA_H
#define RELAYWATCH_SOURCE_SOURCE_KAFKA_H

#include "source/source.h"

/* brokers: as in [source]; offsets of others mean nothing. */
int source_open_kafka(const char *socket, const char *brokers, const struct source_options *options,
                      int64_t now_us, struct source **ret);

#endif
