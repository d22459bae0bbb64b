/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes lines that have been parsed through the stages: finds their host, moves its
 *               clock, counts, and applies records about messages a few at a time.
 * Doesn't know: bytes: pipeline.c has them parsed.
 * Owns:         the lines of the batch; their bytes are borrowed until it is flushed.
 * Time:         event time; the clock of a line's host is moved to the line's.
 * Fails:        never; a line of a host beyond the bound is counted.
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_TAKE_H
#define RELAYWATCH_ENGINE_PIPELINE_TAKE_H

#include "engine/stages.h"

enum {
    PIPELINE_BATCH = 32, /* lines */
    PIPELINE_SOURCE_STALE = HOSTS_NONE - 1,
};

struct pending {
    struct log_line *line;
    uint32_t at_s, now_s;
    uint32_t hash; /* of the queue ID */
    uint16_t source;
};

/* Lines are read a few at a time: while one is parsed, the memory that the lines before it need is
 * being fetched. With a million messages in flight, a line's message is in no cache. */
struct pipeline_batch {
    struct log_line_parser parser;
    struct log_line line[PIPELINE_BATCH];
    struct log_line again;        /* the line that was held back */
    char unwrapped[LOG_LINE_MAX]; /* the syslog line in the last line of another form */
    struct pending pending[PIPELINE_BATCH];
    unsigned count;
    /* Of lines that have the prefix of that number; PIPELINE_SOURCE_STALE: to be looked up anew. */
    uint16_t source[SYSLOG_PREFIXES];
};

/* The line must not move until the batch is flushed. */
void pipeline_take(struct pipeline *p, struct log_line *line);
/* Applies the lines that wait. */
void pipeline_flush(struct pipeline *p);
/* Applies the line of a host that was held back for a timestamp a day ahead. If the host's next
 * line confirms the jump, as after a pause, its time moves on; otherwise the line is an outlier. */
void pipeline_take_kept(struct pipeline *p, uint16_t host, bool is_true);

#endif
