/* SPDX-License-Identifier: MIT */
/*
 * Does:         formats an incident as JSON.
 * Doesn't know: how its view is filled; terminals, sinks.
 * Owns:         nothing.
 * Time:         event time, as text.
 * Fails:        when memory is short, JSON lacks members or is NULL.
 */
#ifndef RELAYWATCH_REPORT_INCIDENT_JSON_H
#define RELAYWATCH_REPORT_INCIDENT_JSON_H

#include <jansson.h>

#include "report/text_json.h"
#include "report/view.h"

/* The contract of `scan --json`: members may be added, but never renamed. The caller drops the
 * reference. */
json_t *incident_json(const struct incident_view *view);
/* {"client": "192.0.2.1"}, {"uid": 33}. The caller drops the reference. */
json_t *incident_key_json(const struct incident *incident);

#endif
