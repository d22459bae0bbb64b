/* SPDX-License-Identifier: MIT */
/*
 * postconf and postmap may take seconds, and the loop must not wait for them. The thread builds a
 * complete second setup; the swap in the loop is then a matter of pointers. What the log taught the
 * old site is copied into the new one, because it is evidence, not a setting.
 */
#include "service/reload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "service/alerting.h"
#include "service/children.h"
#include "service/endpoints.h"
#include "service/log_reader.h"
#include "service/postfix_watch.h"
#include "service/reread.h"
#include "service/sight.h"

/* The thread. */
static void *read_all(void *ctx)
{
    struct daemon *daemon = ctx;
    char done = 0;

    daemon->next_status = setup_init(&daemon->next, &daemon->options);
    while (write(daemon->wake[1], &done, 1) < 0 && errno == EINTR)
        ;
    return NULL;
}

static bool same(const char *a, const char *b)
{
    return span_equal(span_str(a), span_str(b));
}

static bool go_to(struct daemon *daemon, const struct source_choice *choice)
{
    const struct source_choice *old = &daemon->source_choice;

    if (old->automatic && choice->automatic && (old->own || choice->own))
        return log_reader_move(daemon, choice);
    char *position = source_position(daemon->runtime.source);
    log_reader_stop(daemon);
    source_choice_done(&daemon->source_choice);
    daemon->source_choice = *choice;
    bool ok = log_reader_start(daemon, position);
    free(position);
    return ok;
}

/* Opens the source that the new settings name, if it is another one or is to be read differently.
 * The same source resumes at its position; a different one starts where the old one was left. What
 * is known of messages stays. */
static void switch_source(struct daemon *daemon, const struct settings *old)
{
    const struct settings *settings = &daemon->setup.settings;
    struct source_choice choice;

    if (!source_select(settings, daemon->setup.postfix.maillog_file, &choice))
        return;
    if (choice.type == daemon->source_choice.type &&
        same(choice.files, daemon->source_choice.files) &&
        same(old->source.rotated, settings->source.rotated) &&
        same(old->source.kafka_topics, settings->source.kafka_topics) &&
        same(old->source.kafka_brokers, settings->source.kafka_brokers) &&
        same(old->source.kafka_config, settings->source.kafka_config) &&
        same(old->source.kafka_socket, settings->source.kafka_socket) &&
        same(old->source.journal_directory, settings->source.journal_directory) &&
        same(old->source.journal_namespace, settings->source.journal_namespace) &&
        old->source.journal_check_sender == settings->source.journal_check_sender) {
        source_choice_done(&choice);
        return;
    }
    if (!go_to(daemon, &choice)) {
        daemon->status = EXIT_CANNOT;
        loop_stop(daemon->loop);
    }
}

static void swap(struct daemon *daemon)
{
    struct setup old = daemon->setup;

    reread_drop(daemon); /* it judges by the old ones */
    site_learn_from(daemon->next.site, old.site);
    daemon->setup = daemon->next;
    daemon->next = (struct setup){.site = NULL};
    pipeline_set(daemon->runtime.pipeline, &daemon->setup.settings, daemon->setup.site);
    sinks_set(daemon->sinks, &daemon->setup.settings);
    endpoints_update_metrics(daemon);
    daemon->warned = 0;
    daemon->warnings_over = 0;
    alerting_warnings(daemon);
    switch_source(daemon, &old.settings);
    reread_consider(daemon);
    setup_done(&old);
    sight_look(daemon);
}

void reload_start(struct daemon *daemon)
{
    daemon->reload_again = daemon->reloading;
    if (daemon->reloading)
        return;
    loop_reloading();
    postfix_watch_asking(daemon);
    daemon->reloading = pthread_create(&daemon->reader, NULL, read_all, daemon) == 0;
    if (!daemon->reloading) {
        log_error("no thread could be started to read the settings again; keeping the old ones");
        loop_ready();
        alerting_release(daemon);
    }
}

/* The thread is done. SIGCHLD and SIGHUP that came meanwhile were put off until now. */
static void on_woken(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;
    char done;

    (void)what;
    if (read((int)fd, &done, 1) != 1)
        return;
    pthread_join(daemon->reader, NULL);
    daemon->reloading = false;
    if (daemon->next_status == 0) {
        swap(daemon);
        daemon->runtime.settings_refused = WHEN_UNKNOWN;
        log_info("settings read again");
    } else {
        setup_done(&daemon->next);
        daemon->runtime.settings_refused = clock_wall();
        log_error("the settings are bad; keeping the old ones; `relaywatch check` says more");
    }
    alerting_release(daemon);
    loop_ready();
    if (daemon->children_wait)
        children_reap(daemon);
    if (daemon->reload_again)
        reload_start(daemon);
}

bool reload_init(struct daemon *daemon)
{
    if (pipe2(daemon->wake, O_CLOEXEC) < 0)
        return false;
    daemon->woken =
        event_new(loop_base(daemon->loop), daemon->wake[0], EV_READ | EV_PERSIST, on_woken, daemon);
    return postfix_watch_init(daemon, reload_start) && daemon->woken &&
           event_add(daemon->woken, NULL) == 0;
}

void reload_done(struct daemon *daemon)
{
    postfix_watch_done(daemon);
    if (daemon->reloading) {
        pthread_join(daemon->reader, NULL);
        setup_done(&daemon->next);
    }
    if (daemon->woken)
        event_free(daemon->woken);
    if (daemon->wake[1]) {
        close(daemon->wake[0]);
        close(daemon->wake[1]);
    }
}
