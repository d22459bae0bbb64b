/* SPDX-License-Identifier: MIT */
/*
 * Does:         the running daemon as one value, for the files that make it up: run.c (its life),
 *               log_reader.c, progress.c, alerting.c, checkpoint.c, reload.c, helpers.c.
 * Doesn't know: how sources, sinks and the state file do their work.
 * Owns:         all that it names, from run.c's start to its end.
 * Time:         loop.h's.
 * Fails:        each part says what it could not do in the log and goes on, or stops the daemon.
 */
#ifndef RELAYWATCH_SERVICE_DAEMON_H
#define RELAYWATCH_SERVICE_DAEMON_H

#include <pthread.h>

#include "source/source_select.h"
#include "control/control.h"
#include "control/runtime.h"
#include "service/loop.h"
#include "control/metrics.h"
#include "alert/sink.h"
#include "state/state.h"

struct daemon {
    struct command_options options;
    struct runtime live;
    struct setup setup;
    struct trace trace; /* --trace */
    struct loop *loop;
    struct sinks *sinks;
    struct control *control;
    struct metrics *metrics; /* NULL: off */
    char metrics_listen[64];
    struct state *state;
    struct source_choice source_choice;
    struct event *readable; /* the source's descriptor */
    uint32_t skip_before_s; /* lines before that were read from another source; 0: none are */
    uint32_t most_texts;    /* since memory was given back last */
    int64_t read_mono;      /* when event time was last known: a line, or a tick */
    struct event *deadline; /* the source wants to look around */
    struct event *again;    /* more is to be read */
    struct event *tick;     /* the pipeline has something due */
    struct event *save;
    bool save_wanted;  /* as soon as it can be: one is under way, or a line is */
    bool save_failing; /* and it was said */
    bool in_source;    /* within source_run: the place is not exact */
    char state_text[200];
    char status_text[200]; /* what systemd was told last, and when */
    wall_us status_at;
    unsigned status_open;
    size_t warned; /* site warnings that were told */
    int status;    /* exit status */
    /* reload.c: settings are read, and Postfix asked, beside the loop. */
    pthread_t reader;
    bool reloading;
    bool reload_again;
    bool children_wait; /* SIGCHLD came meanwhile */
    struct setup next;
    int next_status;
    int wake[2];
    struct event *woken;
};

/* log_reader.c: opens the source at the place, or if it is NULL where the state says, and reads it
 * as the loop turns. What the place says nothing of begins where another source was left, or as far
 * back as the settings say. */
bool log_reader_start(struct daemon *daemon, const char *place);
void log_reader_stop(struct daemon *daemon);
/* progress.c: how far it is, and what follows from that. */
/* The wall clock: begins minutes of the ring anew. */
void progress_count_minute(struct runtime *live, wall_us now);
/* The log's time as the clock goes on from its last line. */
wall_us progress_log_time(const struct daemon *daemon);
/* When the pipeline has something due. */
void progress_arm_tick(struct daemon *daemon);
/* The source's name in the state file. */
const char *progress_source_id(const struct daemon *daemon);
/* For `systemctl status`; a changed figure may wait a few seconds. */
void progress_notify_status(struct daemon *daemon);
/* Brings daemon->live up to now, before it is shown. */
void progress_refresh(struct daemon *daemon);

/* alerting.c: detector_listener, and the end of catching up. */
void alerting_on_event(void *ctx, enum incident_event event, const struct incident *incident,
                       uint32_t now_s);
void alerting_caught_up(struct daemon *daemon);
void alerting_warnings(struct daemon *daemon);

/* checkpoint.c: saving. */
void checkpoint_soon(struct daemon *daemon);
/* Something changed by itself: the pipeline's next due time, and what there is to save. */
void checkpoint_changed(struct daemon *daemon);
void checkpoint_now(struct daemon *daemon);
void checkpoint_at_end(struct daemon *daemon);
/* True where it was the child that saves. */
bool checkpoint_ended(struct daemon *daemon, pid_t pid, int status);

/* reload.c */
bool reload_init(struct daemon *daemon);
void reload_start(struct daemon *daemon);
void reload_done(struct daemon *daemon);

/* helpers.c */
/* Metrics as the settings want them. */
void start_metrics(struct daemon *daemon);
/* Children that ended, each to whom it belongs. */
void reap_children(struct daemon *daemon);

#endif
