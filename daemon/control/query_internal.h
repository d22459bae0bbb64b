/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the answers share: their one struct, and how an object gets out.
 * Doesn't know: -
 * Owns:         see answers.h.
 * Time:         see answers.h.
 * Fails:        see answers.h.
 */
#ifndef RELAYWATCH_ANSWERS_INSIDE_H
#define RELAYWATCH_ANSWERS_INSIDE_H

#include <jansson.h>

#include "control/query.h"
#include "report/incident.h"
#include "base/list.h"

enum answer_step { ANSWER_MORE, ANSWER_END };

enum {
    ANSWER_SLOTS = 8 * 1024, /* messages looked at in one piece */
    ANSWER_CELLS = 4 * 1024,
    ANSWER_IDS = 512, /* in one object */
    ANSWER_CHAIN = 64,
};

struct answer {
    const struct live *live;
    json_t *request;
    enum answer_step (*step)(struct answer *answer, struct evbuffer *out);
    char error[256];       /* not empty: the answer ends with it */
    const char *code;      /* of the error; NULL: it has none */
    uint32_t at;           /* cursor: slot, cell or item */
    struct list ids;       /* char[INCIDENT_ID_MAX]: incidents that are still to be shown */
    struct totals *totals; /* by incident */
    uint32_t totals_room;
    struct queue_id id;
    json_t *batch; /* queue IDs that are not sent yet */
    struct message_ref chain[ANSWER_CHAIN];
    int chain_count;
    bool chain_grew;
};

void answer_object(struct evbuffer *out, json_t *object); /* drops the object */
__attribute__((format(printf, 2, 3))) enum answer_step answer_fail(struct answer *answer,
                                                                   const char *format, ...);
/* The same, of what is not known: CONTROL_UNKNOWN. */
enum answer_step answer_unknown(struct answer *answer, const char *what, struct span name,
                                const char *why);
/* A text of the request; empty where there is none. */
struct span answer_argument(const struct answer *answer, const char *name);
bool answer_flag(const struct answer *answer, const char *name);

static inline void answer_count(json_t *object, const char *name, uint64_t n)
{
    json_object_set_new(object, name, json_integer((json_int_t)n));
}

static inline void answer_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

/* Calls visit for the messages in the next ANSWER_SLOTS slots; false when there are no more. */
bool answer_walk(struct answer *answer, tracker_visit *visit);

/* The first steps. */
enum answer_step answer_status(struct answer *answer, struct evbuffer *out);
enum answer_step answer_incidents(struct answer *answer, struct evbuffer *out);
enum answer_step answer_show(struct answer *answer, struct evbuffer *out);
enum answer_step answer_queue(struct answer *answer, struct evbuffer *out);
enum answer_step answer_explain(struct answer *answer, struct evbuffer *out);
enum answer_step answer_counters(struct answer *answer, struct evbuffer *out);

#endif
