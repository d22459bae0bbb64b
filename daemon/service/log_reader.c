/* SPDX-License-Identifier: MIT */
/* The running source: when it is read, and what follows from that for the timers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "service/daemon.h"
#include "source/feed.h"
#include "common/log.h"
#include "parse/syslog_json.h"

enum { BUDGET = 2000 }; /* lines in one turn: a few milliseconds */

/* After a switch of sources the new one holds what the old one told already. Until it is caught up,
 * only what comes after counts. A line without a date goes with the one before it. */
static void feed_new(struct daemon *daemon, const struct source_lines *all)
{
    struct syslog_clock clock = {.reference = all->written, .zone = local_zone};
    struct source_lines lines = *all;
    const char *end = all->data + all->len, *next;
    struct syslog_header header;
    char plain[LOG_LINE_MAX];
    bool known = true;

    lines.len = 0;
    for (const char *at = all->data; at < end; at = next) {
        next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        struct span line = span_of(at, (size_t)(next - 1 - at));
        line = syslog_json_unwrap(line, plain, sizeof(plain));
        if (syslog_header_parse(&clock, line, &header))
            known = header.when < daemon->skip_before_s * US_PER_S;
        if (!known && lines.len == 0)
            lines.data = at;
        if (!known)
            lines.len += (size_t)(next - at);
        if (lines.len && (known || next == end)) {
            feed_lines(daemon->live.pipeline, &lines);
            lines.len = 0;
        }
    }
}

/* The first second of which the old source may not have told all: the one after its last line's,
 * where it has been silent since; else that one, and a line of it may count twice. After a restart
 * the clock has to do: what came between the last line and the end of its second is then lost. */
static uint32_t told_up_to(const struct daemon *daemon)
{
    uint32_t last_s = daemon->live.pipeline->now_s;
    bool over = daemon->read_mono ? loop_mono() - daemon->read_mono > US_PER_S
                                  : loop_wall() > (last_s + (wall_us)2) * US_PER_S;

    return last_s ? last_s + over : 0;
}

static void count_read(struct daemon *daemon, uint64_t before)
{
    daemon->live.lines_per_minute[daemon->live.now / (60 * US_PER_S) % 60] +=
        daemon->live.pipeline->counters.lines - before;
    daemon->live.read_at = daemon->live.now;
}

static void take_lines(void *ctx, const struct source_lines *lines)
{
    struct daemon *daemon = ctx;
    uint64_t before = daemon->live.pipeline->counters.lines;

    if (daemon->skip_before_s)
        feed_new(daemon, lines);
    else
        feed_lines(daemon->live.pipeline, lines);
    count_read(daemon, before);
}

static void take_entry(void *ctx, const struct source_entry *entry)
{
    struct daemon *daemon = ctx;
    uint64_t before = daemon->live.pipeline->counters.lines;

    if (entry->when < daemon->skip_before_s * US_PER_S)
        return;
    feed_entry(daemon->live.pipeline, entry);
    count_read(daemon, before);
}

static bool is_loss(enum source_note note)
{
    return note == SOURCE_NOTE_GAP || note == SOURCE_NOTE_SUPPRESSED || note == SOURCE_NOTE_LOSSY;
}

static void take_note(void *ctx, enum source_note note, const char *text)
{
    struct daemon *daemon = ctx;

    trace_say(&daemon->trace, TRACE_SOURCE, "%s: %s", source_note_name(note), text);
    if (is_loss(note))
        site_warn(daemon->setup.site, "log-lines-lost", "Log lines are lost: %s", text);
    if (is_loss(note) || note == SOURCE_NOTE_UNREADABLE || note == SOURCE_NOTE_WAITING ||
        note == SOURCE_NOTE_POLLING)
        log_warning("%s: %s", source_note_name(note), text);
    else
        log_info("%s: %s", source_note_name(note), text);
}

static void read_on(struct daemon *daemon);

static void on_read(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    read_on(ctx);
}

