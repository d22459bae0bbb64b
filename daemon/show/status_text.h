/* SPDX-License-Identifier: MIT */
/*
 * Does:         formats the daemon's status as text that fits a screen.
 * Doesn't know: how it was asked for, terminals.
 * Owns:         nothing.
 * Time:         the status object says what time it is.
 * Fails:        leaves out what does not fit, the least important first.
 */
#ifndef RELAYWATCH_SHOW_STATUS_TEXT_H
#define RELAYWATCH_SHOW_STATUS_TEXT_H

#include <jansson.h>

#include "base/buf.h"

/* Appends at most `rows` lines of at most `columns` characters (not counting colour), each with a
 * newline. open: an array of open_incident objects. */
void status_text(struct buf *out, const json_t *status, const json_t *open, int rows, int columns,
                 bool color);
/* One line per incident (open_incident or incident), under a heading. rows: 0 is no limit. */
void incidents_text(struct buf *out, const json_t *incidents, int rows, int columns, bool color);
/* An incident's key without its type: "192.0.2.1", "uid 33". Returns buf. */
const char *incident_key_text(const json_t *incident, char *buf, size_t size);
/* "1,234,567"; buf has 32 bytes; returns buf. */
const char *number_text(uint64_t n, char *buf);

#endif
