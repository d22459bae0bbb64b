/* SPDX-License-Identifier: MIT */
/*
 * Does:         an incident as the fields of a journal entry, and how urgent it is.
 * Doesn't know: sockets.
 * Owns:         nothing.
 * Time:         event time, printed as UTC.
 * Fails:        the buffer is marked as failed.
 */
#ifndef RELAYWATCH_ALERT_SINK_FIELDS_H
#define RELAYWATCH_ALERT_SINK_FIELDS_H

#include "report/incident.h"
#include "common/log_socket.h"

/* LOG_ALERT and so on. */
int alert_priority(enum kind kind, enum incident_event event);
const char *alert_message_id(enum kind kind, enum incident_event event);
/* Every field beside the message. json is the incident's. */
void alert_fields(const struct log_socket *log_socket, struct buf *buf, enum incident_event event,
                  const struct incident_view *view, const char *json);
/* The fields that there can be, ended by NULL: what a catalog may name. */
extern const char *const alert_field_names[];

#endif
