/* SPDX-License-Identifier: MIT */
/*
 * libevent turns signals into events, so handlers run in the loop, between two callbacks, and may
 * call anything. The watchdog is pinged from the loop too: a loop that hangs stops pinging, and
 * systemd restarts the daemon.
 */
#include "service/loop.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/notify.h"

enum { SIGNALS = 5 };

struct loop {
    struct event_base *base;
    struct loop_calls calls;
    struct event *signal[SIGNALS];
    struct event *watchdog;
    struct timeval watchdog_every;
};

static void hold_signals(int how)
{
    sigset_t held;

    sigemptyset(&held);
    sigaddset(&held, SIGHUP);
    sigaddset(&held, SIGUSR1);
    sigprocmask(how, &held, NULL);
}

void loop_hold_signals(void)
{
    hold_signals(SIG_BLOCK);
}

static void on_signal(evutil_socket_t number, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)what;
    if (number == SIGHUP)
        loop->calls.reload(loop->calls.ctx);
    else if (number == SIGUSR1)
        loop->calls.report(loop->calls.ctx);
    else if (number == SIGCHLD)
        loop->calls.child(loop->calls.ctx);
    else
        loop->calls.stop(loop->calls.ctx);
}

/* That the loop gets here is the proof of progress systemd asks for: nothing in it may block. */
static void on_watchdog(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *loop = ctx;

    (void)fd;
    (void)what;
    notify_send("WATCHDOG=1");
    event_add(loop->watchdog, &loop->watchdog_every);
}

static bool start_watchdog(struct loop *loop)
{
    dur_us us = notify_watchdog();

    if (us == 0)
        return true;
    loop->watchdog = evtimer_new(loop->base, on_watchdog, loop);
    loop->watchdog_every =
        (struct timeval){(time_t)(us / 2 / 1000000), (suseconds_t)(us / 2 % 1000000)};
    return loop->watchdog && event_add(loop->watchdog, &loop->watchdog_every) == 0;
}

/* SIGPIPE is ignored: a client that hangs up must not end the daemon. */
struct loop *loop_new(const struct loop_calls *calls)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};
    struct loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return NULL;
    loop->calls = *calls;
    loop->base = event_base_new();
    if (!loop->base)
        goto fail;
    for (int i = 0; i < SIGNALS; i++) {
        loop->signal[i] = evsignal_new(loop->base, numbers[i], on_signal, loop);
        if (!loop->signal[i] || event_add(loop->signal[i], NULL) < 0)
            goto fail;
    }
    signal(SIGPIPE, SIG_IGN);
    hold_signals(SIG_UNBLOCK);
    if (start_watchdog(loop))
        return loop;
fail:
    loop_free(loop);
    return NULL;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    for (int i = 0; i < SIGNALS; i++)
        if (loop->signal[i])
            event_free(loop->signal[i]);
    if (loop->watchdog)
        event_free(loop->watchdog);
    if (loop->base)
        event_base_free(loop->base);
    free(loop);
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

void loop_run(struct loop *loop)
{
    event_base_dispatch(loop->base);
}

void loop_stop(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

void loop_arm(struct event *timer, dur_us in)
{
    struct timeval tv = {in > 0 ? (time_t)(in / US_PER_S) : 0,
                         in > 0 ? (suseconds_t)(in % US_PER_S) : 0};

    event_add(timer, &tv);
}

void loop_ready(void)
{
    notify_send("READY=1");
}

void loop_reloading(void)
{
    char text[64];

    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono());
    notify_send(text);
}

void loop_stopping(void)
{
    notify_send("STOPPING=1");
}

void loop_status(const char *text)
{
    char line[256];

    snprintf(line, sizeof(line), "STATUS=%s", text);
    notify_send(line);
}
