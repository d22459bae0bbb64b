/* SPDX-License-Identifier: MIT */
#include "source/feed.h"

void feed_lines(struct pipeline *pipeline, const struct source_lines *lines)
{
    if (lines->written > 0 && lines->written != pipeline->parser->clock.reference)
        pipeline_set_reference(pipeline, lines->written);
    pipeline_lines(pipeline, lines->data, lines->len);
}

static struct span cut(struct span s)
{
    return span_head(s, s.len < LOG_LINE_MAX ? s.len : LOG_LINE_MAX);
}

bool feed_header(const struct source_entry *entry, struct syslog_header *ret)
{
    /* An entry may hold several lines; Postfix writes one. */
    struct span rest = entry->message, first = SPAN_NONE;

    span_take_line(&rest, &first);
    *ret = (struct syslog_header){.when = entry->when,
                                  .host = cut(entry->host),
                                  .tag = cut(entry->identifier),
                                  .text = cut(first),
                                  .prefix = -1,
                                  .pid = entry->pid > 0 ? (uint32_t)entry->pid : 0};
    return !entry->refused;
}

void feed_entry(struct pipeline *pipeline, const struct source_entry *entry)
{
    struct syslog_header header;

    if (feed_header(entry, &header))
        pipeline_entry(pipeline, &header);
    else
        pipeline->counters.refused_sender++;
}
