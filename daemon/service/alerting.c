/* SPDX-License-Identifier: MIT */
/*
 * An incident is sent when it is raised, at intervals while it grows, and when it ends; the
 * detector decides when. Here it is only decided whether it is worth sending at all, which depends
 * on whether the daemon has caught up.
 */
#include "service/alerting.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "common/clock.h"
#include "common/log.h"
#include "service/checkpoint.h"
#include "service/postfix_watch.h"
#include "engine/counters.h"
#include "report/incident_line.h"

/* After a crash the same lines are read again, and lead to the same events: up to the seconds that
 * a tick may come early or late. What follows in earnest comes later, because no setting allows an
 * incident to end, or to be updated, within a minute. */
enum { TOLD_SLACK_S = 30, TOLD_WARNING = INCIDENT_EVENT_COUNT };

static uint32_t time_of(const struct daemon *daemon, enum incident_event event,
                        const struct incident *incident)
{
    return event == INCIDENT_RAISED ? incident->raised_s
                                    : daemon->runtime.pipeline->hosts.host[incident->host].now_s;
}

static struct told_mark mark_of(const struct daemon *daemon, enum incident_event event,
                                const struct incident *incident)
{
    struct told_mark mark = {
        .kind = event, .at_s = time_of(daemon, event, incident), .slack_s = TOLD_SLACK_S};

    snprintf(mark.id, sizeof(mark.id), "%s", incident->id);
    return mark;
}

static void send_alert(struct daemon *daemon, enum incident_event event,
                       const struct incident *incident)
{
    struct incident_view *view = malloc(sizeof(*view));
    struct told_mark mark = mark_of(daemon, event, incident);

    if (!view) {
        log_error("no alert of %s: not enough memory", incident->id);
        return;
    }
    incident_view_init(view, &daemon->runtime.pipeline->detector, incident);
    if (event == INCIDENT_RAISED)
        daemon->runtime.raised[incident->kind][view->severity]++;
    sinks_alert(daemon->sinks, event, view, &mark);
    detector_alerted(&daemon->runtime.pipeline->detector, incident,
                     view->totals.recipients + view->totals.notices);
    incident_view_done(view);
    free(view);
}

void alerting_on_event(void *ctx, enum incident_event event, const struct incident *incident,
                       uint32_t now_s)
{
    struct daemon *daemon = ctx;

    (void)now_s;
    /* While catching up, it is too early to say which incidents are over: alerting_release sends
     * those that are not. Updates report what is new; those of the past are of no use. */
    if (daemon->runtime.catching_up && (!incident->alerted || event == INCIDENT_UPDATED))
        return;
    if (incident->closed_s && event == INCIDENT_OVER) /* nobody wants to hear of it any more */
        return;
    /* What looks like abuse may be allowed now; alerting_news sends it, and what became of it. One
     * that came back closed is reopened without having been alerted. */
    bool is_news = event == INCIDENT_RAISED || event == INCIDENT_REOPENED;
    if (!incident->alerted && (!is_news || postfix_watch_holds(daemon)))
        return;
    send_alert(daemon, event, incident);
    if (event != INCIDENT_UPDATED && event != INCIDENT_WIDENED && event != INCIDENT_OVER)
        checkpoint_now(daemon);
}

/* An incident that began and ended before we looked is history: one line in the log. */
static void log_history(const struct daemon *daemon, const struct incident *incident)
{
    struct detector *detector = &daemon->runtime.pipeline->detector;
    struct incident_view *view = malloc(sizeof(*view));

    if (!view)
        return;
    incident_view_init(view, detector, incident);
    char *line = incident_line(view, INCIDENT_OVER);
    if (line)
        log_info("history: %s", line);
    free(line);
    detector_alerted(detector, incident, view->totals.recipients + view->totals.notices);
    incident_view_done(view);
    free(view);
}

