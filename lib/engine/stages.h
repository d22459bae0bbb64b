/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines a pipeline's data: its stages, options and counters.
 * Doesn't know: the order of the stages (pipeline.c).
 * Owns:         nothing itself; pipeline_free releases what a struct pipeline holds.
 * Time:         event time in seconds since 1970 where a name ends in _s. Each host has its own.
 * Fails:        -
 */
#ifndef RELAYWATCH_ENGINE_STAGES_H
#define RELAYWATCH_ENGINE_STAGES_H

#include "detect/detector.h"
#include "engine/kept_lines.h"
#include "engine/old_queue.h"
#include "judge/judge.h"
#include "life/lifecycle.h"
#include "parse/log_line.h"

/* Counters of lines and of every reason to ignore one: name, sentence. */
#define PIPELINE_COUNTERS(X)                                                                       \
    X(lines, "lines read")                                                                         \
    X(empty, "empty lines")                                                                        \
    X(not_syslog, "lines in no known syslog form")                                                 \
    X(other_programs, "lines of other programs")                                                   \
    X(no_program, "Postfix lines that have lost the name of their program")                        \
    X(postfix, "Postfix lines")                                                                    \
    X(ignored, "Postfix lines that say nothing about a message")                                   \
    X(noted, "Postfix lines about a message that change nothing")                                  \
    X(ambiguous, "deliveries with two readings: neither was believed")                             \
    X(cut, "deliveries cut off before they say how they ended")                                    \
    X(unparsed, "Postfix lines in no known shape")                                                 \
    X(hosts_refused, "lines of hosts or instances beyond the limit")                               \
    X(refused_sender, "journal entries that Postfix did not write")                                \
    X(late, "lines older than an earlier line of their host")                                      \
    X(postfix_restarts, "times that Postfix started or read its settings again")                   \
    X(time_jumps, "lines dated more than a day ahead of those before and after")

struct pipeline_counters {
#define X(name, sentence) uint64_t name;
    PIPELINE_COUNTERS(X)
#undef X
};

/* What one line was read as; for --annotate and explain. Borrowed during the call. */
struct pipeline_line {
    const struct syslog_header *header; /* NULL: not a syslog line */
    const struct record *record;        /* NULL: not from Postfix, or a host beyond the bound */
    uint16_t source;                    /* HOSTS_NONE without a record */
    struct message *message;            /* as it is after the line; NULL if there is none */
    struct span text;                   /* the line itself; empty for a journal entry */
};
typedef void pipeline_listener(void *ctx, const struct pipeline_line *line);

struct pipeline_options {
    const struct settings *settings; /* borrowed, as is the site */
    struct site *site;               /* learns domains from the log */
    uint64_t seed;                   /* of all hashes; results don't depend on it */
    when_zone *zone;                 /* for dates without a zone; NULL: UTC */
    void *zone_ctx;
    incident_listener *on_event;
    void *on_event_ctx;
    pipeline_listener *on_line; /* costs: lines are then applied one by one */
    void *on_line_ctx;
    judge_listener *on_verdict;
    void *on_verdict_ctx;
    lifecycle_link *on_link;
    void *on_link_ctx;
    const struct trace *trace; /* NULL: none */
};

struct pipeline_batch;

/* For fleet_clock.c: the latest host that told another time than the others. */
struct fleet_apart {
    uint32_t at_s;
    uint16_t host;
    uint16_t wrong;   /* host + 1: the others have contradicted it since it last agreed; 0: none */
    uint32_t seconds; /* with lines of such hosts, since one agreed; 0: all agree */
};

/* For host_clocks.c. */
struct clocks {
    wall_us compared_at;
    wall_us followed_at; /* what the pipeline's clock said then; 0: old lines are being read */
    uint64_t from;       /* lines since that number were followed as they were written; 0: none */
    uint32_t lines;      /* since the last look */
    uint16_t last_host;  /* of the latest line */
};

struct pipeline {
    struct pipeline_options options;
    struct pipeline_counters counters;
    struct interns texts;
    struct hosts hosts;
    struct tracker tracker;
    struct detector detector;
    struct judge judge;
    struct lifecycle life;
    struct log_line_parser *parser;
    enum address_form form; /* how the next line's addresses are written, most likely */
    uint32_t now_s;         /* the latest event time of any host */
    uint32_t began_s;       /* the first one; 0: none yet */
    wall_us clock;          /* a steady clock, as last told; 0: never */
    struct clocks clocks;
    struct fleet_apart fleet;
    struct kept_lines kept; /* held back, far ahead in time: the host's next line confirms or not */
    uint64_t judged_by_site; /* site_digest that judged what was read, unless judge.reread */
    struct pipeline_batch *batch;
    struct old_queue old_queue;
    uint64_t refused[REFUSAL_COUNT]; /* by smtpd; not saved */
    bool busy; /* a callback may be running: feeding now is a bug of the caller */
};

#endif
