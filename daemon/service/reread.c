/* SPDX-License-Identifier: MIT */
/*
 * As a scan does, it first reads the log for what it proves of the site, unless the settings say it
 * all, and then judges it. The first source and pipeline go on meanwhile, so alerts stay prompt.
 *
 * The second source has come as far as the first when it has nothing more to read. Source and
 * pipeline are then replaced together, so that position and state belong to each other at any time.
 */
#include "service/reread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "engine/second_reading.h"
#include "service/alerting.h"
#include "service/checkpoint.h"
#include "service/left_log.h"
#include "service/log_reader.h"
#include "source/feed.h"

/* BUDGET: lines in one turn. REST: it rests so many times as long as it has read: somebody who
 * changes settings all the time must not double the daemon's work. TRIES: to find a moment in which
 * no line comes. */
enum { BUDGET = 2000, REST = 5, TRIES = 100 };
/* WAIT: for the first reading to be up to date. COMING: for lines that are on their way.
 * LOOK_EVERY: whether the log contradicts itself. */
#define WAIT       US_PER_S
#define COMING     (US_PER_S / 20)
#define LOOK_EVERY (60 * US_PER_S)

static void take_lines(void *ctx, const struct source_lines *lines)
{
    struct reread *reread = ctx;

    if (!reread->learner) {
        feed_lines(reread->pipeline, lines);
        return;
    }
    if (lines->written > 0)
        learner_set_reference(reread->learner, lines->written);
    learner_lines(reread->learner, lines->data, lines->len);
}

static void take_entry(void *ctx, const struct source_entry *entry)
{
    struct reread *reread = ctx;
    struct syslog_header header;

    if (!reread->learner)
        feed_entry(reread->pipeline, entry);
    else if (feed_header(entry, &header))
        learner_entry(reread->learner, &header);
}

/* What else there is to note was noted when the log was first read. */
static void take_note(void *ctx, enum source_note note, const char *text)
{
    struct reread *reread = ctx;

    (void)text;
    reread->incomplete |= note == SOURCE_NOTE_UNREADABLE || note == SOURCE_NOTE_DAMAGED;
}

static void close_all(struct reread *reread)
{
    source_close(reread->source);
    learner_free(reread->learner);
    pipeline_free(reread->pipeline);
    reread->source = NULL;
    reread->learner = NULL;
    reread->pipeline = NULL;
    reread->incomplete = false;
}

void reread_drop(struct daemon *daemon)
{
    struct reread *reread = &daemon->reread;

    daemon->runtime.again = (struct judging_again){.since = WHEN_UNKNOWN, .up_to = WHEN_UNKNOWN};
    if (reread->turn)
        evtimer_del(reread->turn);
    if (reread->began_mono) {
        int64_t now = clock_mono();
        reread->rest_until_mono = now + REST * (now - reread->began_mono);
    }
    reread->began_mono = 0;
    close_all(reread);
}

static void give_up(struct daemon *daemon, const char *why)
{
    struct reread *reread = &daemon->reread;

    /* Once: the log may prove something every minute, and be gone every time. */
    if (!reread->gave_up)
        log_warning("only what is held in memory was judged again: %s", why);
    reread->gave_up = true;
    second_reading_give_up(daemon->runtime.pipeline);
    reread_drop(daemon);
    loop_arm(reread->turn, LOOK_EVERY);
    checkpoint_soon(daemon);
}

