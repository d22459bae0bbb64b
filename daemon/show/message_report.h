/* SPDX-License-Identifier: MIT */
/*
 * Does:         one message as a JSON object, and that object for a person: what `explain` shows,
 *               of a log as of the daemon's memory.
 * Doesn't know: how the message was found.
 * Owns:         nothing.
 * Time:         prints event time as UTC.
 * Fails:        a failing standard output is main's to notice.
 */
#ifndef RELAYWATCH_SHOW_MESSAGE_REPORT_H
#define RELAYWATCH_SHOW_MESSAGE_REPORT_H

#include <jansson.h>

#include "engine/pipeline.h"

/* All that is known of the message but its relatives, recipients and verdicts: those are added by
 * who knows them, as "parent" (a queue ID or null), "children", "recipients", "verdicts". */
json_t *message_report(const struct pipeline *p, const struct message *m);
void print_explained(const json_t *message, bool color);

/* A line of a message as a string: as it is, or put together again from a journal entry (text is
 * empty then). */
json_t *message_report_line(const struct syslog_header *header, struct span text);
/* The queue ID that a line begins with, Postfix's or a milter's (opendkim, opendmarc); false where
 * it begins with none. */
bool message_report_names(struct span text, struct queue_id *ret);
/* All of them, of which no more than max were kept. */
void print_explained_lines(json_t *const *line, size_t count, size_t max, bool json);

#endif
