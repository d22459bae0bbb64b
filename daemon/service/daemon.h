/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines the running daemon as one struct, for the files of service/ that make it
 *               up.
 * Doesn't know: how sources, sinks and the state file do their work.
 * Owns:         everything it names, from the start in run.c to the end there.
 * Time:         *_mono is CLOCK_MONOTONIC, wall_us the wall clock, *_s event time.
 * Fails:        never. Each part logs what it could not do and carries on, or sets `status` and
 *               stops the loop.
 */
#ifndef RELAYWATCH_SERVICE_DAEMON_H
#define RELAYWATCH_SERVICE_DAEMON_H

#include <pthread.h>

#include "base/trace.h"
#include "source/source_select.h"
#include "control/control.h"
#include "control/runtime.h"
#include "service/loop.h"
#include "control/metrics.h"
#include "engine/learner.h"
#include "alert/sink.h"
#include "state/state.h"
#include "state/told.h"

/* The log is judged again, by what is known of the site now: reread.c. */
struct reread {
    struct event *turn;        /* there is more to read, or it is time to begin */
    struct source *source;     /* NULL: it has not begun */
    struct learner *learner;   /* it reads for what the log proves, before it judges */
    struct pipeline *pipeline; /* it judges */
    bool incomplete;           /* part of the log could not be read */
    bool gave_up;              /* and that was said */
    unsigned tries;            /* to take over */
    int64_t began_mono, rest_until_mono;
};

struct daemon;

/* left_log.c: a log that Postfix left. */
enum { LEFT_LOG_S = 3600, LEFT_LOGS_MAX = 4 }; /* how long it is read on */
struct left_log {
    struct source *source; /* NULL: there is none */
    struct event *readable;
    char id[SOURCE_ID_MAX];
    int64_t until;
};

/* postfix_watch.c: when Postfix's settings may have changed. */
struct postfix_watch {
    struct event *ask, *look;
    void (*start)(struct daemon *daemon);
    uint64_t restarts;          /* the pipeline's postfix_restarts that were acted on */
    uint64_t files;             /* main.cf and master.cf as they were when asked */
    int64_t asked_mono;         /* when such news were last acted on */
    int64_t hold_until;         /* tell of no new incident before Postfix was asked; 0: do */
    uint32_t asked_s, before_s; /* the wall clock when it was last asked, and the time before */
};

struct daemon {
    struct command_options options;
    struct runtime runtime;
    struct setup setup;
    struct trace trace; /* --trace */
    struct loop *loop;
    struct sinks *sinks;
    struct control *control;
    struct metrics *metrics; /* NULL: off */
    char metrics_listen[64];
    struct state *state;
    struct told *told; /* NULL: alerts aren't remembered across a crash */
    struct source_choice source_choice;
    struct left_log left[LEFT_LOGS_MAX];
    struct event *readable;    /* the source's descriptor is readable */
    bool skip_counted;         /* lines before each host's time were counted from another source */
    uint32_t counted_before_s; /* instead of each host's time; 0: not */
    uint32_t most_texts;       /* the most interned texts since memory was last released */
    int64_t read_mono;         /* when lines last came */
    struct event *deadline;    /* the source wants to be called */
    struct event *again;       /* there is more to read */
    struct event *tick;        /* the pipeline has something due */
    bool tick_soon; /* the tick is armed for within a second, to look at what lines moved */
    struct event *save;
    bool save_wanted;  /* save as soon as possible: a save or a line was in progress */
    bool save_failing; /* already logged */
    /* sight.c: */
    struct event *sight;
    int64_t looked_mono;
    int64_t unheard_mono; /* since when Postfix works and the log stands still; 0: it does not */
    uint64_t named_seen, nameless_from;  /* lines of a known program; others, as below */
    uint64_t formed_seen, formless_from; /* lines of a known form; others, when these last came */
    uint64_t refused_seen;               /* lines of hosts beyond the bound ... */
    int64_t refused_mono;                /* ... and when the last one came; 0: none yet */
    bool in_source;                      /* within source_run, where the position is not exact */
    char state_text[200];
    char status_text[200]; /* as last sent to systemd, and when */
    wall_us status_at;
    unsigned status_open;
    bool status_blind;
    uint64_t warned;         /* the number of the last site warning already looked at */
    uint64_t warnings_over;  /* a bit for each whose end was reported */
    uint64_t warned_of[256]; /* hashes of those sent since the start; a ring, 0: none */
    unsigned warned_next;
    int status; /* exit status */
    /* reload.c: a thread reads the settings and asks Postfix while the loop goes on. */
    pthread_t reader;
    bool reloading;
    bool reload_again;
    struct postfix_watch postfix;
    struct reread reread;
    bool children_wait; /* SIGCHLD came during a reload */
    struct setup next;
    int next_status;
    int wake[2];
    struct event *woken;
};

#endif
