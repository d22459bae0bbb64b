/* SPDX-License-Identifier: MIT */
/*
 * Does:         passes what a source hands over to a pipeline; the only place that knows both.
 * Doesn't know: where the source reads, what the pipeline finds.
 * Owns:         nothing.
 * Time:         the lines' and entries' own.
 * Fails:        never; refused entries are counted.
 */
#ifndef RELAYWATCH_SOURCE_FEED_H
#define RELAYWATCH_SOURCE_FEED_H

#include "engine/pipeline.h"
#include "source/source_options.h"

/* Also sets the reference time for dates without a year, if the file has moved on. */
void feed_lines(struct pipeline *pipeline, const struct source_lines *lines);
/* Converts an entry to what the pipeline accepts, each text cut at LOG_LINE_MAX. False: Postfix did
 * not write the entry. *ret borrows from the entry. */
bool feed_header(const struct source_entry *entry, struct syslog_header *ret);
void feed_entry(struct pipeline *pipeline, const struct source_entry *entry);

#endif
