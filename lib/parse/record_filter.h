/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the records of content filters that name both queue IDs of a message: what
 *               Postfix gave them, and what they gave back.
 * Doesn't know: whether to believe it.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a line that is no such record stays RECORD_UNPARSED.
 */
#ifndef RELAYWATCH_PARSE_RECORD_FILTER_H
#define RELAYWATCH_PARSE_RECORD_FILTER_H

#include "parse/record.h"

/* The text of a line whose program is PROGRAM_AMAVIS or PROGRAM_MAILSCANNER. */
void record_parse_filter(struct span text, struct record *ret);

#endif
