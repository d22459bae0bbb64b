/* SPDX-License-Identifier: MIT */
/*
 * Does:         says how the notices of a backscatter-source come about, and which setting ends
 *               them.
 * Doesn't know: what is typed to that end (commands.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        where nobody remembers who refused what, it says what all refusals of that cause
 *               have in common.
 */
#ifndef RELAYWATCH_REPORT_BACKSCATTER_H
#define RELAYWATCH_REPORT_BACKSCATTER_H

#include "report/view.h"

/* "mail for unknown local users is accepted first": follows a colon. Writes to buf, which has
 * VIEW_TEXT_MAX bytes, and returns it. */
const char *backscatter_words(const struct incident_view *view, char *buf);
/* The setting of Postfix that ends it, most of all; NULL if none does. */
const char *backscatter_setting(const struct incident_view *view);
/* Adds to the advice what ends it. */
void backscatter_advise(struct incident_view *view);

#endif
