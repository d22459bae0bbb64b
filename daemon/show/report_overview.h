/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes the page of `report` about a whole log: its incidents, and what mail there
 *               was, by origin.
 * Doesn't know: how the log was read.
 * Owns:         nothing.
 * Time:         event time, as UTC.
 * Fails:        returns NULL when memory is short, or the page is beyond REPORT_MAX. Beyond
 *               REPORT_INCIDENTS_MAX, incidents are counted only.
 */
#ifndef RELAYWATCH_SHOW_REPORT_OVERVIEW_H
#define RELAYWATCH_SHOW_REPORT_OVERVIEW_H

#include <jansson.h>

#include "engine/activity.h"

enum { REPORT_INCIDENTS_MAX = 100 };

struct report_overview {
    const json_t *incidents;   /* as incident_whole_to_json makes them, in the order of the log */
    const json_t *warnings;    /* as warning_to_json does */
    const json_t *summary;     /* as summary_to_json does */
    uint32_t began_s, until_s; /* the log's first and last time; 0: none */
    const struct timeline *origins; /* enum activity_origin */
};

/* The caller frees the page. */
char *report_overview_page(const struct report_overview *report);

#endif
