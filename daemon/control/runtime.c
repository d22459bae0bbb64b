/* SPDX-License-Identifier: MIT */
#include "control/runtime.h"

#include <stdio.h>
#include <string.h>

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

static uint64_t not_counted(const struct runtime *runtime, enum origin root)
{
    uint64_t sum = judge_recipients(&runtime->pipeline->judge, root);

    return sum > runtime->recipients_counted[root] ? sum - runtime->recipients_counted[root] : 0;
}

/* Those since the last time belong to the minute that is still the present one. */
static void count_recipients(struct runtime *runtime)
{
    uint64_t *minute = runtime->recipients_per_minute[runtime->now / (60 * US_PER_S) % 60];

    for (int root = 0; root < ORIGIN_COUNT; root++) {
        if (!runtime->catching_up)
            minute[root] += not_counted(runtime, (enum origin)root);
        runtime->recipients_counted[root] =
            judge_recipients(&runtime->pipeline->judge, (enum origin)root);
    }
}

void runtime_caught_up(struct runtime *runtime)
{
    count_recipients(runtime);
    runtime->catching_up = false;
}

uint64_t runtime_recipients(const struct runtime *runtime, enum origin root, int minutes_ago)
{
    int64_t minute = runtime->now / (60 * US_PER_S) - minutes_ago;
    uint64_t since = minutes_ago || runtime->catching_up ? 0 : not_counted(runtime, root);

    return minute < 0 ? 0 : runtime->recipients_per_minute[minute % 60][root] + since;
}

void runtime_set_now(struct runtime *runtime, wall_us now)
{
    int64_t was = runtime->now / (60 * US_PER_S), is = now / (60 * US_PER_S);

    if (runtime->pipeline && (was != is || runtime->catching_up))
        count_recipients(runtime);
    for (int64_t at = was + 1; at <= is && at <= was + 60; at++)
        memset(runtime->recipients_per_minute[at % 60], 0,
               sizeof(runtime->recipients_per_minute[0]));
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
