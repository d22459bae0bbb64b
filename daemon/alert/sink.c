/* SPDX-License-Identifier: MIT */
/*
 * A datagram goes out at once or joins a queue of unsent ones, which a timer retries. A new alert
 * never overtakes the queue: the order on the other side is the order in which incidents happened.
 * Errors that time cannot cure (too long, refused) drop the datagram instead, or it would block the
 * queue for ever.
 */
#include "alert/sink.h"

#include <errno.h>

#include "common/clock.h"
#include "common/host_name.h"
#include "common/log.h"
#include "common/message_ids.h"
#include "alert/alert_queue.h"
#include "alert/sink_command.h"
#include "alert/sink_fields.h"
#include "report/incident_json.h"
#include "report/incident_line.h"
#include "show/print.h"

struct sinks {
    struct log_socket log_socket;
    const struct log_socket_paths *paths;
    bool journal; /* the settings prefer the journal */
    struct command_sink *command;
    struct sinks_counters counters;
    struct alert_queue waiting;
    struct told *told;
    struct event *retry;
    bool logged_waiting;     /* that alerts wait */
    uint64_t logged_dropped; /* counters.dropped when that was last logged */
};

static void on_retry(evutil_socket_t fd, short what, void *ctx);

struct sinks *sinks_new_at(struct event_base *base, const struct settings *settings,
                           const struct log_socket_paths *paths)
{
    struct sinks *sinks = calloc(1, sizeof(*sinks));

    if (!sinks)
        return NULL;
    sinks->paths = paths;
    sinks->journal = settings->alert.journal;
    log_socket_open(&sinks->log_socket, paths, sinks->journal);
    sinks->command = command_sink_new(base, settings, &sinks->counters);
    sinks->retry = evtimer_new(base, on_retry, sinks);
    if (alert_queue_init(&sinks->waiting, ALERTS_WAITING) && sinks->command && sinks->retry)
        return sinks;
    sinks_free(sinks);
    return NULL;
}

struct sinks *sinks_new(struct event_base *base, const struct settings *settings)
{
    return sinks_new_at(base, settings, &log_socket_system);
}

const struct sinks_counters *sinks_counters(const struct sinks *sinks)
{
    return &sinks->counters;
}

const char *sinks_destination(const struct sinks *sinks)
{
    static const char *const names[] = {"standard error", "the journal", "syslog"};

    return names[sinks->log_socket.type];
}

/* --- sending ---------------------------------------------------------------------------------- */

static void enqueue(struct sinks *sinks, enum alert_rank rank, struct buf *datagram,
                    const struct told_mark *mark)
{
    struct alert_item item = {.len = datagram->len, .rank = rank, .mark = *mark};

    item.bytes = buf_take(datagram);
    told_wait(sinks->told, mark);
    sinks->counters.dropped += !alert_queue_push(&sinks->waiting, &item);
}

/* Errors that may pass with time: the other side is full, restarting or not up yet. */
static bool is_temporary(int r)
{
    return r == -EAGAIN || r == -ENOENT || r == -ECONNREFUSED || r == -EPIPE || r == -ECONNRESET ||
           r == -ENOTCONN;
}

static void arm_retry(struct sinks *sinks, int r)
{
    static const struct timeval soon = {0, 50 * 1000}, later = {1, 0};

    if (!sinks->logged_waiting && r != -EAGAIN)
        log_warning("%s can't be reached (%s): alerts wait", sinks_destination(sinks),
                    strerror(-r));
    sinks->logged_waiting |= r != -EAGAIN;
    event_add(sinks->retry, r == -EAGAIN ? &soon : &later);
}

static void record_result(struct sinks *sinks, int r)
{
    if (r == 0) {
        sinks->counters.sent++;
        sinks->logged_waiting = false;
        return;
    }
    sinks->counters.failed++;
    log_error("an alert was refused by %s: %s", sinks_destination(sinks), strerror(-r));
}

static int send_bytes(struct sinks *sinks, struct span bytes, const struct told_mark *mark)
{
    told_begin(sinks->told, mark);
    int r = log_socket_send(&sinks->log_socket, bytes);
    if (r < 0)
        told_undo(sinks->told, mark);
    else
        told_end(sinks->told, mark);
    return r;
}

