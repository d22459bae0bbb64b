/* SPDX-License-Identifier: MIT */
/*
 * Does:         gives an incident the severity that a person would: is somebody else at work, or
 *               does it look like bulk mail of its owner?
 * Doesn't know: where it is shown.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; without a sign either way it is a warning.
 */
#ifndef RELAYWATCH_REPORT_SEVERITY_H
#define RELAYWATCH_REPORT_SEVERITY_H

#include "report/view.h"

/* Sets view.severity and view.signs. */
void severity_fill(struct incident_view *view);
/* "critical" */
const char *severity_name(enum severity severity);

#endif
