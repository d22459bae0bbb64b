/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes mail addresses apart: where one ends in a record, what its domain is.
 * Doesn't know: what a domain means; Postfix.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        an address that does not end is -1; one without "@" has an empty domain.
 */
#ifndef RELAYWATCH_BASE_MAIL_ADDRESS_H
#define RELAYWATCH_BASE_MAIL_ADDRESS_H

#include "base/span.h"

/* The domain behind the last "@"; empty where there is none. */
static inline struct span mail_address_domain(struct span address)
{
    ptrdiff_t at = span_find_last(address, '@');

    return at < 0 ? SPAN_NONE : span_skip(address, (size_t)at + 1);
}

/* Offset of the ">" that ends the address s begins with, or -1. The quoted form (RFC 5321, logged
 * since Postfix 3.5) may hold anything between its quotes; a backslash escapes the next byte. */
ptrdiff_t mail_address_end(struct span s);

#endif
