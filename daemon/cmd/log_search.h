/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the lines of given messages in the log that the daemon follows. The daemon
 *               keeps no lines, but its client can read the log itself.
 * Doesn't know: how they are shown.
 * Owns:         nothing.
 * Time:         searches from the first message's time to the last one's.
 * Fails:        reports what it may not read on standard error.
 */
#ifndef RELAYWATCH_CMD_LOG_SEARCH_H
#define RELAYWATCH_CMD_LOG_SEARCH_H

#include <jansson.h>
#include <stdbool.h>

#include "base/list.h"

enum { LOG_SEARCH_MAX = 2000 };

/* source: the member of a status object. messages: objects that answer "explain". ret gets at most
 * LOG_SEARCH_MAX strings (json_t *), which the caller drops. False if the log can't be read. */
bool log_search(const json_t *source, const json_t *messages, struct list *ret);

#endif
