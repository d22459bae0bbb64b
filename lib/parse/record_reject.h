/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads why smtpd(8) refused a recipient, if that shows whose the domain is.
 * Doesn't know: what follows from it.
 * Owns:         nothing; the span points into the record.
 * Time:         timeless.
 * Fails:        returns REFUSAL_NONE for any other reason, and if the record has two readings.
 */
#ifndef RELAYWATCH_PARSE_RECORD_REJECT_H
#define RELAYWATCH_PARSE_RECORD_REJECT_H

#include "parse/record.h"

/* s follows "reject: " (smtpd/smtpd_check.c). *ret_domain is the recipient's. */
enum refusal record_refusal(struct span s, struct span *ret_domain);

#endif
