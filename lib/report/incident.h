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

#include "report/view.h"

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
/* "raised", "widened", "updated", "ended". */
const char *incident_event_name(enum incident_event event);

/* Incidents in the order they were raised. ret has room for d->incident_count; the number. */
uint32_t incidents_in_order(const struct detector *d, const struct incident **ret);
/* NULL where there is none of that id. */
const struct incident *incident_by_id(const struct detector *d, struct span id);

#endif
