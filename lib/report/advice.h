/* SPDX-License-Identifier: MIT */
/*
 * Does:         states in sentences why an incident is one and what ends it.
 * Doesn't know: how incidents are found or shown.
 * Owns:         nothing; writes into the view.
 * Time:         timeless.
 * Fails:        never. A sentence beyond VIEW_TEXT_MAX is cut; beyond VIEW_ADVICE_MAX, advice is
 *               left out.
 */
#ifndef RELAYWATCH_REPORT_ADVICE_H
#define RELAYWATCH_REPORT_ADVICE_H

#include "report/view.h"

/* What the kind means, in one sentence without a full stop. Static text. */
const char *kind_sentence(enum kind kind);
/* Fills the view's reason and advice. Everything else in the view must be filled already. */
void advice_fill(struct incident_view *view);

#endif
