/* SPDX-License-Identifier: MIT */
/*
 * Does:         begins and ends a page of `report`, and writes what its pages share. Every text
 *               goes through html_text.
 * Doesn't know: incidents.
 * Owns:         nothing.
 * Time:         times of JSON, which are UTC.
 * Fails:        as buf.h.
 *
 * A page is one file that loads nothing: style and drawings are in it, there is no script, and a
 * policy in its head forbids both to whatever might have slipped in.
 */
#ifndef RELAYWATCH_SHOW_REPORT_HTML_H
#define RELAYWATCH_SHOW_REPORT_HTML_H

#include <jansson.h>

#include "report/plot.h"

/* Bytes of a page; of a name and of a log line in it; of a time as text. */
enum { REPORT_MAX = 8 << 20, REPORT_NAME_MAX = 160, REPORT_LINE_MAX = 400, REPORT_TIME_MAX = 40 };

void report_begin(struct buf *to, const char *title);
void report_end(struct buf *to);
/* <h2>TEXT</h2> */
void report_heading(struct buf *to, const char *text);
/* "2026-11-24T03:47:12Z" as "2026-11-24 03:47:12 UTC"; other texts stay. Writes to buf, which has
 * REPORT_TIME_MAX bytes, and returns it. */
const char *report_time(const char *utc, char *buf);
/* Text of ours that a full stop and a capital letter make a sentence of. */
void report_sentence(struct buf *to, const char *text);
/* A line within <pre>, of at most so many bytes: where it is wrapped, what follows is indented. */
void report_line(struct buf *to, struct span text, size_t max);
/* A number and what it counts, for a row of them within <ul class="figures">. */
void report_figure(struct buf *to, uint64_t n, const char *what);
/* "critical", as a badge. */
void report_severity(struct buf *to, const char *severity);
/* The plot for wide and for narrow screens, its legend, and what it shows. */
void report_plot(struct buf *to, const struct plot *plot, const char *caption);
uint64_t report_count(const json_t *object, const char *name);

#endif
