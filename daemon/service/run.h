/* SPDX-License-Identifier: MIT */
/*
 * Does:         `relaywatch run`: the daemon's life, from reading the settings to the last save.
 * Doesn't know: how its parts work.
 * Owns:         struct daemon and everything in it, during the call.
 * Time:         see loop.h and log_reader.h.
 * Fails:        returns EXIT_CANNOT, after saying why on standard error or in the log.
 */
#ifndef RELAYWATCH_SERVICE_RUN_H
#define RELAYWATCH_SERVICE_RUN_H

#include "common/command.h"

/* Returns an exit status, when the daemon was told to stop or could not go on. */
int run_run(const struct command_options *options);

#endif
