/* SPDX-License-Identifier: MIT */
/*
 * The loop calls read_on when the source's descriptor is readable, when its deadline passes, or
 * when the last call left something unread. A call handles BUDGET lines at most, so signals,
 * clients and timers get their turn every few milliseconds, whatever the backlog.
 */
#include "service/log_reader.h"

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "parse/syslog_json.h"
#include "service/alerting.h"
#include "service/checkpoint.h"
#include "service/postfix_watch.h"
#include "service/status_line.h"
#include "source/feed.h"
#include "source/source_file.h"
#include "source/source_journal.h"

enum { BUDGET = 2000 }; /* lines in one turn: a few milliseconds */

/* After a switch of sources the new one holds lines that were counted from the old one. Until it
 * has caught up, feeds only later lines. A line without a date goes with the line before it. */
static void feed_uncounted(struct daemon *daemon, const struct source_lines *all)
{
    struct syslog_clock clock = {.reference = all->written, .zone = clock_local_zone};
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
            feed_lines(daemon->runtime.pipeline, &lines);
            lines.len = 0;
        }
    }
}

/* The first second that the old source may not have delivered in full. If it has been silent since,
 * that is the second after its last line's; else it is that very second, and a line of it may count
 * twice. After a restart only the wall clock can tell, and lines between the last one and the end
 * of its second are lost. */
static uint32_t counted_up_to(const struct daemon *daemon)
{
    uint32_t last_s = daemon->runtime.pipeline->now_s;
    bool over = daemon->read_mono ? clock_mono() - daemon->read_mono > US_PER_S
                                  : clock_wall() > (last_s + (wall_us)2) * US_PER_S;

    return last_s ? last_s + over : 0;
}

static void count_read(struct daemon *daemon, uint64_t before)
{
    daemon->runtime.lines_per_minute[daemon->runtime.now / (60 * US_PER_S) % 60] +=
        daemon->runtime.pipeline->counters.lines - before;
    daemon->runtime.read_at = daemon->runtime.now;
}

static void take_lines(void *ctx, const struct source_lines *lines)
{
    struct daemon *daemon = ctx;
    uint64_t before = daemon->runtime.pipeline->counters.lines;

    if (daemon->skip_before_s)
        feed_uncounted(daemon, lines);
    else
        feed_lines(daemon->runtime.pipeline, lines);
    count_read(daemon, before);
}

static void take_entry(void *ctx, const struct source_entry *entry)
{
    struct daemon *daemon = ctx;
    uint64_t before = daemon->runtime.pipeline->counters.lines;

    if (entry->when < daemon->skip_before_s * US_PER_S)
        return;
    feed_entry(daemon->runtime.pipeline, entry);
    count_read(daemon, before);
}

static bool is_loss(enum source_note note)
{
    return note == SOURCE_NOTE_GAP || note == SOURCE_NOTE_SUPPRESSED || note == SOURCE_NOTE_LOSSY ||
           note == SOURCE_NOTE_BEYOND;
}

static void take_note(void *ctx, enum source_note note, const char *text)
{
    struct daemon *daemon = ctx;

    trace_say(&daemon->trace, TRACE_SOURCE, "%s: %s", source_note_name(note), text);
    if (is_loss(note))
        site_warn(daemon->setup.site, "log-lines-lost", "Log lines were lost: %s", text);
    if (is_loss(note) || note == SOURCE_NOTE_UNREADABLE || note == SOURCE_NOTE_WAITING ||
        note == SOURCE_NOTE_POLLING)
        log_warning("%s: %s", source_note_name(note), text);
    else
        log_info("%s: %s", source_note_name(note), text);
}

/* Clears each minute's slot of the ring when that minute begins. */
static void count_minute(struct runtime *runtime, wall_us now)
{
    int64_t was = runtime->now / (60 * US_PER_S), is = now / (60 * US_PER_S);

    for (int64_t minute = was + 1; minute <= is && minute <= was + 60; minute++)
        runtime->lines_per_minute[minute % 60] = 0;
    runtime->now = now;
}

/* Event time now: that of the last line plus the time elapsed since. A log that is written late or
 * replayed thus keeps its own time. */
static wall_us log_time(const struct daemon *daemon)
{
    return daemon->runtime.pipeline->now_s * US_PER_S + (clock_mono() - daemon->read_mono);
}

static void arm_tick(struct daemon *daemon)
{
    wall_us next = pipeline_next_tick(daemon->runtime.pipeline), now = log_time(daemon);

    if (next == WHEN_UNKNOWN)
        evtimer_del(daemon->tick);
    else
        loop_arm(daemon->tick, next > now ? next - now : 0);
}

/* After something changed: the next tick may be due at another time, and there is more to save. */
static void touch(struct daemon *daemon)
{
    arm_tick(daemon);
    checkpoint_soon(daemon);
    status_line_update(daemon);
}

static void read_on(struct daemon *daemon);

static void on_read(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    read_on(ctx);
}

/* One turn of reading: lines, then whatever follows from them (alerts, warnings, timers, a save
 * that had to wait). */
