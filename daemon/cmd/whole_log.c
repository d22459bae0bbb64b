/* SPDX-License-Identifier: MIT */
#include "cmd/whole_log.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd/judge_input.h"
#include "common/clock.h"

/* A progress bar on a terminal: in percent if the size is known. */
struct bar {
    bool on;
    int shown; /* drawn last: percent, or MiB */
};

static void draw(void *ctx, uint64_t bytes, uint64_t of_bytes)
{
    struct bar *bar = ctx;
    int now = of_bytes ? (int)(bytes * 100 / of_bytes) : (int)(bytes >> 20);

    /* Redraws at each percent, or each 16 MiB if the size is unknown. */
    if (!bar->on || now == bar->shown || (!of_bytes && now < bar->shown + 16))
        return;
    bar->shown = now;
    if (of_bytes)
        fprintf(stderr, "\r[%-50.*s] %3d %%", now / 2,
                "##################################################", now);
    else
        fprintf(stderr, "\r%d MiB read", now);
}

static void erase(const struct bar *bar)
{
    if (bar->on && bar->shown >= 0)
        fprintf(stderr, "\r%70s\r", "");
}

/* Reads it all. NULL if memory is short. */
static struct pipeline *judge_once(struct whole_log *log, int *ret_status)
{
    struct pipeline_options p = {.settings = &log->setup->settings,
                                 .site = log->setup->site,
                                 .seed = site_seed(log->setup->site),
                                 .zone = clock_local_zone,
                                 .trace = log->trace,
                                 .on_line = log->on_line};
    struct pipeline *pipeline = pipeline_new(&p);
    /* No bar among annotated lines: both would share the terminal. */
    struct bar bar = {isatty(STDERR_FILENO) && !log->on_line, -1};

    if (!pipeline)
        return NULL;
    if (log->learner)
        learner_tell(log->learner, log->setup->site, pipeline);
    if (log->learner && !learner_has_enough(log->learner)) /* it has read to the end */
        site_mailboxes_told(log->setup->site);
    *ret_status = judge_input(log->input, pipeline, draw, &bar);
    erase(&bar);
    pipeline_finish(pipeline);
    return pipeline;
}

/* Once more if the log has disproved part of what was counted, as the daemon does, or all of an
 * incident: nobody has had an alert yet that would have to be taken back. */
struct pipeline *whole_log_judge(struct whole_log *log, int *ret_status)
{
    struct pipeline *pipeline = judge_once(log, ret_status);

    if (!pipeline || log->on_line || *ret_status)
        return pipeline;
    if (!pipeline->judge.reread)
        return pipeline;
    pipeline_free(pipeline);
    return judge_once(log, ret_status);
}
