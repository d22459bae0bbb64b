/* SPDX-License-Identifier: MIT */
/*
 * Does:         judges whole logs, from their beginning to their end, by given settings.
 * Doesn't know: what is made of what is found.
 * Owns:         nothing; the caller frees the pipeline.
 * Time:         the log's own, as input.h.
 * Fails:        as input.h.
 */
#ifndef RELAYWATCH_CMD_WHOLE_LOG_H
#define RELAYWATCH_CMD_WHOLE_LOG_H

#include "base/trace.h"
#include "cmd/input.h"
#include "common/setup.h"
#include "engine/learner.h"
#include "engine/pipeline.h"

struct whole_log {
    struct setup *setup;
    struct input *input;
    struct learner *learner;    /* may be NULL */
    const struct trace *trace;  /* may be NULL */
    pipeline_listener *on_line; /* may be NULL; then there is a progress bar on a terminal */
};

/* Reads it all, once, or once more if the log has disproved part of what was counted. NULL if
 * memory is short; *ret_status is as input_read returns it. May be called again, with other
 * settings. */
struct pipeline *whole_log_judge(struct whole_log *log, int *ret_status);

#endif
