/* SPDX-License-Identifier: MIT */
/*
 * Does:         prints incidents in full for a person, from their JSON.
 * Doesn't know: where the JSON comes from: here or the daemon.
 * Owns:         nothing.
 * Time:         as terminal.h.
 * Fails:        a member that is missing prints as nothing or 0.
 */
#ifndef RELAYWATCH_SHOW_INCIDENT_TEXT_H
#define RELAYWATCH_SHOW_INCIDENT_TEXT_H

#include <jansson.h>

#include "detect/detector.h"

/* Prints what incident_whole_to_json made, here or in the daemon. Commands are never broken. */
void print_incident(const json_t *incident, bool color);
/* Prints all incidents in order, in either form; returns how many. */
uint32_t print_incidents(struct detector *detector, bool json, bool color);

#endif
