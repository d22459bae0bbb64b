/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the two files that read records ask of each other.
 * Doesn't know: -
 * Owns:         -
 * Time:         timeless.
 * Fails:        as in record.h.
 */
#ifndef RELAYWATCH_PARSE_RECORD_INTERNAL_H
#define RELAYWATCH_PARSE_RECORD_INTERNAL_H

#include "parse/record.h"

/* Offset of the ">" that ends an address, or -1. The quoted form (RFC 5321, since Postfix 3.5) may
 * hold anything between its quotes; a backslash escapes the next byte. */
ptrdiff_t address_end(struct span s);
/* Digits, "." and "/" at the start of *s, cut off it: delays= is 0.12/0.07/0.06/0. */
struct span take_while_number(struct span *s);
/* A delivery record behind its "to=<". */
void parse_delivery(struct span s, enum address_form form, struct record *ret);

#endif
