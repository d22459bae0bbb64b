/* SPDX-License-Identifier: MIT */
/*
 * Nothing here depends on the time of day: the log's own time decides, and a file's last
 * modification supplies the year if the log has none. The same input prints the same bytes.
 */
#include <stdio.h>

#include "cmd/commands.h"
#include "common/complain.h"
#include "common/libc.h"
#include "common/setup.h"
#include "common/trace_print.h"
#include "cmd/input.h"
#include "cmd/judge_input.h"
#include "cmd/learn.h"
#include "cmd/whole_log.h"
#include "show/incident_text.h"
#include "show/print.h"
#include "engine/counters.h"
#include "life/lifecycle_state.h"

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

/* The exit status says whether anything was found, so that a script needs no output. An incident
 * counts more than a file that could not be read, which is said. */
static int scan_input(const struct command_options *options, struct setup *setup,
                      struct input *input)
{
    struct trace trace;
    struct whole_log log = {.setup = setup,
                            .input = input,
                            .trace = options->trace ? &trace : NULL,
                            .on_line = options->annotate ? annotate : NULL};
    int status = 0;

    if (!trace_print_init(&trace, options->trace))
        return EXIT_CANNOT;
    log.learner = learn_from(setup, input);
    /* Never freed: it ends with the process, and freeing it piece by piece would take 3 % of a
     * scan's time. Static, so that leak checkers see that it is still in use. */
    static struct pipeline *pipeline;
    pipeline = whole_log_judge(&log, &status);
    learner_free(log.learner);
    if (!pipeline) {
        complain("not enough memory");
        return EXIT_CANNOT;
    }
    pipeline_warn(pipeline);
    if (status == 0)
        status = judge_input_remarks(input, pipeline);
    if (!options->annotate)
        report(options, pipeline);
    if (detector_incidents(&pipeline->detector))
        return EXIT_FOUND;
    return input_left_out(input) ? EXIT_CANNOT : status;
}

int scan_run(const struct command_options *options)
{
    struct setup setup;
    struct input *input = NULL;
    int status = setup_init(&setup, options);

    if (status == 0)
        libc_use_huge_pages((size_t)setup.settings.limits.memory << 20);
    if (status == 0)
        status = input_open(options->arg, options->arg_count, true, &input);
    if (status == 0)
        status = scan_input(options, &setup, input);
    input_close(input);
    setup_done(&setup);
    return status;
}