/* Sends the queue, oldest first, until one fails. 0 if nothing is left. */
static int send_waiting(struct sinks *sinks)
{
    const struct alert_item *w;

    while ((w = alert_queue_first(&sinks->waiting))) {
        int r = w->bytes ? send_bytes(sinks, span_of(w->bytes, w->len), &w->mark) : -ENOMEM;
        if (is_temporary(r))
            return r;
        record_result(sinks, r);
        alert_queue_pop(&sinks->waiting);
    }
    if (sinks->counters.dropped > sinks->logged_dropped) {
        log_error("%llu alerts were dropped: %s accepted none for too long",
                  (unsigned long long)(sinks->counters.dropped - sinks->logged_dropped),
                  sinks_destination(sinks));
        sinks->logged_dropped = sinks->counters.dropped;
    }
    return 0;
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
    struct sinks *sinks = ctx;
    int r = send_waiting(sinks);

    (void)fd;
    (void)what;
    if (r < 0)
        arm_retry(sinks, r);
}

/* Takes ownership of the datagram. */
static void deliver(struct sinks *sinks, enum alert_rank rank, struct buf *datagram,
                    const struct told_mark *mark)
{
    if (told_before(sinks->told, mark)) {
        buf_done(datagram);
        return;
    }
    if (datagram->failed) {
        sinks->counters.failed++;
        log_error("an alert could not be built: too long, or memory is short");
        buf_done(datagram);
        return;
    }
    int r = send_waiting(sinks);
    if (r == 0)
        r = send_bytes(sinks, buf_span(datagram), mark);
    if (is_temporary(r)) {
        enqueue(sinks, rank, datagram, mark);
        arm_retry(sinks, r);
    } else {
        record_result(sinks, r);
    }
    buf_done(datagram);
}

void sinks_set(struct sinks *sinks, const struct settings *settings)
{
    command_sink_set(sinks->command, settings);
    if (settings->alert.journal == sinks->journal)
        return;
    /* Queued datagrams are in the old destination's format; the new one would not understand
     * them. */
    (void)send_waiting(sinks);
    sinks->counters.dropped += sinks->waiting.count;
    while (sinks->waiting.count)
        alert_queue_pop(&sinks->waiting);
    sinks->journal = settings->alert.journal;
    log_socket_done(&sinks->log_socket);
    log_socket_open(&sinks->log_socket, sinks->paths, sinks->journal);
}

void sinks_free(struct sinks *sinks)
{
    if (!sinks)
        return;
    if (send_waiting(sinks) < 0)
        log_error("%u alerts are lost: %s accepts none", sinks->waiting.count,
                  sinks_destination(sinks));
    alert_queue_done(&sinks->waiting);
    if (sinks->retry)
        event_free(sinks->retry);
    command_sink_free(sinks->command);
    log_socket_done(&sinks->log_socket);
    free(sinks);
}

/* --- what is sent ----------------------------------------------------------------------------- */

/* If somebody runs the daemon in a terminal, show the alert there too. */
static void show(const struct sinks *sinks, const char *line)
{
    if (sinks->log_socket.type != LOG_SOCKET_STDERR && log_socket_stderr_is_terminal())
        fprintf(stderr, "%s\n", line);
}

static char *alert_json(enum incident_event event, const struct incident_view *view)
{
    json_t *object = incident_json(view);

    json_object_set_new(object, "event", json_string(incident_event_name(event)));
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    return text;
}

static enum alert_rank rank_of(enum incident_event event)
{
    return event == INCIDENT_RAISED || event == INCIDENT_REOPENED ? ALERT_BEGIN
           : event == INCIDENT_UPDATED                            ? ALERT_UPDATE
                                                                  : ALERT_END;
}

/* Each destination has a memory of its own: one may get what the other has not. */
static struct told_mark mark_of_command(const struct told_mark *mark)
{
    struct told_mark of_command = *mark;

    of_command.kind += ALERT_MARKS;
    return of_command;
}

bool sinks_waited(const struct sinks *sinks, const struct told_mark *mark)
{
    struct told_mark of_command = mark_of_command(mark);

    return told_waited(sinks->told, mark) || told_waited(sinks->told, &of_command);
}

void sinks_alert(struct sinks *sinks, enum incident_event event, const struct incident_view *view,
                 const struct told_mark *mark)
{
    struct told_mark of_command = mark_of_command(mark);
    char *line = incident_line(view, event), *json = alert_json(event, view);
    const struct incident *incident = view->incident;
    struct buf datagram = {.failed = true};

    if (line) {
        log_socket_begin(&sinks->log_socket, &datagram, alert_priority(view->severity, event),
                         span_str(line));
        alert_fields(&sinks->log_socket, &datagram, event, view, json);
        show(sinks, line);
    }
    deliver(sinks, rank_of(event), &datagram, mark);
    if (json)
        command_sink_run(sinks->command, rank_of(event), incident_event_name(event), incident->id,
                         kind_name(incident->kind), json, &of_command);
    free(line);
    free(json);
}

