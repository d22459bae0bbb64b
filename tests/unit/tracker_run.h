/* SPDX-License-Identifier: MIT */
/* A small tracker, and messages in it that are known by a number. */
#ifndef RELAYWATCH_TESTS_TRACKER_RUN_H
#define RELAYWATCH_TESTS_TRACKER_RUN_H

#include <stdio.h>

#include "rows.h"
#include "track/tracker.h"

static struct interns texts;
static struct tracker tracker;
static int forgotten;

__attribute__((unused)) static void count_forgotten(void *ctx, struct message *m)
{
    (void)ctx;
    (void)m;
    forgotten++;
}

__attribute__((unused)) static void begin_with(uint32_t messages, uint32_t finished)
{
    struct tracker_limits limits = {.messages = messages,
                                    .finished = finished,
                                    .finished_s = 600,
                                    .grace_s = 60,
                                    .age_s = 86400,
                                    .unqueued_s = 3600,
                                    .recipients = 100,
                                    .bytes = UINT64_MAX};

    static struct host_source sources[64];
    static struct host host[64 / HOSTS_INSTANCES_MAX];
    static struct hosts hosts = {.source = sources, .host = host};

    for (int i = 0; i < 64; i++)
        sources[i].is_queue = true;
    ck_assert(interns_init(&texts, 100000, 3));
    ck_assert(tracker_init(&tracker, &limits, &texts, &hosts, 3));
    tracker.forgotten = count_forgotten;
    forgotten = 0;
}

__attribute__((unused)) static void begin(void)
{
    begin_with(1000000, 100);
}

__attribute__((unused)) static void end(void)
{
    tracker.forgotten = NULL;
    tracker_done(&tracker);
    want_number("texts left", texts.used, 0);
    interns_done(&texts);
}

__attribute__((unused)) static struct queue_id id_of(int n)
{
    char text[32];
    struct queue_id id;

    queue_id_parse(span_of(text, (size_t)sprintf(text, "%012X", (unsigned)n)), &id);
    return id;
}

__attribute__((unused)) static struct message *add(int n, uint32_t now_s)
{
    struct message *m = tracker_add(&tracker, (uint16_t)(n % 3), id_of(n), now_s);

    ck_assert_ptr_nonnull(m);
    m->begun_s = (uint32_t)n; /* to know it again */
    return m;
}

__attribute__((unused)) static struct message *find(int n)
{
    return tracker_find(&tracker, (uint16_t)(n % 3), id_of(n));
}

#endif
