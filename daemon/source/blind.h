/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps the reasons for which attacks may go unseen just now: one entry per cause,
 *               with what it is about. Decides when each is reported, and when its end is.
 * Doesn't know: who finds the reasons, and where alerts go.
 * Owns:         nothing.
 * Time:         mono_us is CLOCK_MONOTONIC, passed in; `since` is wall time, for people.
 * Fails:        never; long texts are cut.
 *
 * Usage: blindness_look_begin, blindness_see for every reason there is now, blindness_look_end.
 * A reason is reported once it has held for BLIND_HOLD: rotation and chown take a moment, and some
 * write a file late. Its end is reported after the same time, so that nothing flickers; and what
 * comes back soon is reported after a pause.
 */
#ifndef RELAYWATCH_SOURCE_BLIND_H
#define RELAYWATCH_SOURCE_BLIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/when.h"

#define BLIND_HOLD       (10 * US_PER_S)
#define BLIND_PAUSE      (600 * US_PER_S)  /* between an end and the next beginning */
#define BLIND_TELL_AGAIN (3600 * US_PER_S) /* at most, where what it is about changes */

enum blind_cause {
    BLIND_UNREADABLE,   /* the log can't be read */
    BLIND_MISSING,      /* it is not there */
    BLIND_SILENT,       /* Postfix works, but the log stands still */
    BLIND_LEFT,         /* Postfix's settings name another one */
    BLIND_UNKNOWN_FORM, /* its lines have no known form */
    BLIND_HOST_SILENT,  /* one of several hosts logs no more */
    BLIND_BEYOND,       /* there are more files or hosts than are read */
    BLIND_CAUSE_COUNT
};

enum { BLIND_WHAT_MAX = 160, BLIND_WHY_MAX = 200, BLIND_TEXT_MAX = 400 };

/* One reason: "/var/log/mail.log", "Permission denied". */
typedef void blind_visit(void *ctx, enum blind_cause cause, const char *what, const char *why);

struct blind {
    unsigned count, counting; /* reasons of that cause now; in the look that is under way */
    char what[BLIND_WHAT_MAX], why[BLIND_WHY_MAX]; /* the first of them */
    wall_us since;
    int64_t changed_us;  /* monotonic: when it came or went */
    int64_t reported_us; /* monotonic: when it was last reported */
    bool reported;
    char reported_what[BLIND_WHAT_MAX];
};

struct blindness {
    struct blind blind[BLIND_CAUSE_COUNT];
};

void blindness_look_begin(struct blindness *all);
void blindness_see(struct blindness *all, enum blind_cause cause, const char *what,
                   const char *why);
/* Calls tell for each reason that has held, or been over, for BLIND_HOLD. */
typedef void blind_tell(void *ctx, const struct blind *blind, bool begins, const char *text);
void blindness_look_end(struct blindness *all, wall_us now, int64_t mono_us, blind_tell *tell,
                        void *ctx);
/* When to look again at the latest, to tell what is held back; INT64_MAX: never. */
int64_t blindness_deadline_us(const struct blindness *all);

bool is_blind(const struct blindness *all);
/* Of the first reason; "" if there is none. */
const char *blind_first_text(const struct blindness *all, char buf[BLIND_TEXT_MAX]);
/* One reason in one sentence, what matters first. */
const char *blind_text(const struct blindness *all, enum blind_cause cause,
                       char buf[BLIND_TEXT_MAX]);
/* The names are an interface: status and metrics have them. */
const char *blind_cause_name(enum blind_cause cause);

#endif
