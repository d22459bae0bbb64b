/* SPDX-License-Identifier: MIT */
/* How far the daemon is: its clock, its next tick, what systemd is told. */
#include <stdio.h>
#include <string.h>

#include "service/daemon.h"

/* A minute's slot of the ring is cleared when its minute begins. */
void progress_count_minute(struct runtime *live, wall_us now)
{
    int64_t was = live->now / (60 * US_PER_S), is = now / (60 * US_PER_S);

    for (int64_t minute = was + 1; minute <= is && minute <= was + 60; minute++)
        live->lines_per_minute[minute % 60] = 0;
    live->now = now;
}

/* The log's time goes on from its last line as the clock does: a log that is written late, or
 * played back, keeps its own time. */
wall_us progress_log_time(const struct daemon *daemon)
{
    return daemon->live.pipeline->now_s * US_PER_S + (loop_mono() - daemon->read_mono);
}

void progress_arm_tick(struct daemon *daemon)
{
    wall_us next = pipeline_next_tick(daemon->live.pipeline), now = progress_log_time(daemon);

    if (next == WHEN_UNKNOWN)
        evtimer_del(daemon->tick);
    else
        loop_arm(daemon->tick, next > now ? next - now : 0);
}

void progress_refresh(struct daemon *daemon)
{
    progress_count_minute(&daemon->live, loop_wall());
    detector_group(&daemon->live.pipeline->detector, daemon->live.pipeline->now_s);
}

/* One line worth reading in `systemctl status`, told when it has changed, and not for every
 * line. */
void progress_notify_status(struct daemon *daemon)
{
    const struct pipeline *p = daemon->live.pipeline;
    char text[sizeof(daemon->status_text)] = "";
    unsigned open = detector_open(&p->detector), in_flight = tracker_in_flight(&p->tracker);

    snprintf(text, sizeof(text), "%s %.80s; %u message%s in flight; %u incident%s open",
             daemon->live.catching_up ? "Reading back" : "Following", daemon->source_choice.text,
             in_flight, in_flight == 1 ? "" : "s", open, open == 1 ? "" : "s");
    if (memcmp(text, daemon->status_text, sizeof(text)) == 0 ||
        (open == daemon->status_open && daemon->live.now < daemon->status_at + 5 * US_PER_S))
        return;
    daemon->status_open = open;
    memcpy(daemon->status_text, text, sizeof(text));
    daemon->status_at = daemon->live.now;
    loop_status(text);
}

const char *progress_source_id(const struct daemon *daemon)
{
    return daemon->source_choice.type == SOURCE_JOURNAL ? "journal" : "files";
}
