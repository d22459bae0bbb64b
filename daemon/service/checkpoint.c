/* SPDX-License-Identifier: MIT */
/*
 * A save forks, and a fork of a large process is not free: so a change only arms a timer, and
 * everything up to [limits] save_every later goes into one save. Alerts are the exception. They are
 * saved at once, because a crash must not send them twice.
 */
#include "service/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/libc.h"
#include "common/log.h"
#include "service/left_log.h"
#include "service/status_line.h"

const char *checkpoint_position(const struct daemon *daemon)
{
    uint32_t at_s = 0;
    const char *position =
        daemon->state ? state_position(daemon->state, daemon->source_choice.id, &at_s) : NULL;

    return position && at_s >= daemon->runtime.pipeline->now_s ? position : NULL;
}

/* After a flood, malloc's heap is full of small free blocks between used ones. glibc returns them
 * to the system only when asked. */
static void release_memory(struct daemon *daemon)
{
    enum { FLOOD = 100000 };
    uint32_t texts = daemon->runtime.pipeline->texts.used;

    if (texts > daemon->most_texts) {
        daemon->most_texts = texts;
    } else if (daemon->most_texts > FLOOD && texts < daemon->most_texts / 4) {
        libc_give_back_memory();
        daemon->most_texts = texts;
    }
}

static void on_save(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;

    (void)fd;
    (void)what;
    status_line_update(daemon);
    release_memory(daemon);
    checkpoint_now(daemon);
}

static void arm(struct daemon *daemon, dur_us in)
{
    if (!daemon->save)
        daemon->save = evtimer_new(loop_base(daemon->loop), on_save, daemon);
    if (!daemon->save)
        return;
    loop_arm(daemon->save, in);
}

void checkpoint_soon(struct daemon *daemon)
{
    if (!daemon->save || !evtimer_pending(daemon->save, NULL))
        arm(daemon, daemon->setup.settings.limits.save_every);
}

static void report_failure(struct daemon *daemon)
{
    const char *why = state_error(daemon->state);

    daemon->runtime.save_failures++;
    /* Log it once: a full disk stays full, and the log may be on it too. */
    if (!daemon->save_failing)
        log_warning("the state can't be saved: %s; continuing, and trying again later", why);
    daemon->save_failing = true;
    snprintf(daemon->state_text, sizeof(daemon->state_text), "can't be saved: %.150s", why);
    arm(daemon, state_retry_s(daemon->state) * US_PER_S);
}

static void report_success(struct daemon *daemon)
{
    char when[WHEN_TEXT_MAX];

    if (daemon->save_failing)
        log_info("the state is saved again");
    daemon->save_failing = false;
    daemon->runtime.saves++;
    snprintf(daemon->state_text, sizeof(daemon->state_text), "saved at %s",
             when_print(clock_wall(), when));
}

/* Position and state belong together, so both are taken here, between two lines. */
void checkpoint_now(struct daemon *daemon)
{
    char *position;
    int r;

    if (!daemon->state || !daemon->runtime.source)
        return;
    /* Not within the callbacks of a line, where the position is not exact; not while another child
     * is saving; and not while known lines are skipped, which the position does not express. */
    daemon->save_wanted =
        daemon->in_source || state_is_saving(daemon->state) || daemon->skip_counted;
    if (daemon->save_wanted)
        return;
    position = source_position(daemon->runtime.source);
    if (!position)
        return;
    left_log_save(daemon);
    trace_say(&daemon->trace, TRACE_STATE, "saving with the position %s", position);
    r = state_save_start(daemon->state, daemon->runtime.pipeline, daemon->source_choice.id,
                         position);
    free(position);
    if (r < 0)
        report_failure(daemon);
}

void checkpoint_final(struct daemon *daemon)
{
    char *position;

    if (!daemon->state || !daemon->runtime.source || daemon->skip_counted ||
        !(position = source_position(daemon->runtime.source)))
        return;
    left_log_save(daemon);
    if (state_save_now(daemon->state, daemon->runtime.pipeline, daemon->source_choice.id,
                       position) < 0)
        log_warning("the state could not be saved at the end: %s", state_error(daemon->state));
    free(position);
}

bool checkpoint_child_ended(struct daemon *daemon, pid_t pid, int status)
{
    if (!daemon->state || !state_child_ended(daemon->state, pid, status))
        return false;
    if (state_error(daemon->state)[0])
        report_failure(daemon);
    else
        report_success(daemon);
    if (daemon->save_wanted && !daemon->save_failing)
        checkpoint_now(daemon);
    return true;
}
