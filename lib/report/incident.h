/* SPDX-License-Identifier: MIT */
/*
 * Does:         puts an incident together from its cells, as a value to show: totals, lists,
 *               samples, related incidents, the reason and the advice in words; its JSON and its
 *               one line.
 * Doesn't know: how it was found; terminals, sinks.
 * Owns:         the view's lists, until incident_view_done.
 * Time:         seconds of event time.
 * Fails:        short of memory, lists are short; the JSON and line functions return NULL.
 */
#ifndef RELAYWATCH_REPORT_INCIDENT_H
#define RELAYWATCH_REPORT_INCIDENT_H

#include <jansson.h>

#include "detect/detector.h"
#include "detect/scope.h"

enum {
    VIEW_SAMPLES_MAX = SAMPLED_CELLS, /* of an ended incident no more are kept */
    VIEW_LIST_MAX = 20,
    VIEW_RELATED_MAX = RELATED_MAX,
    VIEW_ADVICE_MAX = 5
};
enum { VIEW_TEXT_MAX = 512 };

struct view_sample {
    struct queue_id id;
    const struct intern *message_id; /* borrowed from the detector; may be NULL */
    uint64_t number;
};

struct incident_view {
    const struct incident *incident; /* borrowed until the detector is called, as all texts */
    const struct detector *detector;
    enum key_type key_type;
    struct totals totals;
    uint64_t clients; /* distinct ones; at least so many where cells were given up */
    uint64_t domains; /* of senders, distinct ones */
    struct tally client_names, networks, senders, sender_domains, recipient_domains;
    struct view_sample sample[VIEW_SAMPLES_MAX];
    uint32_t sample_count;
    const struct incident *related[VIEW_RELATED_MAX];
    uint32_t related_count;
    char reason[VIEW_TEXT_MAX];
    char advice[VIEW_ADVICE_MAX][VIEW_TEXT_MAX];
    uint32_t advice_count;
};

void incident_view_init(struct incident_view *view, const struct detector *d,
                        const struct incident *incident);
void incident_view_done(struct incident_view *view);

/* The contract of `scan --json`: fields may be added, none renamed. The caller drops it. */
json_t *incident_json(const struct incident_view *view);
/* {"client": "192.0.2.1"}, {"uid": 33}. */
json_t *incident_key_json(const struct incident *incident);
/* A stranger's text as a string: UTF-8 as it is, else with "?" for what is not printable ASCII. */
json_t *text_json(struct span text);
/* One line, key=value; what a stranger controls is quoted, printable and cut. The caller frees. */
char *incident_line(const struct incident_view *view, enum incident_event event);
/* "client 192.181.15.33", for people. buf has VIEW_TEXT_MAX bytes; returns buf. */
const char *incident_key(const struct incident_view *view, char *buf);
/* "raised", "widened", "updated", "ended". */
const char *incident_event_name(enum incident_event event);
/* What the kind is, in one sentence. */
const char *kind_sentence(enum kind kind);

/* Incidents in the order they were raised. ret has room for d->incident_count; the number. */
uint32_t incidents_in_order(const struct detector *d, const struct incident **ret);
/* NULL where there is none of that id. */
const struct incident *incident_by_id(const struct detector *d, struct span id);

#endif
