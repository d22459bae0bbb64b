/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes text into HTML so that it stays text, whoever wrote it: in an element and in
 *               a quoted attribute, in HTML and in XHTML.
 * Doesn't know: what the text is, or what surrounds it.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        as buf.h.
 *
 * What can't be seen, or would change how its surroundings look, is shown by its number: [U+202E]
 * for a character, [0xFF] for a byte that is not UTF-8.
 */
#ifndef RELAYWATCH_REPORT_HTML_H
#define RELAYWATCH_REPORT_HTML_H

#include "base/buf.h"

/* The one way for text into a page. Never write it into a script, a style, a URL or an attribute
 * without quotes. */
void html_text(struct buf *to, struct span text);
/* At most about `max` bytes of it, its beginning and its end, and how much was left out. */
void html_text_cut(struct buf *to, struct span text, size_t max);
/* <NAME class="CLASS">TEXT</NAME>; class may be NULL. NAME and CLASS are ours. */
void html_element(struct buf *to, const char *name, const char *class, const char *text);

#endif
