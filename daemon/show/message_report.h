/* SPDX-License-Identifier: MIT */
/*
 * Does:         turns one message into a JSON object, and prints that object for a person: what
 *               `explain` shows, of a log or of the daemon's memory.
 * Doesn't know: how the message was found.
 * Owns:         nothing.
 * Time:         event time, printed as UTC.
 * Fails:        never; main notices if standard output cannot be written.
 */
#ifndef RELAYWATCH_SHOW_MESSAGE_REPORT_H
#define RELAYWATCH_SHOW_MESSAGE_REPORT_H

#include <jansson.h>

#include "engine/pipeline.h"

/* Everything about the message except its relatives, recipients and verdicts. The caller adds what
 * it knows of those: "parent" (a queue ID or null), "parent_host", "children", "recipients",
 * "verdicts". */
json_t *message_report_to_json(struct pipeline *p, const struct message *m);
/* Adds to a recipient's object what shows whose its domain is. */
void message_report_set_evidence(json_t *object, const struct pipeline *p,
                                 const struct recipient *r);
/* Adds to the verdict on a notice whom it goes to, and what shows whose that domain is. */
void message_report_set_notice(json_t *object, const struct pipeline *p, const struct message *m,
                               enum verdict verdict);
/* Prints what message_report_to_json made, here or in the daemon. */
void message_report_print(const json_t *message, bool color);

/* A line of the log as a JSON string: `text` as it is or, if that is empty, put together from the
 * fields of a journal entry. */
json_t *message_report_line_to_json(const struct syslog_header *header, struct span text);
/* The queue ID at the start of a record's text, whether written by Postfix or by a milter
 * (opendkim, opendmarc). False if there is none. */
bool message_report_queue_id(struct span text, struct queue_id *ret);

#endif
