/* SPDX-License-Identifier: MIT */
/*
 * Does:         looks at the end of the log once, as the daemon would, and finds what would make
 *               it blind.
 * Doesn't know: as whom it runs.
 * Owns:         nothing.
 * Time:         looks into the future of the source's clock, so as not to wait for its patience;
 *               waits two seconds if the log seems to stand still.
 * Fails:        a source that can't be opened is a finding.
 */
#ifndef RELAYWATCH_CMD_CHECK_LOG_H
#define RELAYWATCH_CMD_CHECK_LOG_H

#include "cmd/check_sample.h"
#include "cmd/service_unit.h"
#include "common/setup.h"
#include "source/source_select.h"

/* user: whom it is judged as. sample: gets what is read. */
void check_log(const struct setup *setup, const struct source_choice *choice,
               const struct service_unit *unit, const char *user, struct check_sample *sample,
               struct findings *findings);

#endif
