/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a delivery record: recipient, relay, delays, status and reply.
 * Doesn't know: any other record.
 * Owns:         nothing; every span points into the line.
 * Time:         timeless.
 * Fails:        leaves the record RECORD_UNPARSED, or makes it RECORD_CUT or RECORD_AMBIGUOUS.
 */
#ifndef RELAYWATCH_PARSE_RECORD_DELIVERY_H
#define RELAYWATCH_PARSE_RECORD_DELIVERY_H

#include "base/address_form.h"
#include "parse/record.h"

/* Whether the address that s begins with is quoted where it has to be, so that it has one end. Its
 * "@route:" never is (global/quote_822_local.c). */
static inline bool record_is_quoted(struct span s, enum address_form form)
{
    return form == ADDRESS_FORM_EXTERNAL && !span_starts(s, SPAN("@"));
}

/* s follows "to=<". Fills type, shape and the fields of RECORD_DELIVERY. may_be_cut: Postfix may
 * have cut the record, so that an unquoted address, which may hold anything, was its end. */
void record_parse_delivery(struct span s, enum address_form form, bool may_be_cut,
                           struct record *ret);

#endif
