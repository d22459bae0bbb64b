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
#include "engine/host_clocks.h"
#include "parse/syslog_unwrap.h"
#include "service/alerting.h"
#include "service/checkpoint.h"
#include "service/left_log.h"
#include "service/postfix_watch.h"
#include "service/sight.h"
#include "service/status_line.h"
#include "source/feed.h"
#include "source/source_kind.h"

enum { BUDGET = 2000 }; /* lines in one turn: a few milliseconds */

static bool was_counted(const struct daemon *daemon, struct span host, wall_us when)
{
    return daemon->counted_before_s ? when < daemon->counted_before_s * US_PER_S
                                    : pipeline_was_counted(daemon->runtime.pipeline, host, when);
}

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
        line = syslog_unwrap(line, plain, sizeof(plain));
        if (syslog_cut_see(&clock.open, line) == SYSLOG_CUT_WHOLE &&
            syslog_header_parse(&clock, line, &header))
            known = was_counted(daemon, header.host, header.when);
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

/* Whether the old source has delivered each host's last second in full. If it has been silent
 * since, it has; else a line of that second may count twice. After a restart only the wall clock
 * can tell, and lines between the last one and the end of its second are lost. */
static bool last_second_is_over(const struct daemon *daemon)
{
    uint32_t last_s = daemon->runtime.pipeline->now_s;

    return daemon->read_mono ? clock_mono() - daemon->read_mono > US_PER_S
                             : clock_wall() > (last_s + (wall_us)2) * US_PER_S;
}

/* before: the counters then. */
static void count_read(struct daemon *daemon, const struct pipeline_counters *before)
{
    const struct pipeline_counters *now = &daemon->runtime.pipeline->counters;

    runtime_count_lines(&daemon->runtime, now->lines - before->lines);
    daemon->runtime.read_at = daemon->runtime.now;
    if (now->postfix != before->postfix)
        daemon->runtime.postfix_at = daemon->runtime.now;
}

static void take_lines(void *ctx, const struct source_lines *lines)
{
    struct daemon *daemon = ctx;
    struct pipeline_counters before = daemon->runtime.pipeline->counters;

    if (daemon->skip_counted)
        feed_uncounted(daemon, lines);
    else
        feed_lines(daemon->runtime.pipeline, lines);
    count_read(daemon, &before);
}

static void take_entry(void *ctx, const struct source_entry *entry)
{
    struct daemon *daemon = ctx;
    struct pipeline_counters before = daemon->runtime.pipeline->counters;

    if (daemon->skip_counted && was_counted(daemon, entry->host, entry->when))
        return;
    feed_entry(daemon->runtime.pipeline, entry);
    count_read(daemon, &before);
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

/* Each host's event time goes on from its last line, by what passes on the monotonic clock: a log
 * that is written late or replayed keeps its own time. */
static void arm_tick(struct daemon *daemon)
{
    wall_us next = pipeline_next_tick(daemon->runtime.pipeline), now = clock_mono();

    if (next == WHEN_UNKNOWN)
        evtimer_del(daemon->tick);
    else
        loop_arm(daemon->tick, next > now ? next - now : 0);
    daemon->tick_soon = false;
}

/* Lines have moved some hosts' time. To ask each host at every turn would cost more than the lines:
 * the tick in a second does. */
static void tick_soon(struct daemon *daemon)
{
    if (!daemon->tick_soon)
        loop_arm(daemon->tick, US_PER_S);
    daemon->tick_soon = true;
}

/* After something changed: the next tick may be due at another time, and there is more to save. */
static void touch(struct daemon *daemon)
{
    tick_soon(daemon);
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

    runtime_set_now(&daemon->runtime, clock_wall());
    pipeline_clock(daemon->runtime.pipeline, mono);
    daemon->in_source = true;
    int r = left_log_run(daemon, mono, BUDGET); /* the older lines first */
    if (r == SOURCE_IDLE)
        r = source_run(daemon->runtime.source, mono, BUDGET);
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
        int64_t left = left_log_deadline_us(daemon);
        deadline = left < deadline ? left : deadline;
        if (daemon->runtime.catching_up && r == SOURCE_IDLE) {
            alerting_caught_up(daemon);
            touch(daemon);
        }
        if (deadline != INT64_MAX)
            loop_arm(daemon->deadline, deadline - mono);
        sight_look_soon(daemon);
    }
    if (daemon->runtime.pipeline->counters.lines != before) {
        daemon->read_mono = mono;
        alerting_warnings(daemon);
        touch(daemon);
    }
    if (daemon->save_wanted)
        checkpoint_now(daemon);
}

