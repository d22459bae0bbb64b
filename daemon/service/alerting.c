/* SPDX-License-Identifier: MIT */
/* Who is told what, and when. */
#include <stdlib.h>

#include "service/daemon.h"
#include "common/log.h"
#include "engine/counters.h"

static void tell(struct daemon *daemon, enum incident_event event, const struct incident *incident)
{
    struct incident_view *view = malloc(sizeof(*view));

    if (!view)
        return;
    incident_view_init(view, &daemon->live.pipeline->detector, incident);
    sinks_alert(daemon->sinks, event, view);
    detector_alerted(&daemon->live.pipeline->detector, incident,
                     view->totals.recipients + view->totals.notices);
    incident_view_done(view);
    free(view);
}

void alerting_on_event(void *ctx, enum incident_event event, const struct incident *incident,
                       uint32_t now_s)
{
    struct daemon *daemon = ctx;

    (void)now_s;
    /* While old lines are read it is not known yet which of it is over: alerting_caught_up. And an
     * update tells what came of late: one for each quarter of an hour that is past tells
     * nothing. */
    if (daemon->live.catching_up && (!incident->alerted || event == INCIDENT_UPDATED))
        return;
    tell(daemon, event, incident);
    if (event == INCIDENT_RAISED)
        checkpoint_now(daemon);
}

/* What began and ended before it was looked at is history, told once, in one line each. */
static void tell_history(const struct daemon *daemon, const struct incident *incident)
{
    struct incident_view *view = malloc(sizeof(*view));
    char *line = NULL;

    if (view) {
        incident_view_init(view, &daemon->live.pipeline->detector, incident);
        line = incident_line(view, INCIDENT_OVER);
        incident_view_done(view);
    }
    if (line)
        log_info("history: %s", line);
    free(line);
    free(view);
}

void alerting_caught_up(struct daemon *daemon)
{
    struct pipeline *pipeline = daemon->live.pipeline;
    struct detector *detector = &pipeline->detector;
    bool raised = false;

    daemon->live.catching_up = false;
    daemon->skip_before_s = 0;
    for (uint32_t i = 0; i < detector->incident_count; i++) {
        struct incident *incident = &detector->incident[i];
        if (incident->state == INCIDENT_FREE || incident->alerted)
            continue;
        if (incident->state == INCIDENT_OPEN) {
            tell(daemon, INCIDENT_RAISED, incident);
            raised = true;
        } else {
            tell_history(daemon, incident);
            incident->alerted = true;
        }
    }
    log_info("up to date: %llu lines read, %llu messages in flight",
             (unsigned long long)pipeline->counters.lines,
             (unsigned long long)tracker_in_flight(&pipeline->tracker));
    if (raised)
        checkpoint_now(daemon);
    checkpoint_changed(daemon);
}

void alerting_warnings(struct daemon *daemon)
{
    struct site *site = daemon->setup.site;

    if (!daemon->live.catching_up)
        pipeline_warn(daemon->live.pipeline);
    for (; daemon->warned < site_warning_count(site); daemon->warned++)
        sinks_warning(daemon->sinks, site_warning(site, daemon->warned));
}
