/* SPDX-License-Identifier: MIT */
/*
 * Reads the log twice: first for its incidents, then, by what is known of them, for what their mail
 * did when. Of the daemon's incidents only the second is needed: it says where its log is. The page
 * is written when it is whole; the same log gives the same bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/judge_input.h"
#include "cmd/learn.h"
#include "cmd/log_search.h"
#include "cmd/whole_log.h"
#include "common/clock.h"
#include "common/complain.h"
#include "common/setup.h"
#include "common/text_of.h"
#include "engine/counters.h"
#include "show/incident_whole.h"
#include "show/message_report.h"
#include "show/print.h"
#include "show/report_incident.h"
#include "show/report_overview.h"

/* SAMPLES: messages whose lines are shown. BEFORE_S: where they may have begun. */
enum { SAMPLES = 2, LINES_OF_SAMPLE = REPORT_LINES_MAX / SAMPLES, BEFORE_S = 6 * 3600 };

struct report {
    json_t *incidents, *warnings, *summary; /* of FILE..., all; else those of the daemon */
    const json_t *incident;                 /* the one it is about; NULL: all */
    uint32_t began_s, until_s;
    struct activity activity;
    struct activity_subject *subject; /* of `incidents`, in their order */
    struct activity_subject *own;     /* of `incident` */
    struct queue_id sample[SAMPLES];
    size_t sample_lines[SAMPLES];
    struct report_line line[REPORT_LINES_MAX];
    size_t line_count;
    bool was_read;
};

static void report_done(struct report *r)
{
    for (size_t i = 0; i < r->line_count; i++)
        free(r->line[i].text);
    activity_done(&r->activity);
    free(r->subject);
    json_decref(r->incidents);
    json_decref(r->warnings);
    json_decref(r->summary);
}

/* --- what their mail did ---------------------------------------------------------------------- */

static void keep_line(struct report *r, const struct pipeline_line *line)
{
    json_t *put_together =
        line->text.len ? NULL : message_report_line_to_json(line->header, SPAN_NONE);
    struct span text = put_together ? span_str(json_string_value(put_together)) : line->text;
    char *copy = malloc(text.len + 1);

    if (copy) {
        memcpy(copy, text_or_empty(text.at), text.len);
        r->line[r->line_count++] = (struct report_line){copy, text.len};
    }
    json_decref(put_together);
}

static void on_line(void *ctx, const struct pipeline_line *line)
{
    struct report *r = ctx;

    activity_line(&r->activity, line);
    for (int i = 0; r->own && line->record && i < SAMPLES; i++)
        if (queue_id_is_set(r->sample[i]) && queue_id_equal(line->record->id, r->sample[i]) &&
            span_equal(line->header->host, r->own->host) && r->sample_lines[i] < LINES_OF_SAMPLE &&
            r->line_count < REPORT_LINES_MAX) {
            r->sample_lines[i]++;
            keep_line(r, line);
        }
}

static void on_verdict(void *ctx, const struct message *m, const struct recipient *recipient,
                       enum verdict verdict, int kind)
{
    struct report *r = ctx;

    activity_verdict(&r->activity, m, recipient, verdict, kind);
}

static void read_activity(struct report *r, struct setup *setup, struct input *input,
                          struct learner *learner)
{
    struct pipeline_options p = {.settings = &setup->settings,
                                 .site = setup->site,
                                 .seed = site_seed(setup->site),
                                 .zone = clock_local_zone,
                                 .on_line = on_line,
                                 .on_line_ctx = r,
                                 .on_verdict = on_verdict,
                                 .on_verdict_ctx = r};
    struct pipeline *pipeline = pipeline_new(&p);

    if (!pipeline)
        return;
    if (learner)
        learner_tell(learner, setup->site, pipeline);
    activity_begin(&r->activity, pipeline);
    r->was_read = judge_input(input, pipeline, NULL, NULL) == 0;
    pipeline_finish(pipeline);
    pipeline_free(pipeline);
}

static bool set_subjects(struct report *r)
{
    const json_t *ids = json_object_get(r->incident, "queue_ids");
    uint32_t count = 0;

    r->subject = calloc(json_array_size(r->incidents) + 1, sizeof(*r->subject));
    if (!r->subject)
        return false;
    for (size_t i = 0; i < json_array_size(r->incidents); i++) {
        const json_t *incident = json_array_get(r->incidents, i);
        if (!report_subject(incident, &r->subject[count]))
            continue;
        if (r->incident && !strcmp(text_of(incident, "id"), text_of(r->incident, "id")))
            r->own = &r->subject[count];
        count++;
    }
    activity_init(&r->activity, r->subject, count);
    for (size_t i = 0; i < SAMPLES && i < json_array_size(ids); i++)
        queue_id_parse(span_str(json_string_value(json_array_get(ids, i))), &r->sample[i]);
    return true;
}

/* --- the page --------------------------------------------------------------------------------- */

static char *page_of(const struct report *r)
{
    const struct report_overview overview = {r->incidents, r->warnings, r->summary,
                                             r->began_s,   r->until_s,  &r->activity.origins};
    const struct report_incident incident = {r->incident, r->was_read ? r->own : NULL, r->line,
                                             r->line_count};

    return r->incident ? report_incident_page(&incident) : report_overview_page(&overview);
}

