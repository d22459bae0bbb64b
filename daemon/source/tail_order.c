/* SPDX-License-Identifier: MIT */
/*
 * First every name is asked for the time of its next line. Then the oldest is read up to the next
 * line of another, and so on. A name that has no lines waiting delays nobody.
 */
#include "source/tail_order.h"

#include "source/tail_pass.h"
#include "source/tail_seen.h"

static int run_path(const struct tail_path *paths, struct tail_path *path, struct tail_world *world,
                    int64_t now_us, wall_us until, size_t *bytes)
{
    struct tail_limit limit = {*bytes, until, LINE_TIME_NEVER};
    uint64_t left_out = seen_lines_left_out(world->buffer.seen);
    int r = tail_pass_run(path, world, now_us, &limit);

    tail_seen_note(paths, path, world, left_out);

    *bytes = limit.bytes;
    if (r != SOURCE_MORE)
        path->next_line = LINE_TIME_NEVER;
    else
        path->next_line = limit.next == LINE_TIME_NEVER ? LINE_TIME_FIRST : limit.next;
    return r < 0 ? r : 0;
}

/* The name whose next line is the oldest, and how far it may be read: of lines of one time the
 * first name's come first, however many are read in one turn. NULL: all is read. */
static struct tail_path *oldest(struct tail_path *paths, wall_us *ret_until)
{
    struct tail_path *first = NULL;

    *ret_until = LINE_TIME_NEVER;
    for (struct tail_path *path = paths; path; path = path->next) {
        if (first && path->next_line >= first->next_line) {
            *ret_until = path->next_line < *ret_until ? path->next_line : *ret_until;
            continue;
        }
        *ret_until = first ? first->next_line : LINE_TIME_NEVER;
        if (first && *ret_until != LINE_TIME_NEVER)
            --*ret_until;
        first = path;
    }
    return first && first->next_line != LINE_TIME_NEVER ? first : NULL;
}

int tail_order_run(struct tail_path *paths, struct tail_world *world, int64_t now_us, size_t bytes)
{
    wall_us until = paths && paths->next ? LINE_TIME_FIRST : LINE_TIME_NEVER;
    struct tail_path *path;
    int r = 0;

    for (path = paths; r == 0 && path; path = path->next)
        if (path->next_line == LINE_TIME_FIRST || path->next_line == LINE_TIME_NEVER)
            r = run_path(paths, path, world, now_us, until, &bytes);
    while (r == 0 && bytes > 0 && (path = oldest(paths, &until)) != NULL) {
        size_t before = bytes;
        wall_us next = path->next_line;

        r = run_path(paths, path, world, now_us, until, &bytes);
        if (bytes == before && path->next_line == next)
            break;
    }
    return r < 0 ? r : oldest(paths, &until) ? SOURCE_MORE : SOURCE_IDLE;
}
