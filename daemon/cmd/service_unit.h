/* SPDX-License-Identifier: MIT */
/*
 * Does:         says as whom the service runs and what its sandbox forbids, from the unit that is
 *               installed, drop-ins included, as systemctl shows it.
 * Doesn't know: what is asked for it (cmd/check.c).
 * Owns:         systemctl's text, until service_unit_done.
 * Time:         blocks while systemctl runs.
 * Fails:        never: without systemd or the unit, nothing is known of it and nothing forbidden.
 *
 * What can't be told: system calls that a command makes and SystemCallFilter= forbids, what a
 * command writes, images (RootImage=, RootDirectory=), and mandatory access control.
 */
#ifndef RELAYWATCH_CMD_SERVICE_UNIT_H
#define RELAYWATCH_CMD_SERVICE_UNIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/span.h"

#define SERVICE_UNIT "relaywatch.service"

struct service_unit {
    struct buf text; /* "ProtectHome=yes\n..."; empty: not known */
};

void service_unit_read(struct service_unit *unit);
void service_unit_done(struct service_unit *unit);
bool service_unit_known(const struct service_unit *unit);
/* A property's value; empty if there is none. */
struct span service_unit_get(const struct service_unit *unit, const char *property);

/* Takes on the service's user and groups, for good; if this process is root and the service is not.
 * user: whom it is judged as from then on. False if that can't be done; why says it. */
bool service_unit_become(const struct service_unit *unit, char user[64], char why[200]);

/* The setting that hides this path from the service; NULL: none. */
const char *service_unit_hides(const struct service_unit *unit, const char *path);
/* The setting that keeps the service from executing this file; NULL: none. */
const char *service_unit_no_exec(const struct service_unit *unit, const char *path);
/* The setting that keeps the service from listening at "127.0.0.1:9397", or clients away from it;
 * NULL: none. */
const char *service_unit_no_listen(const struct service_unit *unit, const char *listen);

#endif
