/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes the last part of the log that the daemon would follow, and says what that
 *               shows: how much is Postfix's, how old it is, how many hosts write it, and what
 *               would make the daemon blind.
 * Doesn't know: how the log is read.
 * Owns:         what it took, until check_sample_done.
 * Time:         ages are by the wall clock, passed in.
 * Fails:        check_sample_init returns false when memory is short.
 */
#ifndef RELAYWATCH_CMD_CHECK_SAMPLE_H
#define RELAYWATCH_CMD_CHECK_SAMPLE_H

#include <jansson.h>

#include "cmd/findings.h"
#include "config/settings.h"
#include "engine/log_sample.h"
#include "source/source_select.h"

struct check_sample {
    struct log_sample log;
    struct list names; /* char *: of the files, by number; NULL where there is none */
};

bool check_sample_init(struct check_sample *sample);
void check_sample_done(struct check_sample *sample);
/* For the options of a source; the sample must not move after that. */
struct source_sink check_sample_sink(struct check_sample *sample);

/* Adds what is "blind". */
void check_sample_find(const struct check_sample *sample, const struct source_choice *choice,
                       const struct settings *settings, wall_us now, struct findings *findings);
void check_sample_print(const struct check_sample *sample, wall_us now);
json_t *check_sample_to_json(const struct check_sample *sample);

#endif
