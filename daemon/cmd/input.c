/* SPDX-License-Identifier: MIT */
#include "cmd/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/input_files.h"
#include "cmd/input_pump.h"
#include "cmd/input_stream.h"
#include "common/command.h"
#include "common/complain.h"
#include "common/seed.h"
#include "common/clock.h"
#include "source/line_time.h"
#include "source/merge_order.h"
#include "source/seen_lines.h"
#include "source/source.h"
#include "source/source_journal.h"

enum {
    BLOCK = 256 * 1024,      /* fits the cache beside the tables */
    SMALL_BLOCK = 32 * 1024, /* each, where there are more logs than FEW */
    FEW = 16,
    SEEN_LINES = 512 * 1024, /* 16 MB at most */
    SEEN_BYTES = 1024 * 1024,
    OPEN_MAX = 1024, /* 200 MB at most */
};

/* For seen_lines. What follows a log that has ended takes over its number: it is likely to be the
 * next piece of it, and that both say the same within one second makes it no copy. */
struct log_number {
    uint32_t free;       /* the last of the stack of those that ended */
    uint64_t first_line; /* of the log that has this number, or had it last */
};

struct input {
    struct input_files files;
    struct input_stream *stream; /* one or several files each, the oldest first */
    size_t streams;
    uint64_t size; /* of all; 0 where one of them is endless */
    bool failed;
    bool crowded;                  /* said that not all can be open at once */
    bool quiet;                    /* what is wrong is said when it is read for good */
    const struct input_sink *sink; /* while it is read; and so is what follows */
    struct merge_order order;
    struct log_number *number;
    uint32_t numbers, free;         /* drawn so far; and so many of them ended */
    size_t open;                    /* streams that are begun and not at their end */
    struct seen_lines *seen;        /* NULL for a single log */
    uint64_t alone;                 /* bytes since there were several */
    wall_us reference;              /* that the sink has */
    uint64_t taken;                 /* bytes read */
    uint64_t refused;               /* journal entries that Postfix did not write */
    input_open_source *open_source; /* instead of files */
    void *open_ctx;
    wall_us since;
};

/* --- opening ---------------------------------------------------------------------------------- */

/* A log of its own begins with a line, or the file before it is known to end with one. */
static bool goes_on(const struct input *input, int i)
{
    const struct input_file *file = &input->files.at[i];

    if (i == 0 || file->starts_with_line || file[-1].journal)
        return false;
    return input_file_ends_within_line(&file[-1]);
}

static void make_streams(struct input *input)
{
    struct input_stream *stream = NULL;

    for (int i = 0; i < input->files.count; i++) {
        if (input->files.at[i].journal)
            continue;
        if (!stream || !goes_on(input, i)) {
            stream = &input->stream[input->streams++];
            stream->file = &input->files.at[i];
        }
        stream->files++;
    }
}

static int open_all(struct input *input, char **names, int count, bool go_on)
{
    int status = input_files_open(&input->files, names, count, go_on);

    if (status != 0)
        return status;
    input->stream = calloc((size_t)count, sizeof(*input->stream));
    input->number = calloc((size_t)count, sizeof(*input->number));
    if (!input->stream || !input->number || !merge_order_init(&input->order, (size_t)count))
        return input_cannot(names[0]);
    for (int i = 0; i < input->files.count; i++)
        input->size += input->files.at[i].size;
    make_streams(input);
    return 0;
}

int input_open(char **names, int count, bool go_on, struct input **ret)
{
    struct input *input = calloc(1, sizeof(*input));

    if (!input)
        return input_cannot(names[0]);
    int status = open_all(input, names, count, go_on);
    if (status != 0) {
        input_close(input);
        return status;
    }
    *ret = input;
    return 0;
}

int input_open_log(input_open_source *open, void *ctx, wall_us since, struct input **ret)
{
    struct input *input = calloc(1, sizeof(*input));

    if (!input)
        return input_cannot("its log");
    *input = (struct input){.open_source = open, .open_ctx = ctx, .since = since};
    *ret = input;
    return 0;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    merge_order_done(&input->order);
    free(input->number);
    free(input->stream);
    input_files_done(&input->files);
    free(input);
}

