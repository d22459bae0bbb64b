/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads why smtpd(8) refused a recipient, where that says whose domain it is.
 * Doesn't know: what follows from it.
 * Owns:         nothing; the span points into the record.
 * Time:         timeless.
 * Fails:        returns REFUSAL_NONE where the record says nothing of the kind, or has two
 *               readings.
 */
#ifndef RELAYWATCH_PARSE_RECORD_REJECT_H
#define RELAYWATCH_PARSE_RECORD_REJECT_H

#include "base/address_form.h"
#include "parse/record.h"

/* s is what follows "reject: " (smtpd/smtpd_check.c). *ret_domain is the recipient's. */
enum refusal record_refusal(struct span s, enum address_form form, struct span *ret_domain);

#endif
