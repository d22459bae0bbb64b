/* SPDX-License-Identifier: MIT */
/*
 * Judges the logs again and again, each time by settings that excuse what was found the time
 * before, until they are quiet. Then the kinds' thresholds are lowered as far as it stays quiet,
 * and at last it is tried how near to each of them somebody has come.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/when.h"
#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/judge_input.h"
#include "cmd/learn.h"
#include "cmd/whole_log.h"
#include "common/complain.h"
#include "common/setup.h"
#include "report/incident.h"
#include "report/severity.h"
#include "report/suggestion.h"

/* ATTACKS_MAX: bytes of comments. A month has what happens once a month. */
enum { ROUNDS_MAX = 24, TRIES_MAX = 6, ATTACKS_MAX = 16384, DAY_S = 86400, DAYS_WANTED = 28 };

/* What a reading has found. */
struct found {
    uint32_t raised;       /* thresholds */
    bool kind[KIND_COUNT]; /* of these kinds there were incidents */
    struct buf attacks;    /* those that are not excused, a comment each */
    uint64_t lines;
    uint32_t since_s, until_s;
};

static void add_attack(struct found *found, const struct incident_view *view)
{
    char key[VIEW_TEXT_MAX], first[WHEN_TEXT_MAX];
    const struct incident *incident = view->incident;

    incident_key(view, key);
    make_printable(key);
    buf_printf(&found->attacks, "# Not excused, %s: %s %s, %llu messages since %s (%s)\n",
               severity_name(view->severity), kind_name(incident->kind), key,
               (unsigned long long)view->totals.messages,
               when_print(view->totals.first_s * US_PER_S, first), incident->id);
}

/* Raises what each incident has crossed, or while thresholds are tried takes note of it. */
static void look_at(struct suggestions *s, bool tries, struct pipeline *pipeline,
                    struct found *found)
{
    struct incident_view *view = malloc(sizeof(*view));
    const struct incident *incident = NULL;

    buf_done(&found->attacks);
    found->attacks = buf_new(ATTACKS_MAX);
    found->raised = 0;
    memset(found->kind, 0, sizeof(found->kind));
    found->lines = pipeline->counters.lines;
    found->since_s = pipeline->began_s;
    found->until_s = pipeline->now_s;
    while (view && (incident = detector_next_incident(&pipeline->detector, incident))) {
        incident_view_init(view, &pipeline->detector, incident);
        if (tries)
            suggestions_see_tried(s, view);
        else if (s && suggestions_raise(s, view))
            found->raised++;
        else
            add_attack(found, view);
        found->kind[incident->kind] = true;
        incident_view_done(view);
    }
    free(view);
}

/* Judges the logs by the settings as they are now. s is NULL where nothing is to be raised. */
static int read_again(struct whole_log *log, struct suggestions *s, bool tries, struct found *found)
{
    int status = 0;
    struct pipeline *pipeline = whole_log_judge(log, &status);

    if (!pipeline) {
        complain("not enough memory");
        return EXIT_CANNOT;
    }
    if (status == 0)
        status = judge_input_remarks(log->input, pipeline);
    look_at(s, tries, pipeline, found);
    pipeline_free(pipeline);
    return status;
}

/* Lowers the thresholds of all kinds that are quiet, a step at a time. `found` is what is found
 * without that. */
static int lower(struct whole_log *log, struct suggestions *s, const struct found *found)
{
    bool done[KIND_COUNT] = {false};
    struct found now = {0};
    int status = 0;

    for (bool any = true; any && status == 0;) {
        bool lowered[KIND_COUNT] = {false};
        any = false;
        for (int kind = 0; kind < KIND_COUNT; kind++) {
            lowered[kind] =
                !done[kind] && !found->kind[kind] && suggestions_lower(s, (enum kind)kind);
            done[kind] |= !lowered[kind];
            any |= lowered[kind];
        }
        if (!any)
            break;
        status = read_again(log, NULL, false, &now);
        for (int kind = 0; kind < KIND_COUNT; kind++)
            if (lowered[kind] && now.kind[kind]) {
                suggestions_unlower(s, (enum kind)kind);
                done[kind] = true;
            }
    }
    /* Twice what was quiet. */
    for (int kind = 0; kind < KIND_COUNT; kind++)
        suggestions_unlower(s, (enum kind)kind);
    buf_done(&now.attacks);
    return status;
}

/* How near somebody came to each threshold. */
static int try(struct whole_log *log, struct suggestions *s, const struct found *found)
{
    struct found now = {0};
    int status = 0;

    suggestions_begin_to_try(s, found->kind);
    for (int round = 0; round < TRIES_MAX && status == 0 && suggestions_try(s); round++) {
        status = read_again(log, s, true, &now);
        suggestions_end_try(s);
    }
    buf_done(&now.attacks);
    return status;
}

/* Then no threshold is lowered: the first busy day would be an attack. */
static bool is_too_short(const struct found *found)
{
    return found->until_s - found->since_s < DAYS_WANTED * DAY_S;
}

static void print_days(const struct found *found, struct buf *out)
{
    char covered[WHEN_TEXT_MAX];
    uint32_t s = found->until_s - found->since_s;

    if (!is_too_short(found))
        return;
    when_print_span(s * US_PER_S, covered);
    buf_printf(
        out,
        "# TOO SHORT: it covers %s, and %d days are wanted. What happens once a week or a "
        "month is not\n# in it, so no threshold is lowered, and those below may be too low.\n",
        covered, DAYS_WANTED);
    complain("the log covers %s, and %d days are wanted: the thresholds may be too low for what "
             "happens once a week or a month",
             covered, DAYS_WANTED);
}

static void print(const struct suggestions *s, const struct found *found)
{
    char since[WHEN_TEXT_MAX], until[WHEN_TEXT_MAX];
    struct buf out = buf_new(4 << 20);

    buf_printf(&out, "# Settings for the site of this log: %llu lines, %s to %s.\n",
               (unsigned long long)found->lines, when_print(found->since_s * US_PER_S, since),
               when_print(found->until_s * US_PER_S, until));
    print_days(found, &out);
    if (found->attacks.len)
        buf_add(&out, buf_span(&found->attacks));
    suggestions_print(s, &out);
    if (!out.failed)
        fwrite(out.at, 1, out.len, stdout);
    buf_done(&out);
}

static int suggest(struct setup *setup, struct input *input)
{
    struct whole_log log = {.setup = setup, .input = input};
    struct suggestions s = {.settings = &setup->settings};
    struct found found = {0};
    int status = 0;

    log.learner = learn_from(setup, input);
    for (int round = 0; round < ROUNDS_MAX && status == 0; round++) {
        status = read_again(&log, &s, false, &found);
        if (!found.raised)
            break;
    }
    suggestions_add_margin(&s);
    if (status == 0 && !is_too_short(&found))
        status = lower(&log, &s, &found);
    if (status == 0 && !found.raised)
        status = try(&log, &s, &found);
    if (status == 0)
        print(&s, &found);
    learner_free(log.learner);
    suggestions_done(&s);
    buf_done(&found.attacks);
    return status;
}

int suggest_run(const struct command_options *options)
{
    struct setup setup;
    struct input *input = NULL;
    int status = setup_init(&setup, options);

    if (status == 0)
        status = input_open(options->arg, options->arg_count, false, &input);
    if (status == 0)
        status = suggest(&setup, input);
    input_close(input);
    setup_done(&setup);
    return status;
}
