/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines the state of a query, and the helpers that the commands' steps share.
 * Doesn't know: which commands there are.
 * Owns:         the query its cursors and buffers, until query_free.
 * Time:         runtime->now.
 * Fails:        a step that cannot go on returns query_fail's result, which ends the query with an
 *               error object.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_CORE_H
#define RELAYWATCH_CONTROL_QUERY_CORE_H

#include <event2/buffer.h>
#include <jansson.h>

#include "base/list.h"
#include "control/runtime.h"
#include "detect/nearest.h"
#include "report/incident.h"

/* What a step returns: call me again, or done. */
enum query_step { QUERY_MORE, QUERY_END };

enum {
    QUERY_SLOTS = 8 * 1024, /* message slots per step */
    QUERY_CELLS = 4 * 1024, /* cells per step */
    QUERY_IDS = 512,        /* queue IDs per object, about */
    QUERY_CHAIN = 64,       /* linked messages that `explain` shows */
    QUERY_QUEUE_STATES = 4, /* by which messages in the queue are counted */
    QUERY_QUEUE_AGES = 4,
};

struct query {
    const struct runtime *runtime;
    json_t *request;
    enum query_step (*step)(struct query *query, struct evbuffer *out);
    char error[256];       /* not "": the query ends with this error */
    const char *code;      /* the error's code, or NULL */
    bool waits;            /* for something that is not done yet */
    uint32_t at;           /* cursor: slot, cell or item */
    struct list ids;       /* char[INCIDENT_ID_MAX]: the incidents to show */
    struct totals *totals; /* by incident number */
    uint32_t totals_room;  /* entries of totals */
    struct queue_id id;
    json_t *batch;       /* queue IDs not sent yet */
    json_t *batch_hosts; /* the host of each */
    bool across_hosts;   /* the incident may be on several hosts */
    struct message_ref chain[QUERY_CHAIN];
    int chain_count;
    bool chain_grew; /* since the last walk began */
    struct nearest *nearest;
    uint64_t queue[QUERY_QUEUE_STATES][QUERY_QUEUE_AGES];
};

/* Writes the object as one line, and drops it. */
void query_object(struct evbuffer *out, json_t *object);
/* Ends the query with an error. */
__attribute__((format(printf, 2, 3))) enum query_step query_fail(struct query *query,
                                                                 const char *format, ...);
/* The same for a name the daemon does not know; the error's code is CONTROL_UNKNOWN. */
enum query_step query_unknown(struct query *query, const char *what, struct span name,
                              const char *why);
/* A string member of the request; empty if there is none. */
struct span query_argument(const struct query *query, const char *name);
bool query_flag(const struct query *query, const char *name);

static inline void query_count(json_t *object, const char *name, uint64_t n)
{
    json_object_set_new(object, name, json_integer((json_int_t)n));
}

static inline json_t *query_time(wall_us t)
{
    char text[WHEN_TEXT_MAX];

    return t == WHEN_UNKNOWN ? json_null() : json_string(when_print(t, text));
}

static inline void query_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

/* Calls `visit` for the messages in the next QUERY_SLOTS slots; false if those were the last. */
bool query_walk(struct query *query, tracker_visit *visit);

#endif
