/* SPDX-License-Identifier: MIT */
/*
 * Does:         formats an incident as one line of key=value, for the journal and syslog.
 * Doesn't know: sinks.
 * Owns:         nothing.
 * Time:         event time, as text in UTC.
 * Fails:        the line is NULL when memory is short.
 */
#ifndef RELAYWATCH_REPORT_INCIDENT_LINE_H
#define RELAYWATCH_REPORT_INCIDENT_LINE_H

#include "report/view.h"

/* One line, below 1,800 bytes; the first 160 say kind, severity, who, how many and since when. What
 * a stranger controls is quoted, made printable, and cut. The caller frees it. */
char *incident_line(const struct incident_view *view, enum incident_event event);

#endif
