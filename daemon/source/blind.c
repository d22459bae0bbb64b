/* SPDX-License-Identifier: MIT */
#include "source/blind.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const char *blind_cause_name(enum blind_cause cause)
{
    static const char *const names[] = {
        [BLIND_UNREADABLE] = "unreadable",
        [BLIND_MISSING] = "missing",
        [BLIND_SILENT] = "silent",
        [BLIND_LEFT] = "left",
        [BLIND_UNKNOWN_FORM] = "unknown-form",
        [BLIND_HOST_SILENT] = "silent-host",
        [BLIND_BEYOND] = "beyond-limit",
    };

    _Static_assert(sizeof(names) / sizeof(*names) == BLIND_CAUSE_COUNT, "a name for each");
    return names[cause];
}

void blindness_look_begin(struct blindness *all)
{
    for (int cause = 0; cause < BLIND_CAUSE_COUNT; cause++)
        all->blind[cause].counting = 0;
}

/* When none is seen any more, the texts stay: they say what it was that ended. */
void blindness_see(struct blindness *all, enum blind_cause cause, const char *what, const char *why)
{
    struct blind *blind = &all->blind[cause];

    if (blind->counting++ > 0)
        return;
    snprintf(blind->what, sizeof(blind->what), "%s", what);
    snprintf(blind->why, sizeof(blind->why), "%s", why);
}

/* When what there is now is to be reported; INT64_MAX: it was. */
static int64_t due_us(const struct blind *blind)
{
    bool now = blind->count > 0;
    int64_t held = blind->changed_us + BLIND_HOLD, pause = blind->reported_us + BLIND_PAUSE;

    if (now == blind->reported)
        return INT64_MAX;
    return now && blind->reported_us && pause > held ? pause : held;
}

static bool is_due(const struct blind *blind, int64_t mono_us)
{
    return mono_us >= due_us(blind) || (blind->reported && blind->count > 0 &&
                                        mono_us - blind->reported_us >= BLIND_TELL_AGAIN &&
                                        strcmp(blind->what, blind->reported_what) != 0);
}

static void say(struct blindness *all, enum blind_cause cause, wall_us now, blind_tell *tell,
                void *ctx)
{
    struct blind *blind = &all->blind[cause];
    char text[BLIND_TEXT_MAX], over[BLIND_TEXT_MAX], span[WHEN_TEXT_MAX];

    blind_text(all, cause, text);
    if (blind->count == 0)
        snprintf(over, sizeof(over), "Over after %s: %.360s",
                 when_print_span(now > blind->since ? now - blind->since : 0, span), text);
    tell(ctx, blind, blind->count > 0, blind->count > 0 ? text : over);
}

void blindness_look_end(struct blindness *all, wall_us now, int64_t mono_us, blind_tell *tell,
                        void *ctx)
{
    for (int cause = 0; cause < BLIND_CAUSE_COUNT; cause++) {
        struct blind *blind = &all->blind[cause];
        if ((blind->count > 0) != (blind->counting > 0))
            blind->changed_us = mono_us;
        if (blind->count == 0 && blind->counting > 0 && !blind->reported)
            blind->since = now;
        blind->count = blind->counting;
        if (!is_due(blind, mono_us))
            continue;
        say(all, (enum blind_cause)cause, now, tell, ctx);
        blind->reported = blind->count > 0;
        blind->reported_us = mono_us;
        memcpy(blind->reported_what, blind->what, sizeof(blind->reported_what));
    }
}

int64_t blindness_deadline_us(const struct blindness *all)
{
    int64_t deadline = INT64_MAX;

    for (int cause = 0; cause < BLIND_CAUSE_COUNT; cause++) {
        int64_t due = due_us(&all->blind[cause]);
        deadline = due < deadline ? due : deadline;
    }
    return deadline;
}

bool is_blind(const struct blindness *all)
{
    for (int cause = 0; cause < BLIND_CAUSE_COUNT; cause++)
        if (all->blind[cause].count > 0)
            return true;
    return false;
}

const char *blind_text(const struct blindness *all, enum blind_cause cause,
                       char buf[BLIND_TEXT_MAX])
{
    static const char *const how[] = {
        [BLIND_UNREADABLE] = "can't be read",
        [BLIND_MISSING] = "is not there",
        [BLIND_SILENT] = "stands still",
        [BLIND_LEFT] = "is not where Postfix logs to",
        [BLIND_UNKNOWN_FORM] = "has no known form",
        [BLIND_HOST_SILENT] = "has gone silent",
        [BLIND_BEYOND] = "is not read",
    };
    const struct blind *blind = &all->blind[cause];
    char more[40] = "";

    if (blind->count > 1)
        snprintf(more, sizeof(more), " (and %u more)", blind->count - 1);
    snprintf(buf, BLIND_TEXT_MAX, "%.150s%s %s: %.180s", blind->what, more, how[cause], blind->why);
    return buf;
}

const char *blind_first_text(const struct blindness *all, char buf[BLIND_TEXT_MAX])
{
    buf[0] = '\0';
    for (int cause = 0; cause < BLIND_CAUSE_COUNT && !buf[0]; cause++)
        if (all->blind[cause].count > 0)
            blind_text(all, (enum blind_cause)cause, buf);
    return buf;
}
