/* SPDX-License-Identifier: MIT */
/*
 * Does:         says why a program could not be run: missing, not executable, on a file system
 *               without programs, or a script whose interpreter is missing.
 * Doesn't know: what it is run for, and sandboxes.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_CMD_CHECK_PROGRAM_H
#define RELAYWATCH_CMD_CHECK_PROGRAM_H

#include "cmd/reach.h"

/* True if it can be run, as far as one can tell without running it. */
bool check_program(const char *path, const char *user, struct reach *ret);

#endif
