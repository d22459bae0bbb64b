/* SPDX-License-Identifier: MIT */
/*
 * First every name that is due is asked for the time of its next line. Then the oldest is read up
 * to the next line of another, and so on. A name that has no lines waiting delays nobody.
 */
#include "source/tail_order.h"

#include "source/tail_pass.h"
#include "source/tail_seen.h"

enum { LOOKS_MAX = 256 }; /* in one turn, when many names change at once: a few milliseconds */

static int run_path(const struct tail_names *names, struct tail_path *path,
                    struct tail_world *world, int64_t now_us, wall_us until, size_t *bytes)
{
    struct tail_limit limit = {*bytes, until, LINE_TIME_NEVER};
    uint64_t left_out = seen_lines_left_out(world->buffer.seen);
    int r = tail_pass_run(path, world, now_us, &limit);

    tail_seen_note(names->first, path, world, left_out);

    *bytes = limit.bytes;
    if (r != SOURCE_MORE)
        path->next_line = LINE_TIME_NEVER;
    else
        path->next_line = limit.next == LINE_TIME_NEVER ? LINE_TIME_FIRST : limit.next;
    return r < 0 ? r : 0;
}

/* Who looks at the ends of many files wants no order of their lines. */
static bool in_any_order(const struct tail_world *world)
{
    return world->start == SOURCE_LAST;
}

/* What is written to a name with lines waiting is read when its turn comes. */
static int ask(struct tail_names *names, struct tail_world *world, int64_t now_us, size_t *bytes)
{
    wall_us until = names->count > 1 && !in_any_order(world) ? LINE_TIME_FIRST : LINE_TIME_NEVER;
    struct tail_path *path;
    size_t looks = *bytes > 0 && names->count > LOOKS_MAX ? LOOKS_MAX : names->count;
    int r = 0;

    while (r == 0 && looks-- > 0 && (path = tail_names_next(names)) != NULL) {
        if (path->next_line != LINE_TIME_NEVER)
            continue;
        r = run_path(names, path, world, now_us, until, bytes);
        if (path->next_line == LINE_TIME_NEVER)
            tail_names_looked(names, path, world);
        else
            merge_order_add(&names->order, path->place, path->next_line);
    }
    return r;
}

int tail_order_run(struct tail_names *names, struct tail_world *world, int64_t now_us, size_t bytes)
{
    int r = ask(names, world, now_us, &bytes);

    while (r == 0 && bytes > 0 && names->order.count) {
        struct tail_path *path = names->at[merge_order_log(&names->order)];
        size_t before = bytes;
        wall_us next = path->next_line;

        wall_us until = in_any_order(world) ? LINE_TIME_NEVER : merge_order_until(&names->order);
        r = run_path(names, path, world, now_us, until, &bytes);
        if (path->next_line != LINE_TIME_NEVER) {
            merge_order_advance(&names->order, path->next_line);
        } else {
            merge_order_remove(&names->order);
            tail_names_looked(names, path, world);
        }
        if (bytes == before && path->next_line == next)
            break;
    }
    if (r < 0)
        return r;
    return names->due || names->order.count ? SOURCE_MORE : SOURCE_IDLE;
}