/* Its code stands for an id: there is one warning of a code at a time, and no incident's id looks
 * like one. */
static void run_warning(struct sinks *sinks, enum alert_rank rank, const char *event,
                        const struct site_warning *warning, const struct told_mark *mark)
{
    struct told_mark of_command = mark_of_command(mark);
    json_t *object = warning_to_json(warning);

    json_object_set_new(object, "event", json_string(event));
    char *json = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    if (json)
        command_sink_run(sinks->command, rank, event, warning->code, "site-warning", json,
                         &of_command);
    free(json);
}

void sinks_warning(struct sinks *sinks, const struct site_warning *warning, bool over,
                   const struct told_mark *mark)
{
    const char *event = over ? "warning-over" : "warning";
    enum alert_rank rank = over ? ALERT_END : ALERT_BEGIN;
    struct buf line = buf_new(2 * SITE_WARNING_TEXT_MAX), datagram;
    char text[SITE_WARNING_TEXT_MAX];

    snprintf(text, sizeof(text), "%s", warning->text);
    make_printable(text); /* it may have file names, and what strangers write */
    buf_printf(&line, "site-warning code=%s text=\"", warning->code);
    for (const char *c = text; *c; c++)
        buf_printf(&line, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
    buf_add_str(&line, "\"");
    log_socket_begin(&sinks->log_socket, &datagram, over ? LOG_NOTICE : LOG_WARNING,
                     buf_span(&line));
    log_socket_field(&sinks->log_socket, &datagram, "MESSAGE_ID",
                     span_str(message_id_text(MESSAGE_ID_SITE_WARNING)));
    log_socket_field(&sinks->log_socket, &datagram, "RELAYWATCH_EVENT", span_str(event));
    log_socket_field(&sinks->log_socket, &datagram, "RELAYWATCH_WARNING", span_str(warning->code));
    log_socket_field(&sinks->log_socket, &datagram, "RELAYWATCH_TEXT", span_str(text));
    if (!line.failed)
        show(sinks, line.at);
    buf_done(&line);
    deliver(sinks, rank, &datagram, mark);
    run_warning(sinks, rank, event, warning, mark);
}

/* As urgent as an attack, so that what chooses by priority is tested too. */
static int test_log(struct sinks *sinks, const char *text)
{
    struct buf line = buf_new(SITE_WARNING_TEXT_MAX), datagram;

    buf_printf(&line, "test-alert text=\"%s\"", text);
    log_socket_begin(&sinks->log_socket, &datagram, LOG_ALERT, buf_span(&line));
    log_socket_field(&sinks->log_socket, &datagram, "MESSAGE_ID",
                     span_str(message_id_text(MESSAGE_ID_TEST)));
    log_socket_field(&sinks->log_socket, &datagram, "RELAYWATCH_EVENT", SPAN("test"));
    log_socket_field(&sinks->log_socket, &datagram, "RELAYWATCH_TEXT", span_str(text));
    if (!line.failed)
        show(sinks, line.at);
    int r = datagram.failed ? -ENOMEM : send_waiting(sinks);
    if (r == 0)
        r = log_socket_send(&sinks->log_socket, buf_span(&datagram));
    sinks->counters.sent += r == 0;
    buf_done(&line);
    buf_done(&datagram);
    return r;
}

struct sinks_test sinks_test(struct sinks *sinks)
{
    char host[HOST_NAME_SIZE], text[400], at[WHEN_TEXT_MAX];

    if (!host_name(host).len)
        snprintf(host, sizeof(host), "this host");
    snprintf(text, sizeof(text),
             "this is a test of the alerts of relaywatch on %s, sent by test-alert: nothing is "
             "wrong",
             host);
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "test", "host", host, "sent_at",
                               when_print(clock_wall(), at), "text", text, "event", "test");
    char *json = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    struct sinks_test test = {.log = test_log(sinks, text)};
    test.command = command_sink_test(sinks->command, json ? json : "{}");
    free(json);
    return test;
}

const struct command_test *sinks_tested(const struct sinks *sinks)
{
    return command_sink_tested(sinks->command);
}

bool sinks_child_ended(struct sinks *sinks, pid_t pid, int status)
{
    return command_sink_ended(sinks->command, pid, status);
}

void sinks_remember(struct sinks *sinks, struct told *told)
{
    sinks->told = told;
    command_sink_remember(sinks->command, told);
}