/* Begins at once or after a rest if a reading is due, or looks again later. */
static void arrange(struct daemon *daemon)
{
    struct reread *reread = &daemon->reread;
    int64_t rest = reread->rest_until_mono - clock_mono();

    if (!daemon->runtime.pipeline->began_s) /* nothing was judged yet */
        second_reading_give_up(daemon->runtime.pipeline);
    if (!second_reading_is_due(daemon->runtime.pipeline)) {
        loop_arm(reread->turn, LOOK_EVERY);
    } else if (!daemon->setup.settings.source.backfill) {
        give_up(daemon, "backfill in [source] is 0");
    } else if (left_log_any(daemon)) {
        give_up(daemon, "Postfix has gone to another log, and this one is only part of it");
    } else {
        daemon->runtime.again.due = true;
        loop_arm(reread->turn, rest > 0 ? rest : 0);
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

static int open_source(struct daemon *daemon)
{
    struct reread *reread = &daemon->reread;
    const struct source_options options = {
        .sink = {.lines = take_lines, .entry = take_entry, .note = take_note, .ctx = reread},
        .start = SOURCE_SINCE,
        .since = daemon->runtime.again.since,
    };

    source_close(reread->source);
    reread->source = NULL;
    return log_reader_open(daemon, &options, &reread->source);
}

static bool begin(struct daemon *daemon)
{
    struct reread *reread = &daemon->reread;
    char since[WHEN_TEXT_MAX];

    daemon->runtime.again.since = clock_wall() - daemon->setup.settings.source.backfill;
    reread->began_mono = clock_mono();
    reread->tries = 0;
    reread->pipeline = second_reading_begin(daemon->runtime.pipeline);
    reread->learner = learner_new(daemon->setup.site, clock_local_zone, NULL);
    int r = reread->pipeline && reread->learner ? open_source(daemon) : -ENOMEM;
    if (r < 0) {
        give_up(daemon, strerror(-r));
        return false;
    }
    if (learner_has_enough(reread->learner)) {
        learner_free(reread->learner);
        reread->learner = NULL;
    }
    log_info("what is known of the site has changed: judging the log since %s again",
             when_print(daemon->runtime.again.since, since));
    return true;
}

/* The end of the first pass. */
static void judge(struct daemon *daemon)
{
    struct reread *reread = &daemon->reread;

    learner_tell(reread->learner, daemon->setup.site, reread->pipeline);
    learner_free(reread->learner);
    reread->learner = NULL;
    int r = open_source(daemon);
    if (r < 0)
        give_up(daemon, strerror(-r));
    else
        loop_arm(reread->turn, 0);
}

static void take_over(struct daemon *daemon)
{
    struct reread *reread = &daemon->reread;
    struct pipeline *first = daemon->runtime.pipeline;
    struct inherited inherited;

    if (!second_reading_take_over(reread->pipeline, first, &inherited)) {
        give_up(daemon, strerror(ENOMEM));
        return;
    }
    daemon->runtime.pipeline = reread->pipeline;
    if (!log_reader_change(daemon, reread->source)) {
        daemon->status = EXIT_CANNOT;
        loop_stop(daemon->loop);
    }
    pipeline_free(first);
    reread->source = NULL;
    reread->pipeline = NULL;
    reread->gave_up = false;
    unsigned raised = alerting_news(daemon);
    log_info("judged again: %u incidents withdrawn, %u raised, %u stand, %u began too long ago",
             inherited.withdrawn, raised, inherited.same, inherited.carried);
    checkpoint_now(daemon);
}

/* The second has nothing more to read. */
static void finish(struct daemon *daemon)
{
    struct reread *reread = &daemon->reread;

    if (reread->incomplete) {
        give_up(daemon, "part of the log can't be read");
        return;
    }
    if (!reread->pipeline->began_s) {
        give_up(daemon, "the log of that time is gone");
        return;
    }
    /* Right after the first, so that neither is ahead: each line counts once. What comes just in
     * between, only the second has. Where lines never cease to come, some are missing from what is
     * told of how many were read, and nowhere else. */
    uint64_t had = reread->pipeline->counters.lines;
    log_reader_turn(daemon);
    int r = source_run(reread->source, clock_mono(), BUDGET);
    bool more = reread->pipeline->counters.lines != had && reread->tries < TRIES;
    reread->tries += more;
    if (r != SOURCE_IDLE || more) {
        loop_arm(reread->turn, 0);
    } else if (!source_has_all_of(reread->source, daemon->runtime.source)) {
        loop_arm(reread->turn, COMING);
    } else {
        take_over(daemon);
        reread_drop(daemon);
        arrange(daemon);
    }
}

static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;
    struct reread *reread = &daemon->reread;

    (void)fd;
    (void)what;
    if (daemon->runtime.catching_up) {
        loop_arm(reread->turn, WAIT);
        return;
    }
    if (!daemon->runtime.again.due) {
        arrange(daemon);
        return;
    }
    if (!reread->source && !begin(daemon))
        return;
    int r = source_run(reread->source, clock_mono(), BUDGET);
    if (reread->pipeline->now_s)
        daemon->runtime.again.up_to = reread->pipeline->now_s * US_PER_S;
    if (r < 0)
        give_up(daemon, strerror(-r));
    else if (r == SOURCE_MORE)
        loop_arm(reread->turn, 0);
    else if (r == SOURCE_WAIT)
        loop_arm(reread->turn, COMING);
    else if (reread->learner)
        judge(daemon);
    else
        finish(daemon);
}

bool reread_consider(struct daemon *daemon)
{
    struct reread *reread = &daemon->reread;

    if (!reread->turn && !(reread->turn = evtimer_new(loop_base(daemon->loop), on_turn, daemon)))
        return false;
    reread_drop(daemon);
    reread->gave_up = false;
    arrange(daemon);
    return true;
}

void reread_done(struct daemon *daemon)
{
    close_all(&daemon->reread);
    if (daemon->reread.turn)
        event_free(daemon->reread.turn);
    daemon->reread.turn = NULL;
}
