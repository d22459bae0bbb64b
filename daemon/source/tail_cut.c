/* SPDX-License-Identifier: MIT */
#include "source/tail_cut.h"

#include <errno.h>
#include <string.h>

#include "source/tail_known.h"

/* Reads the file from its beginning; remembers its old text, for there may be a copy. How the new
 * one begins is noted before the sweep looks for that: if it begins differently afterwards, it was
 * truncated again, and there is another copy. */
static int forget_text(struct tail_path *path, struct tail_file *file, struct text_file *text)
{
    if (file->id.head_len > 0 && tail_known_remember_text(path, file) < 0)
        return -ENOMEM;
    file->id.offset = file->id.head_len = file->id.tail_len = 0;
    file->skipping = false;
    identity_read_head(&file->id, text);
    return 0;
}

/* Of a file of which nothing was handed over: it may have grown, or have been truncated. */
static int note_text(struct tail_path *path, struct tail_file *file, struct text_file *text)
{
    if (identity_compare(&file->id, text, file->id.head_len) != LIKE_SAME)
        return forget_text(path, file, text);
    identity_read_head(&file->id, text);
    return 0;
}

/* Returns its size. What the last look has seen of it was another text: a copy of that is older. */
static uint64_t look_at(struct tail_file *file, const struct text_file *text)
{
    struct file_facts facts;

    if (file_facts_get(text->fd, "", &facts) < 0)
        return 0;
    file->written = facts.mtime_ns / 1000;
    return facts.size;
}

int tail_cut(struct tail_path *path, struct tail_world *world, struct tail_file *file,
             struct text_file *text)
{
    struct identity shorter = file->id;
    unsigned char head[HEAD_MAX];
    uint64_t size = look_at(file, text);
    size_t common = size < file->id.head_len ? (size_t)size : file->id.head_len;
    bool same = !text->reader && size < file->id.offset && common >= HEAD_MIN &&
                text_file_read(text, head, common, 0) == (ssize_t)common &&
                memcmp(head, file->id.head, common) == 0;

    if (file->id.offset == 0) {
        path->copies = path->sweep = true;
        return note_text(path, file, text);
    }
    source_say(world->source, SOURCE_NOTE_TRUNCATED, 1,
               "%s: truncated to %llu bytes after %llu were read; continuing at its %s", path->path,
               (unsigned long long)size, (unsigned long long)file->id.offset,
               same ? "end" : "beginning");
    if (same && identity_read(&shorter, text, size) == 0) {
        file->id = shorter;
        file->skipping = false;
        return 0;
    }
    path->copies = path->sweep = true;
    if (!path->lossy)
        source_say(world->source, SOURCE_NOTE_LOSSY, 1,
                   "%s: truncated in place (copytruncate?): lines written between the copy and the "
                   "truncation are lost",
                   path->path);
    path->lossy = true;
    return forget_text(path, file, text);
}
