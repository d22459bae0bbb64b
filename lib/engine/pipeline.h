/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes lines or journal entries all the way to incidents. It is the only file that
 *               knows the order of the stages; `scan`, `run` and the tests all feed it.
 * Doesn't know: files, the journal's library, sinks, clocks.
 * Owns:         all state derived from the log. Settings and site are borrowed.
 * Time:         each line has its own time, and each host its own clock, which its lines move and,
 *               while it is silent, pipeline_tick. It never goes back: a late line counts at its
 *               own time, but undoes nothing.
 * Fails:        pipeline_new returns NULL when memory is short. No input is an error: what can't be
 *               understood is counted. A callback that feeds the pipeline is a caller's bug
 *               (asserted).
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_H
#define RELAYWATCH_ENGINE_PIPELINE_H

#include "engine/pipeline_time.h"
#include "engine/stages.h"

/* The options are copied; what they point to must outlive the pipeline, or be replaced with
 * pipeline_set. */
struct pipeline *pipeline_new(const struct pipeline_options *options);
void pipeline_free(struct pipeline *p);

/* Sets the date that decides the year of dates without one: see syslog_clock. Call it before the
 * lines it applies to. */
void pipeline_set_reference(struct pipeline *p, wall_us reference);
/* Whole lines, each ending in '\n'; the last one may lack it. Borrowed during the call. */
void pipeline_lines(struct pipeline *p, const char *data, size_t len);
/* Lines that another thread has parsed, in order, with this pipeline's parser. The pipeline doesn't
 * touch the parser meanwhile. Lines and their bytes are borrowed during the call. */
void pipeline_parsed(struct pipeline *p, struct log_line *line, size_t count);
/* One journal entry; its spans are borrowed during the call. */
void pipeline_entry(struct pipeline *p, const struct syslog_header *header);
/* pipeline_clock, while no lines come: moves the event time of each host on by what has passed
 * since its last line. pipeline_next_tick says when that has something to do. */
void pipeline_tick(struct pipeline *p, wall_us now);
/* The end of the log: judges everything that still waits. */
void pipeline_finish(struct pipeline *p);
/* Replaces settings and site after a reload. What is beyond smaller limits is evicted. */
void pipeline_set(struct pipeline *p, const struct settings *settings, struct site *site);

#endif
