/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells who refused what the notices of an incident are about, how often, and by
 *               which setting of Postfix it would have been refused at the door.
 * Doesn't know: the words of an advice (advice.h) or of a command (commands.h).
 * Owns:         nothing; texts are the view's.
 * Time:         timeless.
 * Fails:        what nobody remembers is not there, so the sum may be less than the notices.
 */
#ifndef RELAYWATCH_REPORT_REFUSALS_H
#define RELAYWATCH_REPORT_REFUSALS_H

#include <jansson.h>

#include "parse/refused_by.h"
#include "report/view.h"

/* REFUSALS_TOLD: so many of them are worth a sentence each. */
enum { REFUSALS_MAX = 16, REFUSALS_TOLD = 3 };

/* All that one of Postfix's programs refused, or had refused, of one class of addresses. */
struct refusals {
    struct refused_by by; /* the most frequent one */
    struct span domain;   /* of most recipients of that class */
    uint64_t count;       /* notices */
};

/* The most frequent first. Returns how many there are. */
uint32_t refusals_of(const struct incident_view *view, struct refusals ret[REFUSALS_MAX]);
/* The setting that makes smtpd(8) refuse them: that of a table where Postfix itself can know the
 * recipients, else the one for reject_unverified_recipient. */
const char *refusals_setting(const struct refusals *refusals);
/* "local(8)", "mx1[private/dovecot-lmtp] (lmtp)". Writes to buf, which has REFUSED_BY_MAX bytes,
 * and returns it. */
const char *refusals_who(const struct refused_by *by, char *buf);

/* Lists for the incident's JSON: who refused, in which words and how often; and for which domains,
 * each once. */
json_t *refusals_json(const struct incident_view *view);
json_t *refusals_domains_json(const struct incident_view *view);

#endif