void log_reader_turn(struct daemon *daemon)
{
    read_on(daemon);
}

void log_reader_refresh(struct daemon *daemon)
{
    runtime_set_now(&daemon->runtime, clock_wall());
    detector_group(&daemon->runtime.pipeline->detector);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;

    (void)fd;
    (void)what;
    runtime_set_now(&daemon->runtime, clock_wall());
    /* Event time must not pass lines that are written but not read yet. */
    if (daemon->runtime.catching_up) {
        host_clocks_compare(daemon->runtime.pipeline, WHEN_UNKNOWN);
        loop_arm(daemon->tick, US_PER_S);
        return;
    }
    pipeline_tick(daemon->runtime.pipeline, clock_mono());
    host_clocks_compare(daemon->runtime.pipeline, clock_wall());
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
    const struct pipeline *p = daemon->runtime.pipeline;

    return p->now_s ? pipeline_earliest(p, clock_wall()) * US_PER_S
                    : clock_wall() - daemon->setup.settings.source.backfill;
}

int log_reader_open(const struct daemon *daemon, const struct source_options *options,
                    struct source **ret)
{
    return source_open_log(&daemon->setup.settings, daemon->source_choice.files, options,
                           clock_mono(), ret);
}

static struct source_sink sink_of(struct daemon *daemon)
{
    return (struct source_sink){
        .lines = take_lines, .entry = take_entry, .note = take_note, .ctx = daemon};
}

/* Opens a log where it was left, if there is a position. */
static int open_source(struct daemon *daemon, const char *files, const char *position,
                       uint32_t since_s, struct source **ret)
{
    const struct settings *settings = &daemon->setup.settings;
    bool goes_on = daemon->runtime.pipeline->now_s != 0;
    struct source_options options = {
        .sink = sink_of(daemon),
        .position = position,
        .start = goes_on || settings->source.backfill ? SOURCE_SINCE : SOURCE_END,
        .since = since_s ? since_s * US_PER_S : since(daemon),
    };

    return source_open_log(settings, files, &options, clock_mono(), ret);
}

static bool make_readable(struct daemon *daemon, const struct source *source, struct event **ret)
{
    int fd = source_fd(source);

    if (fd < 0)
        return true;
    *ret = event_new(loop_base(daemon->loop), fd, EV_READ | EV_PERSIST, on_read, daemon);
    return *ret && event_add(*ret, NULL) == 0;
}

static void show_source(struct daemon *daemon)
{
    const struct source_choice *choice = &daemon->source_choice;

    log_info("following %s (%s)", choice->text, choice->why);
    if (choice->warning)
        log_warning("%s", choice->warning);
    daemon->runtime.source_text = choice->text;
    daemon->runtime.source_why = choice->why;
    daemon->runtime.source_files = choice->type == SOURCE_FILE ? choice->files : NULL;
    daemon->runtime.source_is_kafka = choice->type == SOURCE_KAFKA;
}

/* Opens the source and arms its events. Reading itself starts on the next turn of the loop.
 * since_s: Postfix has gone there from another log, after this; 0: it has not. */