/* --- journals --------------------------------------------------------------------------------- */

static bool has_enough(const struct input *input)
{
    return input->sink->enough && input->sink->enough(input->sink->ctx);
}

/* opened: what opening it returned. */
static void read_source(struct input *input, struct input_pump *pump, int opened,
                        struct source **source, const char *name)
{
    int r = opened;

    if (r == 0)
        r = input_pump_all(pump, *source);
    if (r < 0 && !input->quiet)
        complain("%s: %s", name,
                 r == -ENOSYS ? "this relaywatch was built without libsystemd, which reads journals"
                              : strerror(-r));
    input->failed |= r < 0;
    input->refused += pump->refused;
    source_close(*source);
}

/* All journals at once: their entries interleave by time. */
static void read_journals(struct input *input, bool check_sender)
{
    const char **path = calloc((size_t)input->files.count, sizeof(*path));
    struct input_pump pump = {.to = input->sink, .quiet = input->quiet};
    const struct source_options options = {.sink = input_pump_sink(&pump)};
    struct source *source = NULL;
    size_t n = 0;

    for (int i = 0; path && i < input->files.count; i++)
        if (input->files.at[i].journal)
            path[n++] = input->files.at[i].name;
    if (n)
        read_source(input, &pump,
                    source_open_journal_files(path, n, check_sender, &options, &source), &source,
                    path[0]);
    free(path);
}

/* From its beginning, or from `since` on. */
static void read_log(struct input *input)
{
    struct input_pump pump = {.to = input->sink, .quiet = input->quiet};
    const struct source_options options = {
        .sink = input_pump_sink(&pump), .start = SOURCE_SINCE, .since = input->since};
    struct source *source = NULL;
    int r = input->open_source(input->open_ctx, &options, &source);

    input->sink->reference(input->sink->ctx, clock_wall());
    read_source(input, &pump, r, &source, "its log");
}

/* --- files ------------------------------------------------------------------------------------ */

static struct input_stream *current(struct input *input)
{
    return &input->stream[merge_order_log(&input->order)];
}

static void take(void *ctx, const char *data, size_t len)
{
    struct input *input = ctx;

    input->sink->lines(input->sink->ctx, data, len);
}

/* The log that is read, where others are open too or begin at the same time. */
static void take_unseen(void *ctx, const char *data, size_t len)
{
    struct input *input = ctx;

    seen_lines_filter(input->seen, current(input)->log, data, len, take, input);
}

static void end_stream(struct input *input)
{
    struct input_stream *stream = current(input);

    input->failed |= stream->failed;
    input->number[input->free++].free = stream->log;
    input_stream_close(stream);
    input->open--;
    merge_order_remove(&input->order);
}

static uint32_t draw_number(struct input *input, uint64_t first_line)
{
    uint32_t log = input->free ? input->number[input->free - 1].free : input->numbers;

    /* A copy begins alike. */
    if (input->free && input->number[log].first_line == first_line)
        log = input->numbers;
    if (log == input->numbers)
        input->numbers++;
    else
        input->free--;
    input->number[log].first_line = first_line;
    return log;
}

/* There is no room to open one more: it waits until one of those that are open has ended. */
static void postpone(struct input *input)
{
    wall_us next = LINE_TIME_NEVER;

    for (size_t i = 0; i < input->order.count; i++)
        if (input->stream[input->order.at[i].log].buffer && input->order.at[i].next < next)
            next = input->order.at[i].next;
    if (!input->crowded && !input->quiet)
        complain("more than %d of the files overlap in time: the lines of %s and others come later "
                 "than they should",
                 OPEN_MAX, current(input)->file->name);
    input->crowded = true;
    merge_order_advance(&input->order, next + 60 * US_PER_S);
}

/* Whether what is read may have lines that another log has, too. */
static bool is_shared(const struct input *input)
{
    return input->seen && (input->open > 1 || input->alone < SEEN_BYTES);
}

