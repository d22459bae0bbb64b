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

#include "detect/detector.h"
#include "judge/judge.h"
#include "life/lifecycle.h"
#include "parse/log_line.h"

/* Counters of everything that is "otherwise": name, sentence. */
#define PIPELINE_COUNTERS(X)                                                                       \
    X(lines, "lines read")                                                                         \
    X(empty, "empty lines")                                                                        \
    X(not_syslog, "lines in no syslog form that is known")                                         \
    X(other_programs, "lines of other programs")                                                   \
    X(postfix, "lines of Postfix")                                                                 \
    X(ignored, "Postfix lines known to say nothing of a message")                                  \
    X(noted, "Postfix lines about a message that change nothing")                                  \
    X(ambiguous, "records that fit two readings: they changed nothing")                            \
    X(unparsed, "Postfix lines in no shape that is known")                                         \
    X(hosts_refused, "lines of hosts or instances beyond the bound")                               \
    X(refused_sender, "journal entries that Postfix did not write")                                \
    X(late, "lines older than one before them")                                                    \
    X(time_jumps, "lines more than a day ahead of the ones before and behind")

struct pipeline_counters {
#define X(name, sentence) uint64_t name;
    PIPELINE_COUNTERS(X)
#undef X
};

/* What became of one line; for --annotate and explain. */
struct pipeline_line {
    const struct syslog_header *header; /* NULL: no syslog line */
    const struct record *record;        /* NULL: not Postfix */
    uint16_t source;                    /* HOSTS_NONE where there is no record */
    struct message *message;            /* after the line; NULL where there is none */
    struct span text;                   /* the line itself; empty for a journal entry */
};
typedef void pipeline_listener(void *ctx, const struct pipeline_line *line);

struct pipeline_options {
    const struct settings *settings;
    struct site *site;
    uint64_t seed;
    when_zone *zone; /* for the forms without a zone; NULL is UTC */
    void *zone_ctx;
    incident_listener *hear;
    void *on_event_ctx;
    pipeline_listener *see; /* costs: lines are then applied one by one */
    void *on_line_ctx;
    judge_listener *judged;
    void *on_verdict_ctx;
    lifecycle_link *link;
    void *on_link_ctx;
};

struct pipeline_batch;

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
    uint32_t now_s;         /* the latest event time; never goes back */
    uint32_t ticked_s;      /* the stages know of it up to here */
    struct log_line_kept
        kept; /* its time is far parse_thread: the next line shows whether it is true */
    struct pipeline_batch *batch;
    bool busy; /* in a callback's reach: feeding now is a caller's bug */
};

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

/* Adds to the site's warnings what was found out on the way: own domains unknown, a table full. */
void pipeline_warn(struct pipeline *p);
/* Messages seen, each once whatever the number of its queue IDs; notices are not among them. */
uint64_t pipeline_messages(const struct pipeline *p);

/* Every counter there is, with its sentence. */
typedef void pipeline_count(void *ctx, const char *name, const char *sentence, uint64_t value);
void pipeline_each_counter(const struct pipeline *p, pipeline_count *visit, void *ctx);

#endif
