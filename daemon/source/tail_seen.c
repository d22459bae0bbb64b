/* SPDX-License-Identifier: MIT */
#include "source/tail_seen.h"

#include <errno.h>

#include "common/seed.h"

/* LINES: those of half an hour of a busy host, 8 MB at most. ALL_BYTES, FILE_BYTES: read again at a
 * start, and so much of one file; how far one log may be behind another when we are stopped. */
enum { LINES = 256 * 1024, ALL_BYTES = 64 * 1024 * 1024, FILE_BYTES = 1024 * 1024 };

int tail_seen_init(struct tail_world *world)
{
    world->buffer.seen = seen_lines_new(seed_draw(), LINES);
    return world->buffer.seen ? 0 : -ENOMEM;
}

static bool is_begun(const struct tail_file *file)
{
    return tail_file_is_open(file) && file->id.offset > 0;
}

void tail_seen_recall(const struct tail_path *paths, struct tail_world *world)
{
    size_t count = 0;

    for (const struct tail_path *path = paths; path; path = path->next)
        for (const struct tail_file *file = path->files; file; file = file->next)
            count += is_begun(file);
    if (!world->buffer.seen || count == 0)
        return;
    size_t each = ALL_BYTES / count < FILE_BYTES ? ALL_BYTES / count : FILE_BYTES;
    for (const struct tail_path *path = paths; path; path = path->next)
        for (struct tail_file *file = path->files; file; file = file->next)
            if (is_begun(file))
                tail_file_recall(file, &world->buffer, each);
}

void tail_seen_note(const struct tail_path *paths, struct tail_path *path, struct tail_world *world,
                    uint64_t before)
{
    const struct seen_lines *seen = world->buffer.seen;
    const struct tail_path *other = paths;

    if (path->copy || seen_lines_left_out(seen) == before)
        return;
    while (other && other->number != seen_lines_owner(seen))
        other = other->next;
    path->copy = true;
    source_say(world->source, SOURCE_NOTE_ALIKE, 1, "%s has lines that %s has too: they count once",
               path->path, other ? other->path : "another log");
}
