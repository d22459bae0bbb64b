/* SPDX-License-Identifier: MIT */
/*
 * Does:         the whole way from a line, or a journal entry, to incidents: the only file that
 *               knows the order of the stages. `scan`, `run` and the tests feed it and nothing
 *               else.
 * Doesn't know: files, the journal's library, sinks, clocks.
 * Owns:         all state that comes of the log. Settings and site are borrowed.
 * Time:         each line brings its own; pipeline_tick brings the clock where the log is silent.
 *               Event time never goes back: a late line counts in the time it names, but nothing is
 *               undone.
 * Fails:        pipeline_new returns NULL when memory is short. No input is an error: what is not
 *               understood is counted. No callback may feed the pipeline.
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_H
#define RELAYWATCH_ENGINE_PIPELINE_H

#include "engine/stages.h"

struct pipeline *pipeline_new(const struct pipeline_options *options);
void pipeline_free(struct pipeline *p);

/* Where dates without a year belong: see syslog_clock. Before the lines it is for. */
void pipeline_set_reference(struct pipeline *p, wall_us reference);
/* Whole lines, each ended by '\n'; the last one's may be missing. Borrowed during the call. */
void pipeline_lines(struct pipeline *p, const char *data, size_t len);
/* Lines that another thread has parsed, in order, with the pipeline's own parser, which nothing
 * here touches meanwhile. Lines and their bytes are borrowed during the call. */
void pipeline_parsed(struct pipeline *p, struct log_line *line, size_t count);
/* One journal entry; the spans are borrowed during the call. */
void pipeline_entry(struct pipeline *p, const struct syslog_header *header);
/* The clock, where the log is silent. */
void pipeline_tick(struct pipeline *p, wall_us now);
/* When pipeline_tick has next something to do although the log is silent; WHEN_UNKNOWN: never. */
wall_us pipeline_next_tick(const struct pipeline *p);
/* The log is at its end: all that waits is judged now. */
void pipeline_finish(struct pipeline *p);
/* After a reload: other settings or another site from now on. */
void pipeline_set(struct pipeline *p, const struct settings *settings, struct site *site);

#endif
