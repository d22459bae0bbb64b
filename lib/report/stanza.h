/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes the section of relaywatch.conf that exempts an incident's sender, for those
 *               who find that all is as it should be.
 * Doesn't know: what the file has already.
 * Owns:         nothing; writes into the view.
 * Time:         timeless.
 * Fails:        the stanza is "" where no section can name the key: a host, a sender domain, a
 *               login with blanks.
 */
#ifndef RELAYWATCH_REPORT_STANZA_H
#define RELAYWATCH_REPORT_STANZA_H

#include "report/view.h"

/* Fills the view's stanza. Totals and lists must be filled already. */
void stanza_fill(struct incident_view *view);

/* What a section of the incident's kind can name, or nothing: a whole host or domain, a notice's
 * cause, a name that an INI file can't hold. */
struct span stanza_subject(const struct incident_view *view);

#endif
