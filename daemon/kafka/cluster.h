/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds a cluster's partitions and where each is to be begun, and begins to read
 *               them.
 * Doesn't know: what becomes of the messages.
 * Owns:         the connection to the cluster, the partitions and their queues, for the life of the
 *               program: it ends with its one connection.
 * Time:         timeouts are librdkafka's.
 * Fails:        false, and has answered why.
 *
 * There is no consumer group and nothing is committed: relaywatch alone knows how far it has been.
 */
#ifndef RELAYWATCH_KAFKA_CLUSTER_H
#define RELAYWATCH_KAFKA_CLUSTER_H

#include <librdkafka/rdkafka.h>

#include "config/settings.h"
#include "kafka/answer.h"

enum { BATCH = 128 };

struct partition {
    char topic[KAFKA_TOPIC_MAX + 1];
    int32_t number;
    rd_kafka_queue_t *queue; /* NULL: it can't be read now */
    int64_t next;            /* offset of the next message */
    int64_t since_ms;        /* leave out messages that are older; 0: none */
    bool at_end;             /* there were no more messages when last looked */
    rd_kafka_message_t *batch[BATCH];
    size_t at, count; /* of batch */
};

struct cluster {
    rd_kafka_t *handle;
    struct partition *part;
    size_t count;
    size_t unread; /* partitions without a queue */
    int wake;      /* readable when a queue has something */
};

bool cluster_open(const struct settings *settings, struct cluster *ret);
/* Looks for the topics' partitions, begins to read each, and answers which they are. */
bool cluster_begin(struct cluster *cluster, const char *topics, const struct request *request);
/* Whether there are as many partitions as when it was begun, as far as can be seen. */
bool cluster_is_same(const struct cluster *cluster, const char *topics);
/* What librdkafka last said of the brokers; "": nothing. *ret_all_down: none can be reached. */
const char *cluster_trouble(bool *ret_all_down);

#endif
