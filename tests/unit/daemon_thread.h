/* SPDX-License-Identifier: MIT */
/* A control socket over an attack, on a loop of its own in a thread of its own, so that a test can
 * be the client that waits. While the thread runs the test leaves the attack alone. */
#ifndef RELAYWATCH_TESTS_DAEMON_THREAD_H
#define RELAYWATCH_TESTS_DAEMON_THREAD_H

#include <check.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"
#include "control/control.h"

struct daemon {
    struct attack attack;
    struct setup setup;
    struct runtime runtime;
    struct event_base *base;
    struct control *control;
    struct event *stop;
    int stop_pipe[2];
    pthread_t thread;
    char dir[64], path[96];
    int refreshed;
    dur_us slow; /* of control_options */
};

static inline void daemon_refresh(void *ctx)
{
    struct daemon *d = ctx;

    d->refreshed++;
    d->runtime.now = d->runtime.started + 3 * 86400 * US_PER_S;
}

static inline void daemon_on_stop(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *d = ctx;

    (void)fd;
    (void)what;
    event_base_loopbreak(d->base);
}

static inline void *daemon_run(void *ctx)
{
    struct daemon *d = ctx;

    event_base_loop(d->base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

/* The attack is there, empty; daemon_start opens the socket. */
static inline void daemon_init(struct daemon *d)
{
    memset(d, 0, sizeof(*d));
    signal(SIGPIPE, SIG_IGN);
    attack_init(&d->attack);
    d->setup.settings = d->attack.settings;
    d->setup.site = d->attack.site;
    d->runtime = (struct runtime){.setup = &d->setup,
                                  .pipeline = d->attack.pipeline,
                                  .source_text = "/var/log/mail.log",
                                  .source_why = "maillog_file",
                                  .state_text = "saved 3 s ago",
                                  .started = (wall_us)1763700000 * US_PER_S,
                                  .read_at = WHEN_UNKNOWN};
    snprintf(d->dir, sizeof(d->dir), "/tmp/relaywatch-test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(d->dir));
    snprintf(d->path, sizeof(d->path), "%s/control", d->dir);
    d->base = event_base_new();
}

static inline void daemon_open(struct daemon *d)
{
    struct control_options options = {
        .path = d->path, .refresh = daemon_refresh, .ctx = d, .slow = d->slow};

    ck_assert_int_eq(control_new(d->base, &options, &d->runtime, &d->control), 0);
}

static inline void daemon_start(struct daemon *d)
{
    daemon_open(d);
    ck_assert_int_eq(pipe(d->stop_pipe), 0);
    d->stop = event_new(d->base, d->stop_pipe[0], EV_READ, daemon_on_stop, d);
    event_add(d->stop, NULL);
    ck_assert_int_eq(pthread_create(&d->thread, NULL, daemon_run, d), 0);
}

static inline void daemon_stop(struct daemon *d)
{
    ck_assert_int_eq(write(d->stop_pipe[1], "", 1), 1);
    pthread_join(d->thread, NULL);
    event_free(d->stop);
    close(d->stop_pipe[0]);
    close(d->stop_pipe[1]);
}

static inline void daemon_done(struct daemon *d)
{
    control_free(d->control);
    event_base_free(d->base);
    attack_done(&d->attack);
    ck_assert_int_lt(access(d->path, F_OK), 0);
    rmdir(d->dir);
}

#endif
