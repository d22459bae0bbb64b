/* SPDX-License-Identifier: MIT */
/*
 * Does:         opens the two places where others can ask the daemon: the control socket and the
 *               metrics listener.
 * Doesn't know: requests and answers (control/).
 * Owns:         both, through the daemon, until endpoints_close.
 * Time:         timeless.
 * Fails:        logs what it could not open, and the daemon runs without it.
 */
#ifndef RELAYWATCH_SERVICE_ENDPOINTS_H
#define RELAYWATCH_SERVICE_ENDPOINTS_H

#include "service/daemon.h"

/* False if another daemon answers at the control socket: two must not run. */
bool endpoints_open_control(struct daemon *daemon);
/* Opens, moves or closes the metrics listener as the settings say. At start and after a reload. */
void endpoints_update_metrics(struct daemon *daemon);
void endpoints_close(struct daemon *daemon);

#endif
