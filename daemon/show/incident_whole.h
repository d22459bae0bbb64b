/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes the JSON of incidents from which they are printed in full.
 * Doesn't know: terminals.
 * Owns:         nothing; the caller drops the references.
 * Time:         event time, as text and in seconds.
 * Fails:        when memory is short, members are missing.
 */
#ifndef RELAYWATCH_SHOW_INCIDENT_WHOLE_H
#define RELAYWATCH_SHOW_INCIDENT_WHOLE_H

#include "report/incident.h"
#include "report/incident_json.h"

/* The incident as `scan --json` shows it, plus one member with what only people want to see. That
 * member is for the way from the daemon to its client: delete it before anyone else gets the
 * object. */
#define INCIDENT_MORE "more"
json_t *incident_whole_to_json(const struct incident_view *view);
/* An array of all incidents in order, each with that member. */
json_t *incidents_to_json(struct detector *detector);

#endif
