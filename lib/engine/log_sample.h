/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells what a part of a log shows of the log: whether its lines are in a known form,
 *               how many are Postfix's, when they were written, which hosts write them and which of
 *               these have gone silent.
 * Doesn't know: messages, files.
 * Owns:         its tables, until log_sample_done.
 * Time:         the lines' own; whether a host is silent is held against a time that is given.
 * Fails:        log_sample_init returns false when memory is short; later, parts and hosts are then
 *               left out.
 *
 * The rules are the daemon's: service/sight.c for forms, host_heard.h for hosts.
 */
#ifndef RELAYWATCH_ENGINE_LOG_SAMPLE_H
#define RELAYWATCH_ENGINE_LOG_SAMPLE_H

#include "base/list.h"
#include "engine/host_heard.h"
#include "parse/log_line.h"

enum { LOG_SAMPLE_SHOWN = 100, LOG_SAMPLE_PARTS = 8192 };

/* Of one file. */
struct log_sample_part {
    uint64_t lines;    /* without empty ones */
    uint64_t formed;   /* those with a date and a program */
    uint64_t formless; /* since the last of these */
    uint64_t postfix;  /* those of Postfix */
    uint64_t nameless; /* Postfix's without a program's name, since the last that has one */
    char odd[LOG_SAMPLE_SHOWN]; /* the first of the formless, or of the nameless; printable */
};

struct log_sample {
    struct log_line_parser parser;
    struct interns texts;
    struct hosts hosts;
    struct list parts;    /* struct log_sample_part, by the caller's number */
    wall_us first, last;  /* of all lines with a date; WHEN_UNKNOWN */
    wall_us postfix_last; /* of Postfix's */
    uint16_t far_host;    /* its latest line is dated far ahead of those before it: */
    uint32_t far_s;       /* then */
    char *buffer;         /* for lines in other forms */
};

bool log_sample_init(struct log_sample *sample, when_zone *zone);
void log_sample_done(struct log_sample *sample);

/* Whole lines of the file with that number, from 1; 0 where there are no files. written: see
 * syslog_clock. */
void log_sample_lines(struct log_sample *sample, uint32_t part, wall_us written, const char *data,
                      size_t len);
void log_sample_entry(struct log_sample *sample, const struct syslog_header *header);

/* NULL: there was no line of it. */
const struct log_sample_part *log_sample_part(const struct log_sample *sample, uint32_t part);
/* Of all parts together; odd is empty. */
struct log_sample_part log_sample_all(const struct log_sample *sample);
/* Its lines have no known form, or don't say which program of Postfix wrote them: at its end, or
 * all of them. */
bool log_sample_is_formless(const struct log_sample_part *part);
bool log_sample_is_nameless(const struct log_sample_part *part);

/* How many hosts have written lines of Postfix within an hour of the newest. */
uint32_t log_sample_hosts(const struct log_sample *sample);
/* Whether that host is silent, and how long it and its longest pause have been. Of one host alone
 * it can't be told. */
bool log_sample_host_is_silent(const struct log_sample *sample, uint16_t host, wall_us now,
                               struct host_seen *ret);

#endif
