/* SPDX-License-Identifier: MIT */
/*
 * Does:         knows what standard output is: how wide, and whether a person reads it there, who
 *               wants local time.
 * Doesn't know: what is printed.
 * Owns:         the width and the kind, for the whole process; colour is the command line's.
 * Time:         wall_us to text: local on a terminal, else UTC, so that files can be compared.
 * Fails:        without a terminal, or if it has no size, texts have their usual width.
 */
#ifndef RELAYWATCH_SHOW_TERMINAL_H
#define RELAYWATCH_SHOW_TERMINAL_H

#include "base/when.h"

enum { TERMINAL_COLUMNS_MIN = 72, TERMINAL_COLUMNS_MAX = 200, TERMINAL_TIME_MAX = 40 };

/* Looks at standard output; before, there is no terminal. */
void terminal_look(void);
/* Its width within the bounds above; `usual` where it is no terminal. */
int terminal_columns(int usual);
bool terminal_is_local(void);
/* "2026-11-24 04:47:12 +0100", or "2026-11-24T03:47:12Z". Writes to buf, which has
 * TERMINAL_TIME_MAX bytes, and returns it. */
const char *terminal_time(wall_us t, char *buf);
/* The same of such a text in UTC; other texts stay as they are. */
const char *terminal_time_of(const char *utc, char *buf);
/* Parses "2026-11-24T03:47:12Z"; WHEN_UNKNOWN for anything else. */
wall_us terminal_parse_time(const char *utc);

#endif
