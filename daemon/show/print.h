/* SPDX-License-Identifier: MIT */
/*
 * Does:         prints warnings and summaries for a person, and turns them into JSON.
 * Doesn't know: where they come from.
 * Owns:         nothing.
 * Time:         as terminal.h.
 * Fails:        never; main notices if standard output cannot be written.
 *
 * print_* writes to standard output; *_to_json returns an object the caller drops.
 */
#ifndef RELAYWATCH_SHOW_PRINT_H
#define RELAYWATCH_SHOW_PRINT_H

#include <jansson.h>

#include "report/incident.h"
#include "engine/pipeline.h"

void print_warning(const struct site_warning *warning, bool color);
enum { PRINT_COLUMNS = 100 };
/* Wraps text at PRINT_COLUMNS, or where the terminal ends, and indents every line but the first,
 * which the caller has indented. */
void print_wrapped(int indent, const char *text);
/* Prints the object on a line of its own, and drops it. */
void print_json(json_t *object);
/* "type": "warning". */
json_t *warning_to_json(const struct site_warning *warning);
json_t *summary_to_json(const struct pipeline *pipeline);
void print_summary(const struct pipeline *pipeline);
/* Prints a stranger's text, with "?" for everything unprintable. */
void print_safe(struct span text);

#endif
