/* SPDX-License-Identifier: MIT */
#include "feed.h"

void feed_lines(struct pipeline *pipeline, const struct source_lines *lines)
{
    if (lines->written > 0 && lines->written != pipeline->parser->clock.reference)
        pipeline_set_reference(pipeline, lines->written);
    pipeline_lines(pipeline, lines->data, lines->len);
}

void feed_entry(struct pipeline *pipeline, const struct source_entry *entry)
{
    struct header header = {.when = entry->when,
                            .host = entry->host,
                            .tag = entry->identifier,
                            .text = entry->message,
                            .prefix = -1,
                            .pid = entry->pid > 0 ? (uint32_t)entry->pid : 0};

    if (entry->refused) {
        pipeline->counters.refused_sender++;
        return;
    }
    /* An entry may hold several lines; Postfix writes one. */
    ptrdiff_t end = span_find(header.text, '\n');
    if (end >= 0)
        header.text.len = (size_t)end;
    pipeline_entry(pipeline, &header);
}
