/* SPDX-License-Identifier: MIT */
/*
 * Does:         the status of the daemon as text that fits a screen.
 * Doesn't know: how it was asked for, terminals.
 * Owns:         nothing.
 * Time:         what the status says is now.
 * Fails:        what does not fit is left out, the least important first.
 */
#ifndef RELAYWATCH_SHOW_STATUS_TEXT_H
#define RELAYWATCH_SHOW_STATUS_TEXT_H

#include <jansson.h>

#include "base/buf.h"

/* Adds at most `rows` lines of at most `columns` characters (colour not counted), each ended by a
 * newline. open is an array of open_incident objects. */
void status_text(struct buf *out, const json_t *status, const json_t *open, int rows, int columns,
                 bool color);
/* One line an incident (open_incident or incident), under a heading. rows: 0 is no bound. */
void incidents_text(struct buf *out, const json_t *incidents, int rows, int columns, bool color);
/* "1,234,567"; buf has 32 bytes; returns buf. */
const char *number_text(uint64_t n, char *buf);

#endif
