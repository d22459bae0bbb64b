/* SPDX-License-Identifier: MIT */
/*
 * Does:         one message as a JSON object, and that object for a person: what `explain` shows,
 *               of a log as of the daemon's memory.
 * Doesn't know: how the message was found.
 * Owns:         nothing.
 * Time:         prints event time as UTC.
 * Fails:        a failing standard output is main's to notice.
 */
#ifndef RELAYWATCH_EXPLAINED_H
#define RELAYWATCH_EXPLAINED_H

#include <jansson.h>

#include "pipeline.h"

/* All that is known of the message but its relatives, recipients and verdicts: those are added by
 * who knows them, as "parent" (a queue ID or null), "children", "recipients", "verdicts". */
json_t *explained_message(const struct pipeline *p, const struct message *m);
void print_explained(const json_t *message, bool color);

#endif
