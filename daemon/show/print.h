/* SPDX-License-Identifier: MIT */
/*
 * Does:         shows incidents, warnings and summaries to a person, in 100 columns, and as JSON.
 * Doesn't know: where they come from.
 * Owns:         nothing.
 * Time:         prints event time as UTC.
 * Fails:        a failing standard output is main's to notice.
 */
#ifndef RELAYWATCH_SHOW_PRINT_H
#define RELAYWATCH_SHOW_PRINT_H

#include "report/incident.h"
#include "engine/pipeline.h"

/* The incident's JSON, and as one member more what only people want to see. That is for the way
 * from the daemon to its client: take it out before anybody else gets the object. */
#define INCIDENT_MORE "more"
json_t *incident_whole(const struct incident_view *view);
/* What incident_whole made, here or in the daemon. */
void print_incident(const json_t *incident, bool color);
void print_warning(const struct site_warning *warning, bool color);
/* Text wrapped at 100 columns, every line after `indent` blanks; the first one's are there. */
void print_wrapped(int indent, const char *text);
/* The object on a line of its own; dropped. */
void print_json(json_t *object);
/* "type": "warning". */
json_t *warning_json(const struct site_warning *warning);
json_t *summary_json(const struct pipeline *pipeline);
void print_summary(const struct pipeline *pipeline);
/* All incidents in order, in either form; how many. */
uint32_t print_incidents(const struct detector *detector, bool json, bool color);
/* A stranger's text with everything that is not printable as "?". */
void print_safe(struct span text);

#endif
