/* SPDX-License-Identifier: MIT */
/*
 * Does:         speaks sd_notify(3)'s protocol with the service manager, which may be systemd,
 *               podman or another: a datagram to the socket that NOTIFY_SOCKET names.
 * Doesn't know: what is said, or when.
 * Owns:         nothing between two calls.
 * Time:         timeless.
 * Fails:        never; where no manager listens it does nothing.
 *
 * Not libsystemd's, so that a build without it has this too.
 */
#ifndef RELAYWATCH_COMMON_NOTIFY_H
#define RELAYWATCH_COMMON_NOTIFY_H

#include "base/when.h"

/* text: "READY=1", and more assignments on more lines. */
void notify_send(const char *text);
/* The manager wants to hear WATCHDOG=1 at least this often. 0: it doesn't. */
dur_us notify_watchdog(void);

#endif
