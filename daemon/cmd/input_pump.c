/* SPDX-License-Identifier: MIT */
#include "cmd/input_pump.h"

#include <errno.h>

#include "common/clock.h"
#include "common/complain.h"
#include "source/feed.h"

enum { BUDGET = 100000 };

/* For lines that another program brings: longer than it takes to say that it can't. */
#define PATIENCE (30 * US_PER_S)

static void take_lines(void *ctx, const struct source_lines *lines)
{
    struct input_pump *pump = ctx;

    if (lines->written > 0 && lines->written != pump->written) {
        pump->written = lines->written;
        pump->to->reference(pump->to->ctx, lines->written);
    }
    pump->to->lines(pump->to->ctx, lines->data, lines->len);
}

static void take_entry(void *ctx, const struct source_entry *entry)
{
    struct input_pump *pump = ctx;
    struct syslog_header header;

    if (feed_header(entry, &header))
        pump->to->entry(pump->to->ctx, &header);
    else
        pump->refused++;
}

static void take_note(void *ctx, enum source_note note, const char *text)
{
    const struct input_pump *pump = ctx;

    if (pump->quiet)
        return;
    if (note == SOURCE_NOTE_UNREADABLE || note == SOURCE_NOTE_DAMAGED ||
        note == SOURCE_NOTE_WAITING)
        complain("%s", text);
}

struct source_sink input_pump_sink(struct input_pump *pump)
{
    return (struct source_sink){
        .lines = take_lines, .entry = take_entry, .note = take_note, .ctx = pump};
}

int input_pump_run(struct source *source, size_t budget)
{
    int64_t until = clock_mono() + PATIENCE;
    int r;

    while ((r = source_run(source, clock_mono(), budget)) == SOURCE_WAIT) {
        if (source_counters(source)[SOURCE_NOTE_WAITING])
            return -EIO;
        if (source_sleep(source, 100))
            return SOURCE_MORE;
        if (clock_mono() >= until)
            return -ETIMEDOUT;
    }
    return r;
}

int input_pump_all(struct input_pump *pump, struct source *source)
{
    int r = SOURCE_MORE;

    while (r == SOURCE_MORE && !(pump->to->enough && pump->to->enough(pump->to->ctx)))
        r = input_pump_run(source, BUDGET);
    return r < 0 ? r : 0;
}
