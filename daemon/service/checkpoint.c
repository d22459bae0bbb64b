/* SPDX-License-Identifier: MIT */
/* When the state is saved: a while after something changed, at once after an alert, at the end. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "service/daemon.h"
#include "common/log.h"

/* Small things that a flood left free lie in malloc's heap among those that are used: it gives them
 * back when it is asked. */
static void give_back(struct daemon *daemon)
{
    enum { FLOOD = 100000 };
    uint32_t texts = daemon->live.pipeline->texts.used;

    if (texts > daemon->most_texts) {
        daemon->most_texts = texts;
    } else if (daemon->most_texts > FLOOD && texts < daemon->most_texts / 4) {
        malloc_trim(0);
        daemon->most_texts = texts;
    }
}

static void on_save(evutil_socket_t fd, short what, void *ctx)
{
    struct daemon *daemon = ctx;

    (void)fd;
    (void)what;
    progress_notify_status(daemon);
    give_back(daemon);
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

static void say_failed(struct daemon *daemon)
{
    const char *why = state_error(daemon->state);

    daemon->live.save_failures++;
    /* Once: a full disk stays full, and the log may be on it too. */
    if (!daemon->save_failing)
        log_warning("the state can't be saved, going on without: %s; will try again", why);
    daemon->save_failing = true;
    snprintf(daemon->state_text, sizeof(daemon->state_text), "can't be saved: %.150s", why);
    arm(daemon, state_retry_s(daemon->state) * US_PER_S);
}

static void say_saved(struct daemon *daemon)
{
    char when[WHEN_TEXT_MAX];

    if (daemon->save_failing)
        log_info("the state is saved again");
    daemon->save_failing = false;
    daemon->live.saves++;
    snprintf(daemon->state_text, sizeof(daemon->state_text), "saved at %s",
             when_print(loop_wall(), when));
}

/* Place and state belong together: both are taken here, between two lines. */
void checkpoint_now(struct daemon *daemon)
{
    char *place;
    int r;

    if (!daemon->state || !daemon->live.source)
        return;
    /* Within a line's own callbacks the place is not exact; one child saves at a time; and while
     * known lines are skipped the place does not say that they have to be. */
    daemon->save_wanted =
        daemon->in_source || state_is_saving(daemon->state) || daemon->skip_before_s != 0;
    if (daemon->save_wanted)
        return;
    place = source_place(daemon->live.source);
    if (!place)
        return;
    trace_say(&daemon->trace, TRACE_STATE, "saving with the position %s", place);
    r = state_save_start(daemon->state, daemon->live.pipeline, progress_source_id(daemon), place);
    free(place);
    if (r < 0)
        say_failed(daemon);
}

void checkpoint_at_end(struct daemon *daemon)
{
    char *place;

    if (!daemon->state || !daemon->live.source || daemon->skip_before_s ||
        !(place = source_place(daemon->live.source)))
        return;
    if (state_save_now(daemon->state, daemon->live.pipeline, progress_source_id(daemon), place) < 0)
        log_warning("the state could not be saved at the end: %s", state_error(daemon->state));
    free(place);
}

bool checkpoint_ended(struct daemon *daemon, pid_t pid, int status)
{
    if (!daemon->state || !state_child_ended(daemon->state, pid, status))
        return false;
    if (state_error(daemon->state)[0])
        say_failed(daemon);
    else
        say_saved(daemon);
    if (daemon->save_wanted && !daemon->save_failing)
        checkpoint_now(daemon);
    return true;
}

void checkpoint_changed(struct daemon *daemon)
{
    progress_arm_tick(daemon);
    checkpoint_soon(daemon);
    progress_notify_status(daemon);
}
