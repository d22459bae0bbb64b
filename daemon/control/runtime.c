/* SPDX-License-Identifier: MIT */
#include "control/runtime.h"

#include <stdio.h>

#include "control/control_counters.h"
#include "common/log.h"
#include "alert/sink_counters.h"
#include "engine/counters.h"

/* Prefixes keep the names apart: source_, alerts_, control_. Others have none. */
void runtime_each_counter(const struct runtime *runtime, pipeline_count *visit, void *ctx)
{
    pipeline_each_counter(runtime->pipeline, visit, ctx);
    for (int note = 0; runtime->source && note < SOURCE_NOTE_COUNT; note++) {
        char name[64];
        snprintf(name, sizeof(name), "source_%s", source_note_name((enum source_note)note));
        for (char *c = name; *c; c++)
            *c = *c == '-' ? '_' : *c;
        visit(ctx, name, source_note_sentence((enum source_note)note),
              source_counters(runtime->source)[note]);
    }
    visit(ctx, "saves", "states saved", runtime->saves);
    visit(ctx, "save_failures", "states that could not be saved", runtime->save_failures);
    visit(ctx, "log_lost", "messages of the daemon itself that could not be logged", log_lost());
#define X(name, sentence) visit(ctx, "alerts_" #name, sentence, runtime->alerts->name);
    if (runtime->alerts) {
        SINKS_COUNTERS(X)
    }
#undef X
#define X(name, sentence) visit(ctx, "control_" #name, sentence, runtime->control->name);
    if (runtime->control) {
        CONTROL_COUNTERS(X)
    }
#undef X
}

/* Clears the slots of a ring of 60 whose time has come since. */
static void clear_passed(uint64_t *ring, int64_t was, int64_t is)
{
    for (int64_t at = was + 1; at <= is && at <= was + 60; at++)
        ring[at % 60] = 0;
}

void runtime_set_now(struct runtime *runtime, wall_us now)
{
    clear_passed(runtime->lines_per_minute, runtime->now / (60 * US_PER_S), now / (60 * US_PER_S));
    clear_passed(runtime->lines_per_second, runtime->now / US_PER_S, now / US_PER_S);
    runtime->now = now;
}

void runtime_count_lines(struct runtime *runtime, uint64_t n)
{
    runtime->lines_per_minute[runtime->now / (60 * US_PER_S) % 60] += n;
    runtime->lines_per_second[runtime->now / US_PER_S % 60] += n;
}

uint64_t runtime_lines_last_minute(const struct runtime *runtime)
{
    uint64_t sum = 0;

    for (int i = 0; i < 60; i++)
        sum += runtime->lines_per_second[i];
    return sum;
}