/* As long as it is read alone: before the first line of any other. */
static wall_us until_alone(const struct input *input)
{
    wall_us others = merge_order_others(&input->order);

    return others == LINE_TIME_NEVER || others == LINE_TIME_FIRST ? others : others - 1;
}

/* Hands over what is there, up to the next line of another log. False: it is that one's turn, and
 * this one's next line comes at *ret_next. */
static bool hand_over(struct input *input, struct input_stream *stream, wall_us *ret_next)
{
    wall_us reference = input_stream_reference(stream);

    if (reference != input->reference)
        input->sink->reference(input->sink->ctx, reference);
    input->reference = reference;
    if (!is_shared(input)) {
        input_stream_take(stream, until_alone(input), take, input, ret_next);
        if (stream->start == stream->whole || !input->seen)
            return stream->start == stream->whole;
        input->alone = 0;
    }
    input->alone +=
        input_stream_take(stream, merge_order_until(&input->order), take_unseen, input, ret_next);
    if (input->open > 1)
        input->alone = 0;
    return stream->start == stream->whole;
}

/* Reads the log whose turn it is. */
static void read_turn(struct input *input, input_progress *progress, void *ctx)
{
    struct input_stream *stream = current(input);
    wall_us next;

    if (!stream->buffer && input->open == OPEN_MAX) {
        postpone(input);
        return;
    }
    if (!stream->buffer) {
        input->open++;
        stream->log = draw_number(input, stream->file->first_line);
        if (!input_stream_open(stream, input->streams > FEW ? SMALL_BLOCK : BLOCK, input->quiet)) {
            end_stream(input);
            return;
        }
    }
    while (!has_enough(input)) {
        uint64_t before = stream->taken;
        bool any = input_stream_fill(stream);
        input->taken += stream->taken - before;
        if (progress && stream->taken != before)
            progress(ctx, input->taken, input->size);
        if (!any) {
            end_stream(input);
            return;
        }
        if (!hand_over(input, stream, &next)) {
            merge_order_advance(&input->order, next);
            return;
        }
    }
}

static void close_all(struct input *input)
{
    for (; input->order.count; merge_order_remove(&input->order))
        input_stream_close(current(input));
    if (seen_lines_left_out(input->seen) && !input->quiet)
        complain("%llu lines are in more than one of the files, and count once",
                 (unsigned long long)seen_lines_left_out(input->seen));
    seen_lines_free(input->seen);
    input->seen = NULL;
}

static void read_files(struct input *input, input_progress *progress, void *ctx)
{
    input->seen = input->streams > 1 ? seen_lines_new(seed_draw(), SEEN_LINES) : NULL;
    input->open = 0;
    input->numbers = input->free = 0;
    input->alone = SEEN_BYTES;
    input->reference = WHEN_UNKNOWN;
    input->taken = 0;
    for (size_t i = 0; i < input->streams; i++)
        merge_order_add(&input->order, i, input->stream[i].file->first);
    while (input->order.count && !has_enough(input))
        read_turn(input, progress, ctx);
    close_all(input);
}

int input_read(struct input *input, const struct input_sink *sink, bool check_sender, bool quiet,
               input_progress *progress, void *ctx)
{
    input->failed = false;
    input->quiet = quiet;
    input->refused = 0;
    input->sink = sink;
    if (input->open_source) {
        read_log(input);
    } else {
        read_journals(input, check_sender);
        read_files(input, progress, ctx);
    }
    return input->failed ? EXIT_CANNOT : 0;
}

uint64_t input_refused(const struct input *input)
{
    return input->refused;
}

bool input_left_out(const struct input *input)
{
    return input->files.left_out;
}

bool input_is_named(const struct input *input)
{
    return !input->open_source;
}

bool input_has_journal(const struct input *input)
{
    for (int i = 0; i < input->files.count; i++)
        if (input->files.at[i].journal)
            return true;
    return false;
}

const char *input_name(const struct input *input)
{
    if (input->open_source)
        return "its log";
    return input->files.count == 1 ? input->files.at[0].name : "the logs";
}