static void read_on(struct daemon *daemon)
{
    int64_t mono = loop_mono();
    uint64_t before = daemon->live.pipeline->counters.lines;

    progress_count_minute(&daemon->live, loop_wall());
    daemon->in_source = true;
    int r = source_run(daemon->live.source, mono, BUDGET);
    daemon->in_source = false;
    if (r < 0) {
        log_error("the source can't be read any more: %s", strerror(-r));
        daemon->status = EXIT_CANNOT;
        loop_stop(daemon->loop);
        return;
    }
    if (r == SOURCE_MORE) {
        /* A timer, not event_active: the loop polls everything else before it. */
        loop_arm(daemon->again, 0);
    } else {
        int64_t deadline = source_deadline_us(daemon->live.source);
        if (daemon->live.catching_up)
            alerting_caught_up(daemon);
        if (deadline != INT64_MAX)
            loop_arm(daemon->deadline, deadline - mono);
    }
    if (daemon->live.pipeline->counters.lines != before) {
        daemon->read_mono = mono;
        alerting_warnings(daemon);
        checkpoint_changed(daemon);
    }
    if (daemon->save_wanted)
        checkpoint_now(daemon);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;

    (void)fd;
    (void)what;
    progress_count_minute(&daemon->live, loop_wall());
    /* What was written before now must be read before time goes on without it. */
    if (daemon->live.catching_up) {
        loop_arm(daemon->tick, US_PER_S);
        return;
    }
    uint32_t before_s = daemon->live.pipeline->now_s;
    pipeline_tick(daemon->live.pipeline, progress_log_time(daemon));
    /* Whole seconds only: the log's time is known to these, and the rest must not get lost. */
    daemon->read_mono += (daemon->live.pipeline->now_s - before_s) * US_PER_S;
    progress_arm_tick(daemon);
    checkpoint_soon(daemon);
}

static bool make_timers(struct daemon *daemon)
{
    struct event_base *base = loop_base(daemon->loop);

    if (daemon->tick)
        return true;
    daemon->deadline = evtimer_new(base, on_read, daemon);
    daemon->again = evtimer_new(base, on_read, daemon);
    daemon->tick = evtimer_new(base, on_tick, daemon);
    return daemon->deadline && daemon->again && daemon->tick;
}

/* Where another source was followed last, this one begins where that one was left. */
static wall_us since(const struct daemon *daemon)
{
    uint32_t last_s = daemon->live.pipeline->now_s;

    return last_s ? last_s * US_PER_S : loop_wall() - daemon->setup.settings.source.backfill;
}

/* Opens the source where it was left, if the place says so. */
static int open_source(struct daemon *daemon, const char *place)
{
    const struct settings *settings = &daemon->setup.settings;
    bool goes_on = daemon->live.pipeline->now_s != 0;
    struct source_options options = {
        .sink = {.lines = take_lines, .entry = take_entry, .note = take_note, .ctx = daemon},
        .place = place,
        .start = goes_on || settings->source.backfill ? SOURCE_SINCE : SOURCE_END,
        .since = since(daemon),
    };
    struct source_journal_options journal = {
        .directory = settings->source.journal_directory,
        .name_space = settings->source.journal_namespace,
        .check_sender = settings->source.journal_check_sender,
    };

    if (daemon->source_choice.type == SOURCE_JOURNAL)
        return source_open_journal(&journal, &options, loop_mono(), &daemon->live.source);
    return source_open_files(daemon->source_choice.files, settings->source.rotated, &options,
                             loop_mono(), &daemon->live.source);
}

static bool make_readable(struct daemon *daemon)
{
    int fd = source_fd(daemon->live.source);

    if (fd < 0)
        return true;
    daemon->readable =
        event_new(loop_base(daemon->loop), fd, EV_READ | EV_PERSIST, on_read, daemon);
    return daemon->readable && event_add(daemon->readable, NULL) == 0;
}

bool log_reader_start(struct daemon *daemon, const char *place)
{
    uint32_t at_s = 0;

    if (!place && daemon->state) {
        place = state_position(daemon->state, progress_source_id(daemon), &at_s);
        /* A place from before another source was followed would count everything since twice. */
        if (place && at_s < daemon->live.pipeline->now_s)
            place = NULL;
    }
    int r = open_source(daemon, place);
    if (r == 0 && (!make_timers(daemon) || !make_readable(daemon)))
        r = -ENOMEM;
    if (r < 0) {
        log_error("%s can't be followed: %s", daemon->source_choice.text, strerror(-r));
        return false;
    }
    daemon->skip_before_s = source_resumed(daemon->live.source) ? 0 : told_up_to(daemon);
    trace_say(&daemon->trace, TRACE_SOURCE, "%s: from %s", daemon->source_choice.text,
              place ? place : "where the settings say");
    log_info("following %s (%s)", daemon->source_choice.text, daemon->source_choice.why);
    if (daemon->source_choice.warning)
        log_warning("%s", daemon->source_choice.warning);
    daemon->live.source_text = daemon->source_choice.text;
    daemon->live.source_why = daemon->source_choice.why;
    daemon->live.source_files =
        daemon->source_choice.type == SOURCE_FILE ? daemon->source_choice.files : NULL;
    daemon->live.catching_up = true;
    daemon->read_mono = loop_mono();
    loop_arm(daemon->again, 0);
    return true;
}

void log_reader_stop(struct daemon *daemon)
{
    struct event **timers[] = {&daemon->readable, &daemon->deadline, &daemon->again, &daemon->tick};

    for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
        if (*timers[i])
            event_free(*timers[i]);
        *timers[i] = NULL;
    }
    source_close(daemon->live.source);
    daemon->live.source = NULL;
}
