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
#include "source/source.h"

enum { LOG_SEARCH_MAX = 2000 };

/* Opens the log that the daemon follows: `source` is the member of a status object. */
int log_search_open(const json_t *source, const struct source_options *options,
                    struct source **ret);
/* messages: objects that answer "explain"; without a host, they may be of any. ret gets at most
 * LOG_SEARCH_MAX lines (explain_show.h), which the caller drops; ret_first, if not NULL, the time
 * of the earliest. False if the log can't be read. */
bool log_search(const json_t *source, const json_t *messages, struct list *ret, wall_us *ret_first);

#endif
