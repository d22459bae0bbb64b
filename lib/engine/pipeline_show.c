/* SPDX-License-Identifier: MIT */
#include "engine/pipeline_show.h"

/* Not inlined: hardly anybody listens, and every line would pay for its locals. */
__attribute__((noinline)) void pipeline_show(struct pipeline *p, const struct log_line *line,
                                             uint16_t source)
{
    struct pipeline_line seen = {.source = HOSTS_NONE, .text = line->text};

    if (line->kind >= LOG_LINE_OTHER)
        seen.header = &line->header;
    if (line->kind == LOG_LINE_POSTFIX && source != HOSTS_NONE) {
        seen.record = &line->record;
        seen.source = source;
        if (queue_id_is_set(line->record.id))
            seen.message = tracker_find(&p->tracker, source, line->record.id);
    }
    p->options.on_line(p->options.on_line_ctx, &seen);
}

void pipeline_trace_record(const struct pipeline *p, const struct log_line *line)
{
    const struct record *rec = &line->record;
    char id[QUEUE_ID_TEXT_MAX];

    trace_say(p->options.trace, TRACE_RECORD, "%s %s: %s: %.*s",
              queue_id_is_set(rec->id) ? queue_id_print(rec->id, id) : "-",
              program_name(rec->program), rec->shape ? rec->shape : "no known shape",
              SPAN_ARG(line->header.text));
}
