/* SPDX-License-Identifier: MIT */
#include "follow_known.h"

#include <errno.h>

#define DONE_MAX 16 /* files kept in mind for each name */

struct followed *known_inode(const struct follow_path *path, const struct file_facts *facts)
{
    for (struct followed *file = path->files; file; file = file->next)
        if (file->id.ino != 0 &&
            file_facts_same(facts, file->id.dev, file->id.ino, file->id.btime_ns))
            return file;
    return NULL;
}

bool follow_path_knows(const struct follow_path *path, const struct file_facts *facts)
{
    return known_inode(path, facts) != NULL;
}

bool known_has_inode(void *ctx, uint64_t ino)
{
    const struct follow_path *path = ctx;

    for (const struct followed *file = path->files; file; file = file->next)
        if (file->id.ino == ino)
            return true;
    return false;
}

/* How many equal first bytes are proof. What a new file at the very name begins with must be long,
 * lest two files that begin within the same second are taken for one; a rotated file is probably a
 * copy, and may still be growing. */
static size_t proof_of(const struct identity *id, uint64_t size, bool strict)
{
    size_t proof = HEAD_MIN;

    if (strict)
        return proof;
    if (proof > id->offset)
        proof = (size_t)id->offset;
    if (proof > size)
        proof = (size_t)size;
    return proof;
}

struct followed *known_text(const struct follow_path *path, struct text_file *text, uint64_t size,
                            bool strict, const struct followed *not_this, enum likeness *ret)
{
    struct followed *best = NULL;

    *ret = LIKE_NOT;
    for (struct followed *file = path->files; file; file = file->next) {
        size_t proof = proof_of(&file->id, size, strict);
        enum likeness likeness;

        if (proof == 0 || file == not_this)
            continue;
        likeness = identity_compare(&file->id, text, proof);
        if (likeness == LIKE_NOT || likeness < *ret)
            continue;
        if (best && likeness == *ret && file->id.offset < best->id.offset)
            continue;
        best = file;
        *ret = likeness;
    }
    return best;
}

bool follow_sweep_is_copy(const struct follow_path *path, struct followed *file)
{
    enum likeness likeness;

    return known_text(path, &file->text, file->size, false, file, &likeness) != NULL;
}

void known_append(struct follow_path *path, struct followed *file)
{
    struct followed **end = &path->files;

    while (*end)
        end = &(*end)->next;
    file->next = NULL;
    *end = file;
}

void known_unlink(struct follow_path *path, struct followed *file)
{
    struct followed **at = &path->files;

    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
}

int known_keep(struct follow_path *path, const struct followed *file)
{
    struct followed **at = &path->files, *ghost = followed_new(FOLLOWED_DONE);

    if (!ghost)
        return -ENOMEM;
    ghost->id = file->id;
    ghost->id.ino = 0;
    ghost->skipping = file->skipping;
    while (*at != file)
        at = &(*at)->next;
    ghost->next = *at;
    *at = ghost;
    return 0;
}

void known_prune(struct follow_path *path)
{
    size_t done = 0;

    for (const struct followed *file = path->files; file; file = file->next)
        done += file->state == FOLLOWED_DONE;
    for (struct followed *file = path->files, *next; file && done > DONE_MAX; file = next) {
        next = file->next;
        if (file->state != FOLLOWED_DONE)
            continue;
        known_unlink(path, file);
        followed_free(file);
        done--;
    }
}
