/* SPDX-License-Identifier: MIT */
/*
 * Does:         applies records to messages, each by its kind; lets what has waited be judged.
 * Doesn't know: syslog, kinds of incident, thresholds.
 * Owns:         nothing; works on the tracker it is given.
 * Time:         event time in seconds, given with each record.
 * Fails:        a record that does not fit a message's state is counted and changes nothing else.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_H
#define RELAYWATCH_LIFE_LIFECYCLE_H

#include "life/lifecycle_core.h"

/* Gives back the texts it holds. */
void lifecycle_done(struct lifecycle *life);

/* rec->type is RECORD_NOTE or later. */
void lifecycle_apply(struct lifecycle *life, uint16_t source, const struct record *rec,
                     uint32_t now_s);
/* A record with a refusal, whatever else it is: it shows whose the domain is. */
void lifecycle_refused(struct lifecycle *life, const struct record *rec);
/* Event time goes on: judges what has waited long enough. */
void lifecycle_tick(struct lifecycle *life, uint32_t now_s);
/* The log is at its end: judges all that still waits. */
void lifecycle_finish(struct lifecycle *life);

#endif
