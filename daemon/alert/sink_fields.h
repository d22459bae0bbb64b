/* SPDX-License-Identifier: MIT */
/*
 * Does:         turns an incident into the fields of a journal entry, and says how urgent it is.
 * Doesn't know: sockets.
 * Owns:         nothing.
 * Time:         event time, printed as UTC.
 * Fails:        marks the buffer as failed.
 */
#ifndef RELAYWATCH_ALERT_SINK_FIELDS_H
#define RELAYWATCH_ALERT_SINK_FIELDS_H

#include "report/incident.h"
#include "common/log_socket.h"

/* A syslog priority: LOG_ALERT and so on, or one less urgent for what is no news. */
int alert_priority(enum severity severity, enum incident_event event);
const char *alert_message_id(enum kind kind, enum incident_event event);
/* Adds every field except the message itself. json: the incident as JSON, or NULL. */
void alert_fields(const struct log_socket *log_socket, struct buf *buf, enum incident_event event,
                  const struct incident_view *view, const char *json);
/* All field names, NULL-terminated: those the message catalog may refer to. */
extern const char *const alert_field_names[];

#endif
