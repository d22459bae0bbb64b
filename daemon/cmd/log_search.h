/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the lines of some messages in the log that the daemon follows: the daemon
 *               keeps none, and a client may read the log itself.
 * Doesn't know: how they are shown.
 * Owns:         nothing.
 * Time:         looks at what was written from the first message's time to the last one's.
 * Fails:        what may not be read is said, on standard error.
 */
#ifndef RELAYWATCH_CMD_LOG_SEARCH_H
#define RELAYWATCH_CMD_LOG_SEARCH_H

#include <jansson.h>
#include <stdbool.h>

#include "base/list.h"

enum { LINES_OF_MAX = 2000 };

/* source: as `status` gives it. messages: objects of `explain`. ret: json_t *, strings, which the
 * caller drops; no more than LINES_OF_MAX. False where the log can't be read. */
bool log_search(const json_t *source, const json_t *messages, struct list *ret);

#endif
