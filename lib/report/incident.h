/* SPDX-License-Identifier: MIT */
/*
 * Does:         collects an incident from its cells into a view: totals, lists, samples, related
 *               incidents, reason and advice.
 * Doesn't know: how incidents are found; terminals, sinks.
 * Owns:         the view's lists, until incident_view_done.
 * Time:         event time in seconds since 1970.
 * Fails:        when memory is short, lists are shorter.
 */
#ifndef RELAYWATCH_REPORT_INCIDENT_H
#define RELAYWATCH_REPORT_INCIDENT_H

#include "report/view.h"

/* Fills the view from the incident's cells. It is valid until the detector changes; release it with
 * incident_view_done. */
void incident_view_init(struct incident_view *view, struct detector *d,
                        const struct incident *incident);
void incident_view_done(struct incident_view *view);

/* "raised", "widened", "updated", "ended", "withdrawn", "reopened", "closed". Static text. */
const char *incident_event_name(enum incident_event event);

/* Fills ret with the incidents in the order they were raised, and returns their number. ret needs
 * room for detector_incidents(d). */
uint32_t incidents_in_order(const struct detector *d, const struct incident **ret);
/* The incident with this id, or else the one that was alerted under it, or NULL. */
const struct incident *incident_by_id(const struct detector *d, struct span id);

#endif
