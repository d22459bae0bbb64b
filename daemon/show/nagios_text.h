/* SPDX-License-Identifier: MIT */
/*
 * Does:         formats the daemon's status as the line of a monitoring plugin (Nagios, Icinga and
 *               their kin): state, text, and figures behind a bar.
 * Doesn't know: how it was asked for.
 * Owns:         nothing.
 * Time:         the status object says what time it is.
 * Fails:        never; a member that is missing counts as nothing or 0, a severity as a warning.
 */
#ifndef RELAYWATCH_SHOW_NAGIOS_TEXT_H
#define RELAYWATCH_SHOW_NAGIOS_TEXT_H

#include <jansson.h>

#include "base/buf.h"

/* The plugin's exit status. */
enum nagios_state { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };

/* Appends one line. open: an array of open_incident objects with a severity. */
enum nagios_state nagios_text(struct buf *out, const json_t *status, const json_t *open);
/* The same for a daemon that can't be asked, and why. */
enum nagios_state nagios_unknown(struct buf *out, const char *why);

#endif
