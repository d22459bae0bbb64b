/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the end of a mail address in a record, and its domain.
 * Doesn't know: which domains are ours.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        -1 for an address that never ends; an empty domain for one without "@".
 */
#ifndef RELAYWATCH_BASE_MAIL_ADDRESS_H
#define RELAYWATCH_BASE_MAIL_ADDRESS_H

#include "base/span.h"

/* What follows the last "@"; empty if there is none. */
static inline struct span mail_address_domain(struct span address)
{
    ptrdiff_t at = span_find_last(address, '@');

    return at < 0 ? SPAN_NONE : span_skip(address, (size_t)at + 1);
}

/* True if both names belong to one registered domain: "mx1.example.co.uk" and "example.co.uk". */
bool mail_domain_is_related(struct span a, struct span b);

/* What stands before its "@", or all of an address without one. */
static inline struct span mail_address_user(struct span address)
{
    ptrdiff_t at = span_find_last(address, '@');

    return at < 0 ? address : span_head(address, (size_t)at);
}

/* The list that a list manager's sender names: "owner-news@...", "news-owner@...",
 * "news-bounces+bob=x@...", "news+bounces-17@...", "news-return-17-bob=x@...", "news-request@...".
 * Empty if it names none. */
struct span mail_address_list(struct span address);

/* "SRS0=...@ours": a sender rewritten by SRS. Mail to it returns to the original sender. */
static inline bool mail_address_is_srs(struct span address)
{
    return address.len > 5 && ascii_lower(address.at[0]) == 's' &&
           ascii_lower(address.at[1]) == 'r' && ascii_lower(address.at[2]) == 's' &&
           (address.at[3] == '0' || address.at[3] == '1') &&
           (address.at[4] == '=' || address.at[4] == '+' || address.at[4] == '-');
}

/* The domain, and what precedes "@ours", of "SRS0=hash=time=domain=user@ours": of the address that
 * was rewritten. False if it is no such address; what it was may be rewritten itself. */
bool mail_address_srs(struct span address, struct span *ret_user, struct span *ret_domain);
/* True if `rewritten` is the address as SRS makes it. */
bool mail_address_is_srs_of(struct span rewritten, struct span address);

/* The user part without the recipient that a sender of bulk mail has put into it: "bounce" of
 * "bounce+bob=example.org@...", otherwise all of it (VERP). */
struct span mail_address_without_verp(struct span address);

enum { MAIL_PATTERN_MAX = 64 };

/* What all the addresses have in common that a program makes, one for each mail or recipient: what
 * changes is "#". "bounce-12-bob=example.org@..." and "bounce-13@..." are "bounce#" and "bounce-#",
 * "noreply+ticket17@..." is "noreply#". Into buf, in lower case; the length, or 0 for an address
 * that may well be a person's, also "bob17@...", or is too long. */
size_t mail_address_pattern(struct span address, char buf[MAIL_PATTERN_MAX]);

/* Offset of the ">" that ends the address s begins with, or -1. The quoted form (RFC 5321, logged
 * since Postfix 3.5) may hold anything between its quotes; a backslash escapes the next byte. */
ptrdiff_t mail_address_end(struct span s);

#endif
