/* SPDX-License-Identifier: MIT */
/*
 * Does:         hands what a source delivers to a pipeline: the one place where both are known.
 * Doesn't know: where the source reads, what the pipeline finds.
 * Owns:         nothing.
 * Time:         the entries' and lines' own.
 * Fails:        never; refused entries are counted.
 */
#ifndef RELAYWATCH_SOURCE_FEED_H
#define RELAYWATCH_SOURCE_FEED_H

#include "engine/pipeline.h"
#include "source/source.h"

void feed_lines(struct pipeline *pipeline, const struct source_lines *lines);
/* An entry as the pipeline takes it, each text at most LOG_LINE_MAX; false where the sender is
 * refused. */
bool feed_header(const struct source_entry *entry, struct syslog_header *ret);
void feed_entry(struct pipeline *pipeline, const struct source_entry *entry);

#endif
