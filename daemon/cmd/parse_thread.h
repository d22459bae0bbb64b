/* SPDX-License-Identifier: MIT */
/*
 * Does:         parses lines in the caller's thread while another thread applies the lines before
 *               them. With a second processor, a scan takes about 0.7 of the time.
 * Doesn't know: where lines come from, what becomes of them.
 * Owns:         the other thread, and a ring of blocks of parsed lines with copies of their bytes.
 * Time:         timeless.
 * Fails:        parse_thread_new returns NULL if a thread would not help or can't be started. Then
 *               feed the pipeline directly; the result is the same.
 *
 * Until parse_thread_end the caller may use the pipeline's parser (pipeline_set_reference), and
 * only that; everything else belongs to the other thread.
 */
#ifndef RELAYWATCH_CMD_PARSE_THREAD_H
#define RELAYWATCH_CMD_PARSE_THREAD_H

#include "engine/pipeline.h"

struct parse_thread;

/* NULL on a single processor, and if a callback must see each line as it is applied. */
struct parse_thread *parse_thread_new(struct pipeline *pipeline);
/* As pipeline_lines; the bytes are copied. */
void parse_thread_lines(struct parse_thread *parse_thread, const char *data, size_t len);
/* As pipeline_entry. */
void parse_thread_entry(struct parse_thread *parse_thread, const struct syslog_header *header);
/* As pipeline_set_reference, for the lines that follow. */
void parse_thread_set_reference(struct parse_thread *parse_thread, wall_us reference);
/* Waits until everything is applied; the pipeline is the caller's again. Frees. */
void parse_thread_end(struct parse_thread *parse_thread);

#endif