/* Goes through all incidents once: those still open are news, the others history. */
unsigned alerting_news(struct daemon *daemon)
{
    const struct detector *detector = &daemon->runtime.pipeline->detector;
    unsigned raised = 0;

    if (postfix_watch_holds(daemon))
        return 0;
    for (const struct incident *i = NULL; (i = detector_next_incident(detector, i));) {
        struct told_mark mark = mark_of(daemon, INCIDENT_RAISED, i);
        /* The state may say that it was sent when it still waited in a queue of the last run. */
        if (i->closed_s)
            continue;
        bool lost = i->alerted && sinks_waited(daemon->sinks, &mark);
        if (i->alerted && !(lost && i->state == INCIDENT_OPEN))
            continue;
        if (i->state == INCIDENT_OPEN) {
            send_alert(daemon, INCIDENT_RAISED, i);
            raised++;
        } else {
            log_history(daemon, i);
        }
    }
    return raised;
}

void alerting_caught_up(struct daemon *daemon)
{
    const struct pipeline *pipeline = daemon->runtime.pipeline;

    runtime_caught_up(&daemon->runtime);
    daemon->skip_counted = false;
    unsigned raised = alerting_news(daemon);
    log_info("up to date: %llu lines read, %llu messages in flight",
             (unsigned long long)pipeline->counters.lines,
             (unsigned long long)tracker_in_flight(&pipeline->tracker));
    if (raised)
        checkpoint_now(daemon);
}

void alerting_release(struct daemon *daemon)
{
    if (postfix_watch_answered(daemon) && !daemon->runtime.catching_up && alerting_news(daemon))
        checkpoint_now(daemon);
}

/* Every reload, and so every reload of Postfix, collects the warnings anew; nobody wants to hear of
 * them again. After a restart, what is still true a day later is worth a reminder. */
static void send_warning(struct daemon *daemon, const struct site_warning *warning)
{
    enum { ROOM = sizeof(daemon->warned_of) / sizeof(*daemon->warned_of), DAY_S = 86400 };
    uint64_t hash = hash_bytes(span_str(warning->text), hash_bytes(span_str(warning->code), 1)) | 1;
    struct told_mark mark = {
        .kind = TOLD_WARNING, .at_s = (uint32_t)(clock_wall() / US_PER_S), .slack_s = DAY_S};

    for (size_t i = 0; i < ROOM; i++)
        if (daemon->warned_of[i] == hash)
            return;
    daemon->warned_of[daemon->warned_next++ % ROOM] = hash;
    snprintf(mark.id, sizeof(mark.id), "%016llx", (unsigned long long)hash);
    sinks_warning(daemon->sinks, warning, false, &mark);
}

/* A new one may have the place of one that is over. */
static void send_new_warnings(struct daemon *daemon)
{
    const struct site *site = daemon->setup.site;
    uint64_t last = daemon->warned;

    for (size_t i = 0; i < site_warning_count(site); i++) {
        const struct site_warning *warning = site_warning(site, i);
        if (warning->number <= daemon->warned)
            continue;
        daemon->warnings_over &= ~((uint64_t)1 << i % 64);
        send_warning(daemon, warning);
        last = warning->number > last ? warning->number : last;
    }
    daemon->warned = last;
}

/* Those that are over, each once; the next time it begins again. */
static void end_warnings(struct daemon *daemon)
{
    const struct site *site = daemon->setup.site;
    static const struct told_mark none = {.id = ""};

    for (size_t i = 0; i < site_warning_count(site); i++) {
        const struct site_warning *warning = site_warning(site, i);
        uint64_t bit = (uint64_t)1 << i % 64;
        if (warning->over && !(daemon->warnings_over & bit)) {
            sinks_warning(daemon->sinks, warning, true, &none);
            daemon->warnings_over |= bit;
        } else if (!warning->over && daemon->warnings_over & bit) {
            sinks_warning(daemon->sinks, warning, false, &none);
            daemon->warnings_over &= ~bit;
        }
    }
}

void alerting_warnings(struct daemon *daemon)
{
    if (!daemon->runtime.catching_up)
        pipeline_warn(daemon->runtime.pipeline);
    send_new_warnings(daemon);
    end_warnings(daemon);
}