static int write_page(const struct command_options *options, const char *page)
{
    FILE *to = options->output ? fopen(options->output, "we") : stdout;
    int status = 0;

    if (!to || fputs(page, to) < 0 || fflush(to) != 0) {
        complain("%s: %s", options->output ? options->output : "standard output", strerror(errno));
        status = EXIT_CANNOT;
    }
    if (to && to != stdout && fclose(to) != 0 && status == 0) {
        complain("%s: %s", options->output, strerror(errno));
        status = EXIT_CANNOT;
    }
    return status;
}

static int finish(const struct command_options *options, const struct report *r)
{
    char *page = page_of(r);
    int status = page ? write_page(options, page) : EXIT_CANNOT;

    if (!page)
        complain("not enough memory for the page");
    free(page);
    return status;
}

/* --- of logs ---------------------------------------------------------------------------------- */

static void take_findings(struct report *r, struct pipeline *pipeline)
{
    const struct site *site = pipeline->options.site;

    pipeline_warn(pipeline);
    r->incidents = incidents_to_json(&pipeline->detector);
    r->warnings = json_array();
    for (size_t i = 0; i < site_warning_count(site); i++)
        json_array_append_new(r->warnings, warning_to_json(site_warning(site, i)));
    r->summary = summary_to_json(pipeline);
    r->began_s = pipeline->began_s;
    r->until_s = pipeline->now_s;
}

static bool choose(struct report *r, const char *id)
{
    for (size_t i = 0; id && i < json_array_size(r->incidents); i++) {
        const json_t *incident = json_array_get(r->incidents, i);
        if (!strcmp(text_of(incident, "id"), id))
            r->incident = incident;
    }
    if (id && !r->incident)
        complain("these logs show no incident %s; `relaywatch scan` lists what they show", id);
    return !id || r->incident;
}

static int report_input(const struct command_options *options, struct setup *setup,
                        struct input *input, const char *id)
{
    struct report r = {.incident = NULL};
    struct whole_log log = {.setup = setup, .input = input, .learner = learn_from(setup, input)};
    int damaged = 0;
    struct pipeline *pipeline = whole_log_judge(&log, &damaged);
    int status = pipeline ? judge_input_remarks(input, pipeline) : EXIT_CANNOT;

    if (pipeline)
        take_findings(&r, pipeline);
    pipeline_free(pipeline);
    if (status == 0 && (!choose(&r, id) || !set_subjects(&r)))
        status = EXIT_CANNOT;
    if (status == 0 && damaged == 0)
        read_activity(&r, setup, input, log.learner);
    if (status == 0)
        status = finish(options, &r);
    learner_free(log.learner);
    report_done(&r);
    if (status == 0 && input_left_out(input))
        return EXIT_CANNOT;
    return status ? status : damaged;
}

static int report_files(const struct command_options *options, const char *id, char **names,
                        int count)
{
    struct setup setup;
    struct input *input = NULL;
    int status = setup_init(&setup, options);

    if (status == 0)
        status = input_open(names, count, true, &input);
    if (status == 0)
        status = report_input(options, &setup, input, id);
    input_close(input);
    setup_done(&setup);
    return status;
}

/* --- of the daemon ---------------------------------------------------------------------------- */

static int open_source(void *ctx, const struct source_options *options, struct source **ret)
{
    return log_search_open(ctx, options, ret);
}

/* Without the log there is a page still, which says that it has no plot. */
static void read_log(const struct command_options *options, struct report *r, json_t *source)
{
    struct input *input = NULL;
    struct setup setup;
    wall_us since = ((wall_us)r->own->first_s - BEFORE_S) * US_PER_S;

    if (setup_init(&setup, options) == 0 &&
        input_open_log(open_source, source, since, &input) == 0) {
        struct learner *learner = learn_from(&setup, input);
        read_activity(r, &setup, input, learner);
        learner_free(learner);
    }
    input_close(input);
    setup_done(&setup);
}

static int report_known(const struct command_options *options)
{
    struct report r = {.incidents = json_array()};
    json_t *source = NULL;
    int status = report_from_daemon(options, r.incidents, &source);

    /* The first is the one that was asked for, under whatever id it had. */
    r.incident = json_array_get(r.incidents, 0);
    if (status == 0 && !set_subjects(&r))
        status = EXIT_CANNOT;
    if (status == 0 && source && r.own)
        read_log(options, &r, source);
    if (status == 0)
        status = finish(options, &r);
    json_decref(source);
    report_done(&r);
    return status;
}

/* "or-61d206131703", unless there is a file of that name. */
static bool is_incident_id(const char *text)
{
    struct span s = span_str(text);

    for (size_t i = 0; i < s.len; i++)
        if (i == 2  ? s.at[i] != '-'
            : i < 2 ? s.at[i] < 'a' || s.at[i] > 'z'
                    : !is_digit(s.at[i]) && (s.at[i] < 'a' || s.at[i] > 'f'))
            return false;
    return s.len > 3 && access(text, F_OK) != 0;
}

int report_run(const struct command_options *options)
{
    bool has_id = is_incident_id(options->arg[0]);

    if (has_id && options->arg_count == 1)
        return report_known(options);
    return report_files(options, has_id ? options->arg[0] : NULL, options->arg + has_id,
                        options->arg_count - has_id);
}
