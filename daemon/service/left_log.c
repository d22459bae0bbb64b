/* SPDX-License-Identifier: MIT */
/*
 * Postfix's processes learn of another maillog_file when they start. smtpd(8) keeps its client, and
 * smtp(8) its server, for minutes after a reload; what they log goes where the log was.
 */
#include "service/left_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

#define KEEP_FOR (LEFT_LOG_S * US_PER_S)

static void close_one(struct left_log *left)
{
    if (left->readable)
        event_free(left->readable);
    source_close(left->source);
    *left = (struct left_log){.source = NULL};
}

static struct left_log *find(const struct daemon *daemon, const char *id)
{
    for (int i = 0; i < LEFT_LOGS_MAX; i++)
        if (daemon->left[i].source && strcmp(daemon->left[i].id, id) == 0)
            return (struct left_log *)(uintptr_t)&daemon->left[i];
    return NULL;
}

/* A free place, or that of the oldest. */
static struct left_log *make_room(struct daemon *daemon)
{
    struct left_log *oldest = &daemon->left[0];

    for (int i = 0; i < LEFT_LOGS_MAX; i++) {
        if (!daemon->left[i].source)
            return &daemon->left[i];
        if (daemon->left[i].until < oldest->until)
            oldest = &daemon->left[i];
    }
    close_one(oldest);
    return oldest;
}

void left_log_close(struct daemon *daemon)
{
    for (int i = 0; i < LEFT_LOGS_MAX; i++)
        close_one(&daemon->left[i]);
}

void left_log_drop(struct daemon *daemon, const char *id)
{
    struct left_log *left = find(daemon, id);

    if (left)
        close_one(left);
}

void left_log_keep(struct daemon *daemon, const char *id, struct source *source,
                   struct event *readable)
{
    left_log_drop(daemon, id);
    struct left_log *left = make_room(daemon);
    *left =
        (struct left_log){.source = source, .readable = readable, .until = clock_mono() + KEEP_FOR};
    snprintf(left->id, sizeof(left->id), "%s", id);
}

bool left_log_any(const struct daemon *daemon)
{
    bool any = false;

    for (int i = 0; i < LEFT_LOGS_MAX; i++)
        any |= daemon->left[i].source != NULL;
    return any;
}

static int run_one(struct left_log *left, int64_t mono, size_t budget)
{
    int r = source_run(left->source, mono, budget);

    if (r < 0)
        log_error("a log that Postfix left can't be read any more: %s", strerror(-r));
    if (r < 0 || (r == SOURCE_IDLE && mono >= left->until)) {
        close_one(left);
        r = SOURCE_IDLE;
    }
    return r;
}

int left_log_run(struct daemon *daemon, int64_t mono, size_t budget)
{
    int r = SOURCE_IDLE;

    for (int i = 0; i < LEFT_LOGS_MAX; i++)
        if (daemon->left[i].source && run_one(&daemon->left[i], mono, budget) == SOURCE_MORE)
            r = SOURCE_MORE;
    return r;
}

int64_t left_log_deadline_us(const struct daemon *daemon)
{
    int64_t first = INT64_MAX;

    for (int i = 0; i < LEFT_LOGS_MAX; i++) {
        const struct left_log *left = &daemon->left[i];
        int64_t each = left->source ? source_deadline_us(left->source) : INT64_MAX;
        first = each < first ? each : first;
    }
    return first;
}

void left_log_save(struct daemon *daemon)
{
    for (int i = 0; i < LEFT_LOGS_MAX; i++) {
        const struct left_log *left = &daemon->left[i];
        char *position = left->source ? source_position(left->source) : NULL;
        if (position)
            state_set_position(daemon->state, daemon->runtime.pipeline, left->id, position);
        free(position);
    }
}

char *left_log_position(const struct daemon *daemon, const char *id)
{
    const struct left_log *left = find(daemon, id);

    return left ? source_position(left->source) : NULL;
}
