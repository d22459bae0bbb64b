/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads content filters' own records that name both queue IDs of a message: the one
 *               they got and the one they returned.
 * Doesn't know: whether a record can be believed.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        any other line stays RECORD_UNPARSED.
 */
#ifndef RELAYWATCH_PARSE_RECORD_FILTER_H
#define RELAYWATCH_PARSE_RECORD_FILTER_H

#include "parse/record.h"

/* The text of a line whose program is PROGRAM_AMAVIS or PROGRAM_MAILSCANNER. */
void record_parse_filter(struct span text, struct record *ret);

#endif
