/* SPDX-License-Identifier: MIT */
/*
 * Does:         says why an incident is one, and what to do about it, in sentences.
 * Doesn't know: how incidents are found or shown.
 * Owns:         nothing; writes into the view.
 * Time:         timeless.
 * Fails:        a sentence that is too long is cut.
 */
#ifndef RELAYWATCH_REPORT_ADVICE_H
#define RELAYWATCH_REPORT_ADVICE_H

#include "report/view.h"

/* What the kind is, in one sentence. */
const char *kind_sentence(enum kind kind);
/* Fills reason and advice from all the rest. */
void advice_fill(struct incident_view *view);

#endif
