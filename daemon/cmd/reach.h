/* SPDX-License-Identifier: MIT */
/*
 * Does:         says why this process can't read, or execute, a file: which file or directory on
 *               the way there lacks which right, and what to type against it.
 * Doesn't know: sandboxes; service_unit.h does.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; an error that is no lack of a right has no cure.
 */
#ifndef RELAYWATCH_CMD_REACH_H
#define RELAYWATCH_CMD_REACH_H

#include <stdbool.h>
#include <stddef.h>

struct reach {
    char text[256];  /* "/var/log/mail.log is readable for root only (root:root, mode 0600)" */
    char cure[1024]; /* commands; "": none, or none that can be typed */
};

/* True if it can be reached. how: R_OK or X_OK. user: whom this is judged as. */
bool reach_file(const char *path, int how, const char *user, struct reach *ret);

#endif
