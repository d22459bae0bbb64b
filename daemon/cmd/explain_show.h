/* SPDX-License-Identifier: MIT */
/*
 * Does:         shows what `explain` has found: messages, and their lines hop by hop.
 * Doesn't know: where they were found.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; main notices if standard output cannot be written.
 */
#ifndef RELAYWATCH_CMD_EXPLAIN_SHOW_H
#define RELAYWATCH_CMD_EXPLAIN_SHOW_H

#include <jansson.h>

#include "base/list.h"
#include "common/command.h"
#include "parse/syslog_header.h"

/* A line of that message on that host, as `--json` prints it. */
json_t *explain_line(const struct syslog_header *header, struct span text, struct span host,
                     struct span queue_id);
void explain_lines_done(struct list *lines);

/* messages: in the order of their hops. Says on standard error where several hosts have the queue
 * ID that was asked for. */
void explain_show_messages(const struct command_options *options, const json_t *messages);
/* lines: explain_line's. If there are `max`, says that there may be more. */
void explain_show_lines(const struct command_options *options, const json_t *messages,
                        const struct list *lines, size_t max);

#endif
