/* SPDX-License-Identifier: MIT */
/*
 * Does:         runs the event loop: signals, one-shot timers, and what systemd is told.
 * Doesn't know: sources, pipelines, alerts.
 * Owns:         the event base, the signals, the watchdog timer.
 * Time:         timers are libevent's; the clocks themselves are read in common/clock.h.
 * Fails:        loop_new returns NULL. Later calls fail only if out of memory.
 */
#ifndef RELAYWATCH_SERVICE_LOOP_H
#define RELAYWATCH_SERVICE_LOOP_H

#include <event2/event.h>

#include "base/when.h"

struct loop;

struct loop_calls {
    void (*stop)(void *ctx);   /* SIGTERM, SIGINT */
    void (*reload)(void *ctx); /* SIGHUP */
    void (*report)(void *ctx); /* SIGUSR1: write the counters to the log */
    void (*child)(void *ctx);  /* SIGCHLD: a child has ended */
    void *ctx;
};

struct loop *loop_new(const struct loop_calls *calls);
void loop_free(struct loop *loop);
struct event_base *loop_base(struct loop *loop);
/* Before loop_new: keeps SIGHUP and SIGUSR1, which would end the process, for the loop. */
void loop_hold_signals(void);
/* Runs until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* (Re)arms a one-shot timer to fire after `in`; 0: on the next turn of the loop. */
void loop_arm(struct event *timer, dur_us in);

/* common/notify.h: what systemd is told. They do nothing if systemd is not listening. */
void loop_ready(void);
void loop_reloading(void);
void loop_stopping(void);
void loop_status(const char *text);

#endif
