/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads one Postfix record, strictly from the left, into a kind and named fields.
 * Doesn't know: syslog, messages, or what came before.
 * Owns:         nothing; every span points into the line.
 * Time:         timeless.
 * Fails:        as record.h says.
 *
 * Shapes: Postfix 2.3 to 3.12. Each parser names the source file that writes its record.
 */
#ifndef RELAYWATCH_PARSE_RECORD_PARSE_H
#define RELAYWATCH_PARSE_RECORD_PARSE_H

#include "base/address_form.h"
#include "parse/record.h"

/* form says how addresses are logged. If it is not ADDRESS_FORM_EXTERNAL an address may hold
 * anything, so every place where it could end is tried, unless the record may be cut. */
void record_parse(enum program program, struct span text, enum address_form form,
                  struct record *ret);

#endif
