/* SPDX-License-Identifier: MIT */
/*
 * Does:         collects what `check` finds wrong: a warning's code and text, and what to type
 *               against it; prints them.
 * Doesn't know: how it is found.
 * Owns:         copies of the texts, until findings_done.
 * Time:         timeless.
 * Fails:        beyond FINDINGS_MAX, or out of memory, further ones are dropped.
 */
#ifndef RELAYWATCH_CMD_FINDINGS_H
#define RELAYWATCH_CMD_FINDINGS_H

#include "base/list.h"
#include "site/site.h"

enum { FINDINGS_MAX = 64, CURE_MAX = 1024 };

struct finding {
    struct site_warning warning;
    char cure[CURE_MAX]; /* one command a line; "": none */
};

struct findings {
    struct list list; /* struct finding */
};

/* cure is a command that can be typed as it stands; NULL: none. */
void findings_add(struct findings *findings, const char *code, const char *cure, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
void findings_print(const struct findings *findings, bool json, bool color);
void findings_done(struct findings *findings);

#endif
