/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps the status line that `systemctl status` shows up to date.
 * Doesn't know: who changes the figures.
 * Owns:         nothing; the text is the daemon's.
 * Time:         runtime.now, to limit how often the line is sent.
 * Fails:        never; without systemd it does nothing.
 */
#ifndef RELAYWATCH_SERVICE_STATUS_LINE_H
#define RELAYWATCH_SERVICE_STATUS_LINE_H

#include "service/daemon.h"

/* Sends the line if it changed: at once if the number of open incidents did, or sight was lost or
 * regained, else at most every five seconds. */
void status_line_update(struct daemon *daemon);

#endif
