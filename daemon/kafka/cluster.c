/* SPDX-License-Identifier: MIT */
#include "kafka/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

/* ASK_MS: for the list of partitions, and all that is asked of them together. */
enum { ASK_MS = 10 * 1000, LEAST_MS = 200, CONFIG_LINE_MAX = 4096 };

/* librdkafka calls back with no more than its handle; there is one cluster in this program. */
static struct {
    char text[KAFKA_TEXT_MAX];
    bool all_down;
} trouble;

static void on_error(rd_kafka_t *handle, int err, const char *reason, void *ctx)
{
    (void)handle;
    (void)ctx;
    trouble.all_down |= err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    /* That all are down says less than why the last one was. */
    if (err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !trouble.text[0])
        snprintf(trouble.text, sizeof(trouble.text), "%s", reason);
}

const char *cluster_trouble(bool *ret_all_down)
{
    *ret_all_down = trouble.all_down;
    return trouble.text;
}

/* --- settings --------------------------------------------------------------------------------- */

static bool set(rd_kafka_conf_t *conf, const char *where, const char *key, const char *value)
{
    char why[256];

    if (rd_kafka_conf_set(conf, key, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
        return true;
    answer_error("%s%s", where, why);
    return false;
}

/* KEY = VALUE; the value may hold anything, even a "#". */
static bool set_line(rd_kafka_conf_t *conf, const char *path, int number, char *line)
{
    struct span rest = span_trim(span_str(line));
    ptrdiff_t equals = span_find(rest, '=');
    char where[300];

    snprintf(where, sizeof(where), "%.250s:%d: ", path, number);
    if (rest.len == 0 || rest.at[0] == '#')
        return true;
    if (equals < 0) {
        answer_error("%sno \"=\": allowed is KEY = VALUE", where);
        return false;
    }
    struct span key = span_trim(span_head(rest, (size_t)equals));
    struct span value = span_trim(span_skip(rest, (size_t)equals + 1));
    char key_text[CONFIG_LINE_MAX], value_text[CONFIG_LINE_MAX];
    snprintf(key_text, sizeof(key_text), "%.*s", SPAN_ARG(key));
    snprintf(value_text, sizeof(value_text), "%.*s", SPAN_ARG(value));
    return set(conf, where, key_text, value_text);
}

static bool set_file(rd_kafka_conf_t *conf, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[CONFIG_LINE_MAX];
    bool good = true;

    if (!file) {
        answer_error("%s: %s", path, strerror(errno));
        return false;
    }
    for (int number = 1; good && fgets(line, sizeof(line), file); number++)
        good = set_line(conf, path, number, line);
    fclose(file);
    return good;
}

/* First what the file may say otherwise, then the file, then what must be so. */
static bool set_all(rd_kafka_conf_t *conf, const struct settings *settings)
{
    static const char *const first[][2] = {{"client.id", "relaywatch"},
                                           {"queued.min.messages", "10000"},
                                           {"queued.max.messages.kbytes", "2048"},
                                           {"log.connection.close", "false"}};
    static const char *const last[][2] = {{"enable.partition.eof", "true"},
                                          {"enable.auto.commit", "false"},
                                          {"enable.auto.offset.store", "false"},
                                          {"auto.offset.reset", "error"}};
    bool good = true;

    for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
        good &= set(conf, "", first[i][0], first[i][1]);
    if (good && settings->source.kafka_config[0])
        good = set_file(conf, settings->source.kafka_config);
    if (good && settings->source.kafka_brokers[0])
        good = set(conf, "", "bootstrap.servers", settings->source.kafka_brokers);
    for (size_t i = 0; good && i < sizeof(last) / sizeof(*last); i++)
        good &= set(conf, "", last[i][0], last[i][1]);
    rd_kafka_conf_set_error_cb(conf, on_error);
    return good;
}

bool cluster_open(const struct settings *settings, struct cluster *ret)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[256];

    *ret = (struct cluster){.wake = -1};
    if (!set_all(conf, settings))
        return false;
    ret->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
    if (!ret->handle)
        answer_error("%s", why);
    return ret->handle != NULL;
}

/* --- partitions ------------------------------------------------------------------------------- */

/* The topic's partitions, or NULL, which was answered if `says`. */
static const struct rd_kafka_metadata *ask_topic(const struct cluster *cluster, const char *topic,
                                                 bool says)
{
    const struct rd_kafka_metadata *all = NULL;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(cluster->handle, topic, NULL);
    rd_kafka_resp_err_t err = handle ? rd_kafka_metadata(cluster->handle, 0, handle, &all, ASK_MS)
                                     : rd_kafka_last_error();

    if (!err && all->topic_cnt == 1)
        err = all->topics[0].err;
    rd_kafka_poll(cluster->handle, 0); /* trouble, if there is any */
    if (err && says && trouble.text[0] && err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        answer_error("topic %.60s: %s: %s", topic, rd_kafka_err2str(err), trouble.text);
    else if (err && says)
        answer_error("topic %.60s: %s", topic, rd_kafka_err2str(err));
    if (handle)
        rd_kafka_topic_destroy(handle);
    if (err && all)
        rd_kafka_metadata_destroy(all);
    return err ? NULL : all;
}

static bool add_topic(struct cluster *cluster, const char *topic)
{
    const struct rd_kafka_metadata *all = ask_topic(cluster, topic, true);
    int count = all ? all->topics[0].partition_cnt : 0;
    bool fits = cluster->count + (size_t)count <= KAFKA_PARTITIONS_MAX;
    struct partition *grown = NULL;

    if (all && count == 0)
        answer_error("topic %.60s has no partitions", topic);
    else if (all && !fits)
        answer_error("the topics have more than %d partitions", KAFKA_PARTITIONS_MAX);
    else if (all)
        grown = reallocarray(cluster->part, cluster->count + (size_t)count, sizeof(*grown));
    for (int i = 0; grown && i < count; i++) {
        struct partition *part = &grown[cluster->count++];
        *part = (struct partition){.number = all->topics[0].partitions[i].id};
        snprintf(part->topic, sizeof(part->topic), "%s", topic);
    }
    if (grown)
        cluster->part = grown;
    if (all)
        rd_kafka_metadata_destroy(all);
    return grown != NULL;
}

static int64_t now_ms(void)
{
    return clock_mono() / 1000;
}

static int left_ms(int64_t until_ms)
{
    int64_t left = until_ms - now_ms();

    return left > LEAST_MS ? (int)left : LEAST_MS;
}

/* The first message at or after a time; -1: there is none, or the cluster can't tell. */
static int64_t find_time(struct cluster *cluster, const struct partition *part, int64_t since_ms,
                         int timeout_ms)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *one =
        rd_kafka_topic_partition_list_add(list, part->topic, part->number);
    int64_t offset = -1;

    one->offset = since_ms;
    if (!rd_kafka_offsets_for_times(cluster->handle, list, timeout_ms) && !one->err)
        offset = one->offset;
    rd_kafka_topic_partition_list_destroy(list);
    return offset;
}

/* Where a partition that was read before goes on: there, unless that message is gone. Where it ends
 * earlier by a little, its last messages were lost by the cluster, after they were read; where by
 * more than there is, it is another one of that name. */
static int64_t go_on(int64_t next, int64_t low, int64_t high)
{
    if (next <= high)
        return next < low ? low : next;
    return next - high <= high - low ? high : low;
}

static rd_kafka_resp_err_t place(struct cluster *cluster, struct partition *part,
                                 const struct request *request, int64_t until_ms)
{
    const struct kafka_part *known =
        kafka_parts_find(&request->at, span_str(part->topic), (uint64_t)part->number);
    int64_t low = 0, high = 0;
    rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(
        cluster->handle, part->topic, part->number, &low, &high, left_ms(until_ms));

    if (err)
        return err;
    part->next = request->start == KAFKA_END ? high : low;
    if (known) {
        part->next = go_on((int64_t)known->next, low, high);
    } else if (request->start == KAFKA_SINCE) {
        int64_t at = find_time(cluster, part, (int64_t)request->since_ms, left_ms(until_ms));
        /* None is so new, or the times are not indexed: then the messages themselves tell. */
        part->since_ms = at < 0 ? (int64_t)request->since_ms : 0;
        part->next = at < 0 ? low : at;
    }
    part->at_end = part->next >= high;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t start(struct cluster *cluster, struct partition *part, int wake)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(cluster->handle, part->topic, NULL);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(cluster->handle);

    if (!topic || !queue)
        return rd_kafka_last_error();
    rd_kafka_queue_io_event_enable(queue, wake, "", 1);
    if (rd_kafka_consume_start_queue(topic, part->number, part->next, queue) < 0)
        return rd_kafka_last_error();
    part->queue = queue;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static bool add_topics(struct cluster *cluster, struct span topics)
{
    char topic[KAFKA_TOPIC_MAX + 1];
    struct span word, rest = topics;

    while (span_take_word(&rest, &word)) {
        snprintf(topic, sizeof(topic), "%.*s", SPAN_ARG(word));
        if (!span_has_word(span_of(topics.at, (size_t)(word.at - topics.at)), word) &&
            !add_topic(cluster, topic))
            return false;
    }
    return true;
}

bool cluster_begin(struct cluster *cluster, const char *topics, const struct request *request)
{
    int64_t until_ms;
    int wake[2];

    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0) {
        answer_error("pipe: %s", strerror(errno));
        return false;
    }
    cluster->wake = wake[0];
    if (!add_topics(cluster, span_str(topics)))
        return false;
    until_ms = now_ms() + ASK_MS;
    for (size_t i = 0; i < cluster->count; i++) {
        struct partition *part = &cluster->part[i];
        rd_kafka_resp_err_t err = place(cluster, part, request, until_ms);
        if (!err)
            err = start(cluster, part, wake[1]);
        if (err)
            answer("without %s %d %s", part->topic, part->number, rd_kafka_err2str(err));
        else
            answer("partition %s %d %lld", part->topic, part->number, (long long)part->next);
        cluster->unread += err != RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    answer("ready");
    return true;
}

bool cluster_is_same(const struct cluster *cluster, const char *topics)
{
    struct cluster now = {.handle = cluster->handle};
    struct span rest = span_str(topics), word;
    char topic[KAFKA_TOPIC_MAX + 1];
    size_t count = 0;

    while (span_take_word(&rest, &word)) {
        snprintf(topic, sizeof(topic), "%.*s", SPAN_ARG(word));
        if (span_has_word(span_of(topics, (size_t)(word.at - topics)), word))
            continue;
        const struct rd_kafka_metadata *all = ask_topic(&now, topic, false);
        if (!all)
            return true;
        count += (size_t)all->topics[0].partition_cnt;
        rd_kafka_metadata_destroy(all);
    }
    return count == cluster->count;
}
