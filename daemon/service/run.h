/* SPDX-License-Identifier: MIT */
/*
 * Does:         `relaywatch run`: the daemon.
 * Doesn't know: its parts (daemon.h).
 * Owns:         the daemon, until it ends.
 * Time:         see loop.h.
 * Fails:        says why in the log and returns EXIT_CANNOT.
 */
#ifndef RELAYWATCH_SERVICE_RUN_H
#define RELAYWATCH_SERVICE_RUN_H

#include "common/command.h"

int run_run(const struct command_options *options);

#endif