static bool start(struct daemon *daemon, const char *position, uint32_t since_s)
{
    int r = open_source(daemon, daemon->source_choice.files, position, since_s,
                        &daemon->runtime.source);

    if (r == 0 &&
        (!make_timers(daemon) || !make_readable(daemon, daemon->runtime.source, &daemon->readable)))
        r = -ENOMEM;
    if (r < 0) {
        log_error("%s can't be followed: %s", daemon->source_choice.text, strerror(-r));
        return false;
    }
    daemon->counted_before_s = since_s;
    daemon->skip_counted = since_s || (!source_resumed(daemon->runtime.source) &&
                                       daemon->runtime.pipeline->now_s != 0);
    if (daemon->skip_counted && !since_s)
        pipeline_mark_counted(daemon->runtime.pipeline, last_second_is_over(daemon));
    trace_say(&daemon->trace, TRACE_SOURCE, "%s: from %s", daemon->source_choice.text,
              position ? position : "where the settings say");
    show_source(daemon);
    daemon->runtime.catching_up = true;
    daemon->postfix.restarts = daemon->runtime.pipeline->counters.postfix_restarts;
    daemon->read_mono = clock_mono();
    loop_arm(daemon->again, 0);
    return true;
}

bool log_reader_start(struct daemon *daemon, const char *position)
{
    return start(daemon, position ? position : checkpoint_position(daemon), 0);
}

static void resume_one(struct daemon *daemon, const char *id, const char *position)
{
    char *files = source_position_files(position);
    struct source *source = NULL;
    struct event *readable = NULL;

    if (files && open_source(daemon, files, position, 0, &source) == 0) {
        make_readable(daemon, source, &readable);
        left_log_keep(daemon, id, source, readable);
    }
    free(files);
}

/* Opens the logs that Postfix left before we were stopped, or while we were; false if there is
 * none. */
static bool resume_left(struct daemon *daemon, uint32_t now_s)
{
    const char *id = daemon->source_choice.id, *other, *position;
    bool any = false;

    for (uint32_t at = 0; (position = state_next_position(daemon->state, &at, now_s, &other));) {
        if (strcmp(other, id) == 0 || strcmp(other, "files") == 0 || strcmp(other, "kafka") == 0 ||
            !(source_id_is_own(id) || source_id_is_own(other)))
            continue;
        resume_one(daemon, other, position);
        any = true;
    }
    return any;
}

/* A log that Postfix writes itself is no copy of another one, nor has it one. So if Postfix went
 * there, or left it, nothing of the new one is counted but what was read of it before, and nothing
 * of the old one counts twice. */
bool log_reader_resume(struct daemon *daemon)
{
    uint32_t now_s = daemon->runtime.pipeline->now_s;
    bool moved = daemon->state && now_s && resume_left(daemon, now_s);
    const char *position = checkpoint_position(daemon);

    if (!moved || position)
        return start(daemon, position, 0);
    return start(daemon, state_position(daemon->state, daemon->source_choice.id, NULL),
                 now_s - LEFT_LOG_S);
}

bool log_reader_move(struct daemon *daemon, const struct source_choice *choice)
{
    char *position = left_log_position(daemon, choice->id);

    left_log_drop(daemon, choice->id);
    left_log_keep(daemon, daemon->source_choice.id, daemon->runtime.source, daemon->readable);
    daemon->runtime.source = NULL;
    daemon->readable = NULL;
    source_choice_done(&daemon->source_choice);
    daemon->source_choice = *choice;
    bool ok = start(daemon, position, daemon->postfix.before_s);
    free(position);
    if (ok)
        checkpoint_now(daemon); /* else who is killed now would not know of the old log */
    return ok;
}

bool log_reader_change(struct daemon *daemon, struct source *source)
{
    struct source_sink sink = sink_of(daemon);

    if (daemon->readable)
        event_free(daemon->readable);
    daemon->readable = NULL;
    source_close(daemon->runtime.source);
    daemon->runtime.source = source;
    source_set_sink(source, &sink);
    loop_arm(daemon->again, 0);
    arm_tick(daemon);
    return make_readable(daemon, source, &daemon->readable);
}

void log_reader_stop(struct daemon *daemon)
{
    struct event **timers[] = {&daemon->readable, &daemon->deadline, &daemon->again, &daemon->tick};

    for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
        if (*timers[i])
            event_free(*timers[i]);
        *timers[i] = NULL;
    }
    daemon->tick_soon = false;
    source_close(daemon->runtime.source);
    daemon->runtime.source = NULL;
    left_log_close(daemon);
}
