/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the header of a mail in what header_checks write.
 * Doesn't know: what the action does to the message.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a header that tells nothing of the mail, or is empty, leaves the record as it was.
 */
#ifndef RELAYWATCH_PARSE_RECORD_HEADER_H
#define RELAYWATCH_PARSE_RECORD_HEADER_H

#include "parse/record.h"

/* What follows is cut off. */
enum { RECORD_HEADER_MAX = 120 };

/* s is a record of cleanup(8) after its "QID: ", and known: a NOTE becomes SAYS. */
void record_parse_header(struct span s, struct record *ret);

#endif
