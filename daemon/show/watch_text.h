/* SPDX-License-Identifier: MIT */
/*
 * Does:         formats what `status --watch` shows: how much mail there is from where, who is
 *               nearest to a threshold, open incidents, warnings.
 * Doesn't know: how it was asked for, terminals.
 * Owns:         nothing.
 * Time:         the status object says what time it is.
 * Fails:        leaves out what does not fit, the least important first.
 */
#ifndef RELAYWATCH_SHOW_WATCH_TEXT_H
#define RELAYWATCH_SHOW_WATCH_TEXT_H

#include <jansson.h>

#include "base/buf.h"

/* What the daemon answered. */
struct watch_view {
    const json_t *status, *rates; /* rates: NULL, or as "activity" answers */
    const json_t *nearest, *open; /* arrays of the objects of that type */
};
struct watch_screen {
    int rows, columns;
    bool color, unicode; /* unicode: blocks may be drawn */
};

/* Appends at most `rows` lines of at most `columns` characters (not counting colour), each with a
 * newline. */
void watch_text(struct buf *out, const struct watch_view *view, const struct watch_screen *screen);

#endif
