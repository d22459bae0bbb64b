/* SPDX-License-Identifier: MIT */
/*
 * An incident is sent when it is raised, at intervals while it grows, and when it ends; the
 * detector decides when. Here it is only decided whether it is worth sending at all, which depends
 * on whether the daemon has caught up.
 */
#include "service/alerting.h"

#include <stdlib.h>

#include "common/log.h"
#include "service/checkpoint.h"
#include "service/postfix_watch.h"
#include "engine/counters.h"

static void send_alert(struct daemon *daemon, enum incident_event event,
                       const struct incident *incident)
{
    struct incident_view *view = malloc(sizeof(*view));

    if (!view)
        return;
    incident_view_init(view, &daemon->runtime.pipeline->detector, incident);
    sinks_alert(daemon->sinks, event, view);
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
    /* What looks like abuse may be allowed now. */
    if (!incident->alerted && postfix_watch_holds(daemon))
        return;
    send_alert(daemon, event, incident);
    if (event == INCIDENT_RAISED)
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
static void release(struct daemon *daemon)
{
    const struct detector *detector = &daemon->runtime.pipeline->detector;
    bool raised = false;

    for (const struct incident *i = NULL; (i = detector_next_incident(detector, i));) {
        if (i->alerted)
            continue;
        if (i->state == INCIDENT_OPEN) {
            send_alert(daemon, INCIDENT_RAISED, i);
            raised = true;
        } else {
            log_history(daemon, i);
        }
    }
    if (raised)
        checkpoint_now(daemon);
}

void alerting_caught_up(struct daemon *daemon)
{
    const struct pipeline *pipeline = daemon->runtime.pipeline;

    daemon->runtime.catching_up = false;
    daemon->skip_before_s = 0;
    if (!postfix_watch_holds(daemon))
        release(daemon);
    log_info("up to date: %llu lines read, %llu messages in flight",
             (unsigned long long)pipeline->counters.lines,
             (unsigned long long)tracker_in_flight(&pipeline->tracker));
}

void alerting_release(struct daemon *daemon)
{
    if (postfix_watch_answered(daemon) && !daemon->runtime.catching_up)
        release(daemon);
}

void alerting_warnings(struct daemon *daemon)
{
    struct site *site = daemon->setup.site;

    if (!daemon->runtime.catching_up)
        pipeline_warn(daemon->runtime.pipeline);
    for (; daemon->warned < site_warning_count(site); daemon->warned++)
        sinks_warning(daemon->sinks, site_warning(site, daemon->warned));
}
