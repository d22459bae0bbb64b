/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a delivery record: recipient, relay, delays, status and reply.
 * Doesn't know: any other record.
 * Owns:         nothing; every span points into the line.
 * Time:         timeless.
 * Fails:        leaves the record RECORD_UNPARSED, or makes it RECORD_AMBIGUOUS.
 */
#ifndef RELAYWATCH_PARSE_RECORD_DELIVERY_H
#define RELAYWATCH_PARSE_RECORD_DELIVERY_H

#include "base/address_form.h"
#include "parse/record.h"

/* s follows "to=<". Fills type, shape and the fields of RECORD_DELIVERY. */
void record_parse_delivery(struct span s, enum address_form form, struct record *ret);

#endif
