/* SPDX-License-Identifier: MIT */
/*
 * Does:         shows each line to whoever listens (explain, scan --annotate), and traces records.
 * Doesn't know: what is done with a line.
 * Owns:         nothing; what it shows is borrowed until the listener returns.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_SHOW_H
#define RELAYWATCH_ENGINE_PIPELINE_SHOW_H

#include "engine/stages.h"

/* Calls on_line, which is set (pipeline_see: if it is). source is HOSTS_NONE for what is not
 * applied. */
void pipeline_show(struct pipeline *p, const struct log_line *line, uint16_t source);
static inline void pipeline_see(struct pipeline *p, const struct log_line *line, uint16_t source)
{
    if (p->options.on_line)
        pipeline_show(p, line, source);
}
void pipeline_trace_record(const struct pipeline *p, const struct log_line *line);

#endif
