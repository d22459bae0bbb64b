/* SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <poll.h>

#include "source/source_kind.h"

/* Every function but the getters passes the call on to the kind: files or journal. */

int source_run(struct source *source, int64_t now_us, size_t budget)
{
    return source->ops->run(source, now_us, budget);
}

int source_fd(const struct source *source)
{
    return source->ops->fd(source);
}

bool source_sleep(const struct source *source, int timeout_ms)
{
    struct pollfd fd = {.fd = source_fd(source), .events = POLLIN};

    return poll(&fd, 1, timeout_ms) > 0;
}

int64_t source_deadline_us(const struct source *source)
{
    return source->ops->deadline_us(source);
}

char *source_position(const struct source *source)
{
    return source->ops->position(source);
}

uint64_t source_behind(const struct source *source)
{
    return source->ops->behind(source);
}

void source_each_blind(const struct source *source, int64_t now_us, blind_visit *visit, void *ctx)
{
    source->ops->each_blind(source, now_us, visit, ctx);
}

bool source_has_all_of(const struct source *source, const struct source *other)
{
    return !source->ops->has_all_of || source->ops != other->ops ||
           source->ops->has_all_of(source, other);
}

wall_us source_written(const struct source *source)
{
    return source->ops->written(source);
}

void source_close(struct source *source)
{
    if (source)
        source->ops->close(source);
}

void source_set_sink(struct source *source, const struct source_sink *sink)
{
    source->sink = *sink;
}

const uint64_t *source_counters(const struct source *source)
{
    return source->counters;
}

bool source_resumed(const struct source *source)
{
    return source->resumed;
}
