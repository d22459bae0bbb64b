/* SPDX-License-Identifier: MIT */
/*
 * Does:         the event loop: signals, timers, what systemd wants to hear. The one place of the
 *               daemon that reads the clocks.
 * Doesn't know: sources, pipelines, alerts.
 * Owns:         the event base.
 * Time:         loop_wall is the wall clock, loop_mono CLOCK_MONOTONIC, both in microseconds.
 * Fails:        loop_new returns NULL; everything later can only fail by memory, and is then said.
 */
#ifndef RELAYWATCH_SERVICE_LOOP_H
#define RELAYWATCH_SERVICE_LOOP_H

#include <event2/event.h>

#include "base/when.h"

struct loop;

struct loop_calls {
    void (*stop)(void *ctx);   /* SIGTERM, SIGINT */
    void (*reload)(void *ctx); /* SIGHUP */
    void (*report)(void *ctx); /* SIGUSR1: counters to the log */
    void (*child)(void *ctx);  /* SIGCHLD: somebody has to be waited for */
    void *ctx;
};

struct loop *loop_new(const struct loop_calls *calls);
void loop_free(struct loop *loop);
struct event_base *loop_base(struct loop *loop);
/* Runs until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

wall_us loop_wall(void);
int64_t loop_mono(void);

/* (Re)arms a one-shot timer to fire in `in` (0 is as soon as the loop turns). */
void loop_arm(struct event *timer, dur_us in);

/* sd_notify(3); nothing where systemd does not listen. */
void loop_ready(void);
void loop_reloading(void);
void loop_stopping(void);
void loop_status(const char *text);

#endif
