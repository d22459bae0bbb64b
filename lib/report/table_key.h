/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells whether a name can be the key of a line of a Postfix table, for itself alone.
 * Doesn't know: shells; the table's other lines.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_REPORT_TABLE_KEY_H
#define RELAYWATCH_REPORT_TABLE_KEY_H

#include "base/span.h"

/* Why a login can't be such a key, to follow "its name"; NULL: it can. Static text. */
const char *table_key_trouble(struct span key);
/* The same for a sender: what is looked up for whole domains is none. */
const char *table_sender_trouble(struct span key);

#endif
