/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes the page of `report` about one incident.
 * Doesn't know: where the incidents come from: a log or the daemon.
 * Owns:         nothing.
 * Time:         event time, as UTC.
 * Fails:        returns NULL when memory is short, or a page is beyond REPORT_MAX. A member that is
 *               missing is left out.
 */
#ifndef RELAYWATCH_SHOW_REPORT_INCIDENT_H
#define RELAYWATCH_SHOW_REPORT_INCIDENT_H

#include <jansson.h>

#include "engine/activity.h"

enum { REPORT_LINES_MAX = 10 };

/* A line of the log; its bytes are the caller's. */
struct report_line {
    char *text;
    size_t len;
};

struct report_incident {
    const json_t *incident;                  /* as incident_whole_to_json makes it */
    const struct activity_subject *activity; /* NULL: the log was not read */
    const struct report_line *line;
    size_t line_count;
};

/* The caller frees the page. */
char *report_incident_page(const struct report_incident *report);
/* The subject whose time there is to count: borrows its texts from the incident. False if that is
 * no incident. */
bool report_subject(const json_t *incident, struct activity_subject *ret);

#endif
