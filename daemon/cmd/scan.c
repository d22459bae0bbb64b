/* SPDX-License-Identifier: MIT */
/*
 * Nothing here depends on the time of day: the log's own time decides, and a file's last
 * modification supplies the year if the log has none. The same input prints the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "common/complain.h"
#include "common/clock.h"
#include "common/seed.h"
#include "common/setup.h"
#include "common/trace_print.h"
#include "cmd/input.h"
#include "cmd/judge_input.h"
#include "cmd/learn.h"
#include "show/print.h"
#include "detect/withdraw.h"
#include "engine/counters.h"
#include "engine/second_reading.h"

static const char *mark_of(const struct pipeline_line *line)
{
    if (!line->header)
        return "other form ";
    if (!line->record)
        return "other      ";
    switch (line->record->type) {
    case RECORD_UNPARSED:
        return "NOT KNOWN  ";
    case RECORD_AMBIGUOUS:
        return "AMBIGUOUS  ";
    case RECORD_CUT:
        return "CUT        ";
    case RECORD_IGNORED:
        return "ignored    ";
    default:
        return "recognised ";
    }
}

/* "recognised  in the active queue: queued, from outside | LINE", with the message's state after
 * the line. */
static void annotate(void *ctx, const struct pipeline_line *line)
{
    const struct message *m = line->message;

    (void)ctx;
    fputs(mark_of(line), stdout);
    if (line->record)
        printf("%s", line->record->shape);
    if (m)
        printf(": %s, from %s", state_name((enum message_state)m->state),
               origin_name((enum origin)(m->root ? m->root : m->origin)));
    else if (line->record && queue_id_is_set(line->record->id))
        printf(": no message");
    fputs(" | ", stdout);
    if (line->text.len || !line->header)
        print_safe(line->text);
    else
        print_safe(line->header->text);
    putchar('\n');
}

/* A progress bar on a terminal: in percent if the size is known. */
struct bar {
    bool on;
    int shown; /* drawn last: percent, or MiB */
};

static void draw(void *ctx, uint64_t bytes, uint64_t of_bytes)
{
    struct bar *bar = ctx;
    int now = of_bytes ? (int)(bytes * 100 / of_bytes) : (int)(bytes >> 20);

    /* Redraws at each percent, or each 16 MiB if the size is unknown. */
    if (!bar->on || now == bar->shown || (!of_bytes && now < bar->shown + 16))
        return;
    bar->shown = now;
    if (of_bytes)
        fprintf(stderr, "\r[%-50.*s] %3d %%", now / 2,
                "##################################################", now);
    else
        fprintf(stderr, "\r%d MiB read", now);
}

static void erase(const struct bar *bar)
{
    if (bar->on && bar->shown >= 0)
        fprintf(stderr, "\r%70s\r", "");
}

static void report(const struct command_options *options, struct pipeline *pipeline)
{
    const struct site *site = pipeline->options.site;

    print_incidents(&pipeline->detector, options->json, options->color);
    for (size_t i = 0; i < site_warning_count(site); i++)
        if (options->json)
            print_json(warning_to_json(site_warning(site, i)));
        else
            print_warning(site_warning(site, i), options->color);
    if (options->json)
        print_json(summary_to_json(pipeline));
    else
        print_summary(pipeline);
}

/* Everything the scan judges with. */
struct scan {
    const struct command_options *options;
    struct setup *setup;
    struct input *input;
    struct learner *learner; /* may be NULL */
    struct trace trace;
};

/* Reads it all. NULL if memory is short. */
static struct pipeline *judge(struct scan *scan, int *ret_status)
{
    const struct command_options *options = scan->options;
    struct pipeline_options p = {.settings = &scan->setup->settings,
                                 .site = scan->setup->site,
                                 .seed = seed_draw(),
                                 .zone = clock_local_zone,
                                 .trace = options->trace ? &scan->trace : NULL,
                                 .on_line = options->annotate ? annotate : NULL};
    struct pipeline *pipeline = pipeline_new(&p);
    /* No bar among annotated lines: both would share the terminal. */
    struct bar bar = {isatty(STDERR_FILENO) && !options->annotate, -1};

    if (!pipeline)
        return NULL;
    if (scan->learner)
        learner_tell(scan->learner, scan->setup->site, pipeline);
    *ret_status = judge_input(scan->input, pipeline, draw, &bar);
    erase(&bar);
    pipeline_finish(pipeline);
    return pipeline;
}

/* Once more if the log has disproved part of what was counted, as the daemon does, or all of an
 * incident: nobody has heard of it yet who would have to be told that it was a false alarm. */
static struct pipeline *judge_all(struct scan *scan, int *ret_status)
{
    struct pipeline *pipeline = judge(scan, ret_status);

    if (!pipeline || scan->options->annotate || *ret_status)
        return pipeline;
    if (!second_reading_is_due(pipeline) && !detector_took_back(&pipeline->detector))
        return pipeline;
    pipeline_free(pipeline);
    return judge(scan, ret_status);
}

/* The exit status says whether anything was found, so that a script needs no output. */
static int scan_input(struct scan *scan)
{
    int status = 0;

    if (!trace_print_init(&scan->trace, scan->options->trace))
        return EXIT_CANNOT;
    scan->learner = learn_from(scan->setup, scan->input);
    /* Never freed: it ends with the process, and freeing it piece by piece would take 3 % of a
     * scan's time. Static, so that leak checkers see that it is still in use. */
    static struct pipeline *pipeline;
    pipeline = judge_all(scan, &status);
    learner_free(scan->learner);
    if (!pipeline) {
        complain("not enough memory");
        return EXIT_CANNOT;
    }
    pipeline_warn(pipeline);
    if (status == 0)
        status = judge_input_remarks(scan->input, pipeline);
    if (!scan->options->annotate)
        report(scan->options, pipeline);
    if (status == 0 && detector_incidents(&pipeline->detector))
        status = EXIT_FOUND;
    return status;
}

int scan_run(const struct command_options *options)
{
    struct setup setup;
    struct input *input = NULL;
    int status = setup_init(&setup, options);

    if (status == 0)
        status = input_open(options->arg, options->arg_count, &input);
    if (status == 0)
        status = scan_input(&(struct scan){.options = options, .setup = &setup, .input = input});
    input_close(input);
    setup_done(&setup);
    return status;
}
