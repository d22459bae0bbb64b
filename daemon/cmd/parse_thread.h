/* SPDX-License-Identifier: MIT */
/*
 * Does:         parses lines on the caller's thread while another one applies those before them:
 *               where there is a second processor, a scan is over in about 0.7 of the time.
 * Doesn't know: where lines come from, what becomes of them.
 * Owns:         the other thread, and a ring of blocks of parsed lines with copies of their bytes.
 * Time:         no clock.
 * Fails:        parse_thread_new gives NULL where it would not help or can't be done: feed the
 *               pipeline itself then, which comes to the same.
 *
 * Until parse_thread_end the caller has the pipeline's parser (pipeline_set_reference), and the
 * other thread all the rest of it.
 */
#ifndef RELAYWATCH_CMD_PARSE_THREAD_H
#define RELAYWATCH_CMD_PARSE_THREAD_H

#include "engine/pipeline.h"

struct parse_thread;

/* NULL with one processor only, and where a callback has to hear of each line in its time. */
struct parse_thread *parse_thread_new(struct pipeline *pipeline);
/* As pipeline_lines; the bytes are copied. */
void parse_thread_lines(struct parse_thread *parse_thread, const char *data, size_t len);
/* As pipeline_entry. */
void parse_thread_entry(struct parse_thread *parse_thread, const struct syslog_header *header);
/* Waits until all is applied; the pipeline is the caller's again. */
/* As pipeline_set_reference, for the lines that follow. */
void parse_thread_set_reference(struct parse_thread *parse_thread, wall_us reference);
void parse_thread_end(struct parse_thread *parse_thread);

#endif
