/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the answers share: their one struct, and how an object gets
 *               out.
 * Doesn't know: what is asked.
 * Owns:         see query.h.
 * Time:         see query.h.
 * Fails:        see query.h.
 */
#ifndef RELAYWATCH_CONTROL_QUERY_STEP_H
#define RELAYWATCH_CONTROL_QUERY_STEP_H

#include <event2/buffer.h>
#include <jansson.h>

#include "base/list.h"
#include "control/runtime.h"
#include "report/incident.h"

enum query_step { QUERY_MORE, QUERY_END };

enum {
    QUERY_SLOTS = 8 * 1024, /* messages looked at in one piece */
    QUERY_CELLS = 4 * 1024,
    QUERY_IDS = 512, /* in one object */
    QUERY_CHAIN = 64,
};

struct query {
    const struct runtime *live;
    json_t *request;
    enum query_step (*step)(struct query *query, struct evbuffer *out);
    char error[256];       /* not empty: the query ends with it */
    const char *code;      /* of the error; NULL: it has none */
    uint32_t at;           /* cursor: slot, cell or item */
    struct list ids;       /* char[INCIDENT_ID_MAX]: incidents that are still to be shown */
    struct totals *totals; /* by incident */
    uint32_t totals_room;
    struct queue_id id;
    json_t *batch; /* queue IDs that are not sent yet */
    struct message_ref chain[QUERY_CHAIN];
    int chain_count;
    bool chain_grew;
};

void query_object(struct evbuffer *out, json_t *object); /* drops the object */
__attribute__((format(printf, 2, 3))) enum query_step query_fail(struct query *query,
                                                                 const char *format, ...);
/* The same, of what is not known: CONTROL_UNKNOWN. */
enum query_step query_unknown(struct query *query, const char *what, struct span name,
                              const char *why);
/* A text of the request; empty where there is none. */
struct span query_argument(const struct query *query, const char *name);
bool query_flag(const struct query *query, const char *name);

static inline void query_count(json_t *object, const char *name, uint64_t n)
{
    json_object_set_new(object, name, json_integer((json_int_t)n));
}

static inline void query_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

/* Calls visit for the messages in the next QUERY_SLOTS slots; false when there are no more. */
bool query_walk(struct query *query, tracker_visit *visit);

/* The first steps. */
enum query_step query_status(struct query *query, struct evbuffer *out);
enum query_step query_incidents(struct query *query, struct evbuffer *out);
enum query_step query_show(struct query *query, struct evbuffer *out);
enum query_step query_queue(struct query *query, struct evbuffer *out);
enum query_step query_explain(struct query *query, struct evbuffer *out);
enum query_step query_counters(struct query *query, struct evbuffer *out);

#endif
