/* SPDX-License-Identifier: MIT */
/*
 * A cluster of Kafka for tests/kafka.py: librdkafka's own mock of one, since Debian has no broker.
 *
 * kafka_cluster TOPIC PARTITIONS prints where its brokers are and then does what it reads, a line
 * each, and answers each but the first with "ok":
 *
 *     PARTITION MILLISECONDS LINE   a message of that time
 *     flush                         all are in the cluster
 *     down, up                      the brokers
 *     topic TOPIC PARTITIONS        another one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

enum { BROKERS = 3, LINE = 1 << 17 };

static rd_kafka_mock_cluster_t *cluster;
static rd_kafka_t *producer;

static void die(const char *what)
{
    fprintf(stderr, "kafka_cluster: %s\n", what);
    exit(2);
}

static void undelivered(rd_kafka_t *handle, const rd_kafka_message_t *message, void *ctx)
{
    (void)handle;
    (void)ctx;
    if (message->err)
        die(rd_kafka_message_errstr(message));
}

static rd_kafka_t *client(rd_kafka_type_t type, const char *brokers)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];

    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof(why));
    rd_kafka_conf_set(conf, "linger.ms", "1", why, sizeof(why));
    rd_kafka_conf_set(conf, "enable.idempotence", "true", why, sizeof(why));
    rd_kafka_conf_set(conf, "queue.buffering.max.messages", "1000000", why, sizeof(why));
    rd_kafka_conf_set_dr_msg_cb(conf, undelivered);
    rd_kafka_t *handle = rd_kafka_new(type, conf, why, sizeof(why));
    if (!handle)
        die(why);
    return handle;
}

static void produce(const char *topic, char *line)
{
    char *rest, *text;
    long partition = strtol(line, &rest, 10);
    long long ms = strtoll(rest, &text, 10);

    if (*text++ != ' ')
        die("no message");
    rd_kafka_resp_err_t err = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION((int)partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK), RD_KAFKA_V_TIMESTAMP(ms),
        RD_KAFKA_V_VALUE(text, strlen(text)), RD_KAFKA_V_END);
    if (err)
        die(rd_kafka_err2str(err));
    rd_kafka_poll(producer, 0);
}

static void brokers(rd_kafka_resp_err_t set(rd_kafka_mock_cluster_t *, int32_t))
{
    for (int32_t id = 1; id <= BROKERS; id++)
        set(cluster, id);
}

int main(int argc, char **argv)
{
    static char line[LINE], topic[256];
    int partitions;

    if (argc != 3)
        die("usage: kafka_cluster TOPIC PARTITIONS");
    cluster = rd_kafka_mock_cluster_new(client(RD_KAFKA_PRODUCER, ""), BROKERS);
    if (!cluster || rd_kafka_mock_topic_create(cluster, argv[1], atoi(argv[2]), 1))
        die("no cluster");
    producer = client(RD_KAFKA_PRODUCER, rd_kafka_mock_cluster_bootstraps(cluster));
    puts(rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] >= '0' && line[0] <= '9') {
            produce(argv[1], line);
            continue;
        }
        if (strcmp(line, "flush") == 0 && rd_kafka_flush(producer, 60 * 1000))
            die("not all could be flushed");
        else if (strcmp(line, "down") == 0)
            brokers(rd_kafka_mock_broker_set_down);
        else if (strcmp(line, "up") == 0)
            brokers(rd_kafka_mock_broker_set_up);
        else if (sscanf(line, "topic %255s %d", topic, &partitions) == 2 &&
                 rd_kafka_mock_topic_create(cluster, topic, partitions, 1))
            die("no topic");
        puts("ok");
        fflush(stdout);
    }
    return 0;
}
