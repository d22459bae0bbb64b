/* SPDX-License-Identifier: MIT */
/*
 * Does:         prints incidents, warnings and summaries for a person, in 100 columns, and turns
 *               them into JSON.
 * Doesn't know: where they come from.
 * Owns:         nothing.
 * Time:         event time, printed as UTC.
 * Fails:        never; main notices if standard output cannot be written.
 *
 * print_* writes to standard output; *_to_json returns an object the caller drops.
 */
#ifndef RELAYWATCH_SHOW_PRINT_H
#define RELAYWATCH_SHOW_PRINT_H

#include "report/incident.h"
#include "engine/pipeline.h"

/* The incident as `scan --json` shows it, plus one member with what only people want to see. That
 * member is for the way from the daemon to its client: delete it before anyone else gets the
 * object. */
#define INCIDENT_MORE "more"
json_t *incident_whole_to_json(const struct incident_view *view);
/* Prints what incident_whole_to_json made, here or in the daemon. */
void print_incident(const json_t *incident, bool color);
void print_warning(const struct site_warning *warning, bool color);
/* Wraps text at 100 columns and indents every line but the first, which the caller has indented. */
void print_wrapped(int indent, const char *text);
/* Prints the object on a line of its own, and drops it. */
void print_json(json_t *object);
/* "type": "warning". */
json_t *warning_to_json(const struct site_warning *warning);
json_t *summary_to_json(const struct pipeline *pipeline);
void print_summary(const struct pipeline *pipeline);
/* Prints all incidents in order, in either form; returns how many. */
uint32_t print_incidents(const struct detector *detector, bool json, bool color);
/* Prints a stranger's text, with "?" for everything unprintable. */
void print_safe(struct span text);

#endif
