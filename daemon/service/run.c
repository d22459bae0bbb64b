/* SPDX-License-Identifier: MIT */
/* `relaywatch run`: the daemon's life, from the settings to the last save. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "service/run.h"

#include "common/log.h"
#include "common/trace_print.h"
#include "service/daemon.h"

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

    runtime_each_counter(&daemon->live, report_counter, NULL);
}

static void on_child(void *ctx)
{
    reap_children(ctx);
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
                                       .zone = local_zone,
                                       .on_event = alerting_on_event,
                                       .on_event_ctx = daemon,
                                       .trace = &daemon->trace};

    if (getrandom(&options.seed, sizeof(options.seed), 0) != sizeof(options.seed))
        options.seed = (uint64_t)loop_wall();
    return options;
}

/* Goes on where it was, or begins anew. */
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
        r = state_load(daemon->state, &options, &daemon->live.pipeline, why);
        if (why[0])
            log_warning("saved state: %s", why);
        trace_say(&daemon->trace, TRACE_STATE, "%s: %s", directory,
                  r == 1 ? "read back" : "nothing that is good");
        log_info("%s", r == 1 ? "going on from the saved state"
                              : "no saved state: reading back what the log still holds");
    }
    if (!daemon->live.pipeline)
        daemon->live.pipeline = pipeline_new(&options);
    return daemon->live.pipeline != NULL;
}

static void refresh(void *ctx)
{
    progress_refresh(ctx);
}

static bool open_control(struct daemon *daemon)
{
    const struct control_options options = {
        .path = daemon->options.socket, .refresh = refresh, .ctx = daemon};
    int r = control_new(loop_base(daemon->loop), &options, &daemon->live, &daemon->control);

    if (r == 0)
        daemon->live.control = control_counters(daemon->control);
    if (r == -EADDRINUSE) {
        log_error("another relaywatch answers at the control socket already");
        return false;
    }
    if (r < 0)
        log_warning("no control socket (%s): `relaywatch status` and its like will not work",
                    strerror(-r));
    return true;
}

static bool start(struct daemon *daemon)
{
    const struct loop_calls calls = {.stop = on_stop,
                                     .reload = on_reload,
                                     .report = on_report,
                                     .child = on_child,
                                     .ctx = daemon};

    daemon->live.setup = &daemon->setup;
    daemon->live.state_text = daemon->state_text;
    daemon->live.started = daemon->live.now = loop_wall();
    daemon->live.read_at = WHEN_UNKNOWN;
    log_open(daemon->setup.settings.alert.journal, NULL);
    daemon->loop = loop_new(&calls);
    if (!daemon->loop)
        return false;
    daemon->sinks = sinks_new(loop_base(daemon->loop), &daemon->setup.settings);
    if (!daemon->sinks || !reload_init(daemon) || !restore(daemon))
        return false;
    daemon->live.alerts = sinks_counters(daemon->sinks);
    start_metrics(daemon);
    return source_select(&daemon->setup.settings, daemon->setup.maillog_file,
                         &daemon->source_choice) &&
           log_reader_start(daemon, NULL) && open_control(daemon);
}

static void stop(struct daemon *daemon)
{
    if (daemon->live.pipeline)
        checkpoint_at_end(daemon);
    reload_done(daemon);
    metrics_free(daemon->metrics);
    control_free(daemon->control);
    log_reader_stop(daemon);
    pipeline_free(daemon->live.pipeline);
    state_close(daemon->state);
    sinks_free(daemon->sinks);
    if (daemon->save)
        event_free(daemon->save);
    choice_done(&daemon->source_choice);
    loop_free(daemon->loop);
    log_close();
}

int run_run(const struct command_options *options)
{
    struct daemon *daemon = calloc(1, sizeof(*daemon));
    int status = EXIT_CANNOT;

    if (!daemon)
        return EXIT_CANNOT;
    daemon->options = *options;
    daemon->source_choice.type = SOURCE_JOURNAL;
    if (trace_print_init(&daemon->trace, options->trace) &&
        setup_init(&daemon->setup, options) == 0 && start(daemon)) {
        loop_ready();
        loop_run(daemon->loop);
        status = daemon->status;
    }
    stop(daemon);
    setup_done(&daemon->setup);
    free(daemon);
    return status;
}
