/* SPDX-License-Identifier: MIT */
/*
 * Does:         holds the style sheet of the pages of `report`.
 * Doesn't know: what is on them.
 * Owns:         a constant text.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_SHOW_REPORT_STYLE_H
#define RELAYWATCH_SHOW_REPORT_STYLE_H

/* It has no "<" and no "&", so that it is the same in HTML and XHTML. */
extern const char report_style[];

#endif
