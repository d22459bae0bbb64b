/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps a person's decision that an incident needs no more alerts, and drops it once
 *               the incident has grown beyond what he had seen.
 * Doesn't know: who decides, and how (control/query_incidents.h).
 * Owns:         nothing; the reason is the incident's.
 * Time:         event time in seconds, given.
 * Fails:        when memory is short the incident is closed without its reason.
 *
 * A closed incident stays open to evidence, so that its key raises no other. It ends as any does,
 * and what comes after that opens it again. One that is withdrawn keeps the decision: what another
 * change of the site raises on its key, before it would have ended, is closed from the start.
 */
#ifndef RELAYWATCH_DETECT_CLOSING_H
#define RELAYWATCH_DETECT_CLOSING_H

#include "detect/tables.h"

enum { CLOSE_REASON_MAX = 200, CLOSED_GROWTH = 10 };

/* Closes an incident that is open or has ended, or closes it again for another reason. Calls the
 * listener with INCIDENT_CLOSED if it was open. The reason is cut at CLOSE_REASON_MAX bytes, and
 * what is not printable in it becomes "?". */
void detector_close(struct detector *d, const struct incident *incident, struct span reason,
                    uint32_t now_s);
/* Whether it is closed and has CLOSED_GROWTH times the recipients and notices that it had then. */
bool closing_is_outgrown(const struct detector *d, const struct incident *incident);
void closing_undo(struct detector *d, struct incident *incident);
/* An incident of another detector is the same: it is closed, too. */
void closing_copy(struct detector *d, struct incident *incident, const struct incident *same);

/* The same for one that was withdrawn meanwhile, unless this one is wider or has outgrown it. */
void closing_comes_back(struct detector *d, struct incident *incident, const struct incident *old);
/* Looks for one that `incident`, just raised on evidence since first_s, is the rest of. True if it
 * is closed now. */
bool closing_of_withdrawn(struct detector *d, struct incident *incident, uint32_t first_s);

#endif
