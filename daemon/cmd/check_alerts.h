/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds what would keep [alert] command from running and [metrics] from being read:
 *               a program that can't be run, and what the service's sandbox forbids.
 * Doesn't know: as whom it runs.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_CMD_CHECK_ALERTS_H
#define RELAYWATCH_CMD_CHECK_ALERTS_H

#include "cmd/findings.h"
#include "cmd/service_unit.h"
#include "config/settings.h"

/* user: whom it is judged as. */
void check_alerts(const struct settings *settings, const struct service_unit *unit,
                  const char *user, struct findings *findings);

#endif
