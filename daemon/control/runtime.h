/* SPDX-License-Identifier: MIT */
/*
 * Does:         shows what the running daemon holds to those who report it: control socket, alerts,
 *               metrics.
 * Doesn't know: how it got there; service/ fills it.
 * Owns:         nothing.
 * Time:         wall_us; `now` is refreshed by the loop before each report.
 * Fails:        never.
 */
#ifndef RELAYWATCH_CONTROL_RUNTIME_H
#define RELAYWATCH_CONTROL_RUNTIME_H

#include "common/setup.h"
#include "engine/counters.h"
#include "engine/pipeline.h"
#include "report/view.h"
#include "source/blind.h"
#include "source/source.h"

/* The log of [source] backfill is to be judged again, or is being judged. */
struct judging_again {
    bool due;
    wall_us since; /* what is read; WHEN_UNKNOWN: it has not begun */
    wall_us up_to; /* how far it has come; WHEN_UNKNOWN as long as it only learns */
};

struct runtime {
    struct setup *setup; /* settings and site; a reload replaces the contents */
    struct pipeline *pipeline;
    struct source *source;    /* NULL before it is open */
    const char *source_text;  /* "the journal", "/var/log/mail.log": what is followed, and ... */
    const char *source_why;   /* ... why: "maillog_file", "[source] files" */
    const char *source_files; /* as in [source] files; NULL: the journal ... */
    bool source_is_kafka;     /* ... or Kafka */
    const char *state_text;   /* "saved 3 s ago", "can't be saved: No space left on device" */
    wall_us started, now;
    wall_us settings_refused; /* at the last reload, whose settings were bad; WHEN_UNKNOWN: no */
    struct blindness blindness;
    wall_us postfix_at; /* when the last line of Postfix was read; as read_at */
    wall_us read_at;    /* when the last line was read; WHEN_UNKNOWN: none yet */
    bool catching_up;   /* still reading what was there at the start */
    struct judging_again again;
    /* Rings by minute and second of the clock: now / 60 s % 60, now / 1 s % 60. */
    uint64_t lines_per_minute[60], lines_per_second[60];
    /* Recipients by minute and root, as above; and how many there were when last counted. */
    uint64_t recipients_per_minute[60][ORIGIN_COUNT], recipients_counted[ORIGIN_COUNT];
    uint64_t saves, save_failures;
    uint64_t raised[KIND_COUNT][SEVERITY_CRITICAL + 1]; /* incidents of which an alert went out */
    struct sinks *sinks;                                /* for test-alert; NULL before there are */
    const struct sinks_counters *alerts;                /* NULL before there are sinks ... */
    const struct control_counters *control;             /* ... or a socket */
};

/* The clock goes on; what its hands pass is counted anew. */
void runtime_set_now(struct runtime *runtime, wall_us now);
/* So many lines were read now. */
void runtime_count_lines(struct runtime *runtime, uint64_t n);
/* Those of the last 60 seconds. */
uint64_t runtime_lines_last_minute(const struct runtime *runtime);

/* Nothing more of before the start is read. */
void runtime_caught_up(struct runtime *runtime);
/* Recipients of that root so many minutes ago, up to 59; 0: in the present one, so far. Without
 * what is read while catching up. */
uint64_t runtime_recipients(const struct runtime *runtime, enum origin root, int minutes_ago);

/* Visits every counter of the daemon, the pipeline's first. `name` is borrowed during the call. */
void runtime_each_counter(const struct runtime *runtime, pipeline_count *visit, void *ctx);

#endif