static void read_on(struct daemon *daemon)
{
    int64_t mono = clock_mono();
    uint64_t before = daemon->runtime.pipeline->counters.lines;

    count_minute(&daemon->runtime, clock_wall());
    daemon->in_source = true;
    int r = source_run(daemon->runtime.source, mono, BUDGET);
    daemon->in_source = false;
    if (r < 0) {
        log_error("the source can't be read any more: %s", strerror(-r));
        daemon->status = EXIT_CANNOT;
        loop_stop(daemon->loop);
        return;
    }
    postfix_watch_lines(daemon);
    if (r == SOURCE_MORE) {
        /* A timer rather than event_active: the loop polls everything else before a timer. */
        loop_arm(daemon->again, 0);
    } else {
        int64_t deadline = source_deadline_us(daemon->runtime.source);
        if (daemon->runtime.catching_up) {
            alerting_caught_up(daemon);
            touch(daemon);
        }
        if (deadline != INT64_MAX)
            loop_arm(daemon->deadline, deadline - mono);
    }
    if (daemon->runtime.pipeline->counters.lines != before) {
        daemon->read_mono = mono;
        alerting_warnings(daemon);
        touch(daemon);
    }
    if (daemon->save_wanted)
        checkpoint_now(daemon);
}

void log_reader_refresh(struct daemon *daemon)
{
    count_minute(&daemon->runtime, clock_wall());
    detector_group(&daemon->runtime.pipeline->detector, daemon->runtime.pipeline->now_s);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;

    (void)fd;
    (void)what;
    count_minute(&daemon->runtime, clock_wall());
    /* Event time must not pass lines that are written but not read yet. */
    if (daemon->runtime.catching_up) {
        loop_arm(daemon->tick, US_PER_S);
        return;
    }
    uint32_t before_s = daemon->runtime.pipeline->now_s;
    pipeline_tick(daemon->runtime.pipeline, log_time(daemon));
    /* Event time has whole seconds: advance by those, and leave the remainder for the next tick. */
    daemon->read_mono += (daemon->runtime.pipeline->now_s - before_s) * US_PER_S;
    arm_tick(daemon);
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

/* Where to start without a position: where the previous source was left, or `backfill` ago. */
static wall_us since(const struct daemon *daemon)
{
    uint32_t last_s = daemon->runtime.pipeline->now_s;

    return last_s ? last_s * US_PER_S : clock_wall() - daemon->setup.settings.source.backfill;
}

/* Opens the source where it was left, if there is a position. */
static int open_source(struct daemon *daemon, const char *position)
{
    const struct settings *settings = &daemon->setup.settings;
    bool goes_on = daemon->runtime.pipeline->now_s != 0;
    struct source_options options = {
        .sink = {.lines = take_lines, .entry = take_entry, .note = take_note, .ctx = daemon},
        .position = position,
        .start = goes_on || settings->source.backfill ? SOURCE_SINCE : SOURCE_END,
        .since = since(daemon),
    };
    struct source_journal_options journal = {
        .directory = settings->source.journal_directory,
        .name_space = settings->source.journal_namespace,
        .check_sender = settings->source.journal_check_sender,
    };

    if (daemon->source_choice.type == SOURCE_JOURNAL)
        return source_open_journal(&journal, &options, clock_mono(), &daemon->runtime.source);
    return source_open_files(daemon->source_choice.files, settings->source.rotated, &options,
                             clock_mono(), &daemon->runtime.source);
}

static bool make_readable(struct daemon *daemon)
{
    int fd = source_fd(daemon->runtime.source);

    if (fd < 0)
        return true;
    daemon->readable =
        event_new(loop_base(daemon->loop), fd, EV_READ | EV_PERSIST, on_read, daemon);
    return daemon->readable && event_add(daemon->readable, NULL) == 0;
}

/* Opens the source and arms its events. Reading itself starts on the next turn of the loop. */
bool log_reader_start(struct daemon *daemon, const char *position)
{
    if (!position)
        position = checkpoint_position(daemon);
    int r = open_source(daemon, position);
    if (r == 0 && (!make_timers(daemon) || !make_readable(daemon)))
        r = -ENOMEM;
    if (r < 0) {
        log_error("%s can't be followed: %s", daemon->source_choice.text, strerror(-r));
        return false;
    }
    daemon->skip_before_s = source_resumed(daemon->runtime.source) ? 0 : counted_up_to(daemon);
    trace_say(&daemon->trace, TRACE_SOURCE, "%s: from %s", daemon->source_choice.text,
              position ? position : "where the settings say");
    log_info("following %s (%s)", daemon->source_choice.text, daemon->source_choice.why);
    if (daemon->source_choice.warning)
        log_warning("%s", daemon->source_choice.warning);
    daemon->runtime.source_text = daemon->source_choice.text;
    daemon->runtime.source_why = daemon->source_choice.why;
    daemon->runtime.source_files =
        daemon->source_choice.type == SOURCE_FILE ? daemon->source_choice.files : NULL;
    daemon->runtime.catching_up = true;
    daemon->postfix.restarts = daemon->runtime.pipeline->counters.postfix_restarts;
    daemon->read_mono = clock_mono();
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
    source_close(daemon->runtime.source);
    daemon->runtime.source = NULL;
}
