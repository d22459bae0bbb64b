/* SPDX-License-Identifier: MIT */
/*
 * The order in start() matters: the log before anything that may write to it, the state before the
 * source, which resumes where the state says, and the control socket last, so that whoever connects
 * finds a complete daemon. stop() saves first, while everything is still there, and then closes
 * whatever uses a thing before the thing itself.
 */
#include "service/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/seed.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/trace_print.h"
#include "service/alerting.h"
#include "service/checkpoint.h"
#include "service/children.h"
#include "service/endpoints.h"
#include "service/log_reader.h"
#include "service/postfix_watch.h"
#include "service/reload.h"
#include "service/reread.h"
#include "service/sight.h"

#define STATE_DIRECTORY "/var/lib/relaywatch"

static void on_stop(void *ctx)
{
    struct daemon *daemon = ctx;

    loop_stopping();
    loop_stop(daemon->loop);
}

static void on_reload(void *ctx)
{
    reload_start(ctx);
}

static void report_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    (void)ctx;
    if (value)
        log_info("%s: %llu (%s)", name, (unsigned long long)value, sentence);
}

static void on_report(void *ctx)
{
    struct daemon *daemon = ctx;

    runtime_each_counter(&daemon->runtime, report_counter, NULL);
}

static void on_child(void *ctx)
{
    children_reap(ctx);
}

static const char *directory_of(const char *variable, const char *fallback)
{
    const char *directory = getenv(variable);

    return directory && directory[0] ? directory : fallback;
}

static struct pipeline_options pipeline_options_of(struct daemon *daemon)
{
    struct pipeline_options options = {.settings = &daemon->setup.settings,
                                       .site = daemon->setup.site,
                                       .zone = clock_local_zone,
                                       .on_event = alerting_on_event,
                                       .on_event_ctx = daemon,
                                       .trace = &daemon->trace,
                                       .seed = seed_draw()};

    return options;
}

/* Resumes from the saved state, or starts with an empty pipeline. */
static bool restore(struct daemon *daemon)
{
    struct pipeline_options options = pipeline_options_of(daemon);
    const char *directory = directory_of("STATE_DIRECTORY", STATE_DIRECTORY);
    char why[STATE_WHY_MAX] = "";
    int r = state_open(directory, &daemon->state, why);

    if (r == -EBUSY) {
        log_error("%s", why);
        return false;
    }
    if (r < 0) {
        log_warning("%s; the state will not be saved", why);
        snprintf(daemon->state_text, sizeof(daemon->state_text), "not saved: %.150s", why);
        daemon->state = NULL;
    } else {
        daemon->told = told_open(directory);
        sinks_remember(daemon->sinks, daemon->told);
        if (!daemon->told)
            log_warning("%s/told: %s; after a crash, alerts may be repeated", directory,
                        strerror(errno));
        r = state_load(daemon->state, &options, &daemon->runtime.pipeline, why);
        if (why[0])
            log_warning("saved state: %s", why);
        trace_say(&daemon->trace, TRACE_STATE, "%s: %s", directory,
                  r == 1 ? "read back" : "nothing usable");
        log_info("%s", r == 1 ? "continuing from the saved state"
                              : "no saved state: reading back what the log still holds");
    }
    if (!daemon->runtime.pipeline)
        daemon->runtime.pipeline = pipeline_new(&options);
    if (!daemon->runtime.pipeline)
        log_error("not enough memory for [limits]");
    return daemon->runtime.pipeline != NULL;
}

/* Each step that fails says why in the log, and stop() cleans up whatever was done. */
static bool start(struct daemon *daemon)
{
    const struct loop_calls calls = {.stop = on_stop,
                                     .reload = on_reload,
                                     .report = on_report,
                                     .child = on_child,
                                     .ctx = daemon};

    daemon->runtime.setup = &daemon->setup;
    daemon->runtime.state_text = daemon->state_text;
    daemon->runtime.started = daemon->runtime.now = clock_wall();
    daemon->runtime.read_at = daemon->runtime.postfix_at = WHEN_UNKNOWN;
    daemon->runtime.settings_refused = WHEN_UNKNOWN;
    log_open(daemon->setup.settings.alert.journal, NULL);
    daemon->loop = loop_new(&calls);
    if (!daemon->loop)
        return false;
    daemon->sinks = sinks_new(loop_base(daemon->loop), &daemon->setup.settings);
    if (!daemon->sinks || !reload_init(daemon) || !restore(daemon))
        return false;
    daemon->runtime.sinks = daemon->sinks;
    daemon->runtime.alerts = sinks_counters(daemon->sinks);
    endpoints_update_metrics(daemon);
    /* Whoever reads that the log is followed may ask at once. */
    return source_select(&daemon->setup.settings, daemon->setup.postfix.maillog_file,
                         &daemon->source_choice) &&
           endpoints_open_control(daemon) && log_reader_resume(daemon) && reread_consider(daemon) &&
           sight_start(daemon);
}

static void stop(struct daemon *daemon)
{
    if (daemon->runtime.pipeline)
        checkpoint_final(daemon);
    reload_done(daemon);
    endpoints_close(daemon);
    sight_stop(daemon);
    reread_done(daemon);
    log_reader_stop(daemon);
    pipeline_free(daemon->runtime.pipeline);
    sinks_free(daemon->sinks);
    state_close(daemon->state);
    told_close(daemon->told);
    if (daemon->save)
        event_free(daemon->save);
    source_choice_done(&daemon->source_choice);
    loop_free(daemon->loop);
    log_close();
}

/* The settings name the files that are watched from now on: a change while they are read counts. */
static bool read_all(struct daemon *daemon)
{
    if (setup_read_settings(&daemon->setup, &daemon->options) != 0)
        return false;
    postfix_watch_asking(daemon);
    return setup_build_site(&daemon->setup, &daemon->options) == 0;
}

int run_run(const struct command_options *options)
{
    int status = EXIT_CANNOT;

    loop_hold_signals(); /* asking Postfix takes a while */
    struct daemon *daemon = calloc(1, sizeof(*daemon));
    if (!daemon)
        return EXIT_CANNOT;
    daemon->options = *options;
    daemon->source_choice.type = SOURCE_JOURNAL;
    if (trace_print_init(&daemon->trace, options->trace) && read_all(daemon) && start(daemon)) {
        loop_ready();
        loop_run(daemon->loop);
        status = daemon->status;
    }
    stop(daemon);
    setup_done(&daemon->setup);
    free(daemon);
    return status;
}
