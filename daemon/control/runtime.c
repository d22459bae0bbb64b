/* SPDX-License-Identifier: MIT */
#include "control/runtime.h"

#include <stdio.h>

#include "control/protocol.h"
#include "common/log.h"
#include "alert/sink.h"
#include "engine/counters.h"

void runtime_each_counter(const struct runtime *live, pipeline_count *visit, void *ctx)
{
    pipeline_each_counter(live->pipeline, visit, ctx);
    for (int note = 0; live->source && note < SOURCE_NOTE_COUNT; note++) {
        char name[64];
        snprintf(name, sizeof(name), "source_%s", source_note_name((enum source_note)note));
        for (char *c = name; *c; c++)
            *c = *c == '-' ? '_' : *c;
        visit(ctx, name, source_note_sentence((enum source_note)note),
              source_counters(live->source)[note]);
    }
    visit(ctx, "saves", "states saved", live->saves);
    visit(ctx, "save_failures", "states that could not be saved", live->save_failures);
    visit(ctx, "log_lost", "messages of the daemon's own that nobody took", log_lost());
#define X(name, sentence) visit(ctx, "alerts_" #name, sentence, live->alerts->name);
    if (live->alerts) {
        SINKS_COUNTERS(X)
    }
#undef X
#define X(name, sentence) visit(ctx, "control_" #name, sentence, live->control->name);
    if (live->control) {
        CONTROL_COUNTERS(X)
    }
#undef X
}
