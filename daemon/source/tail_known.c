/* SPDX-License-Identifier: MIT */
/*
 * Finished files stay in the list for a while, without a descriptor, so that a compressed copy made
 * an hour later is recognised as something already read.
 */
#include "source/tail_known.h"

#include <errno.h>
#include <string.h>

#include "source/rotated_files.h"

#define ALIKE_MAX ((uint64_t)256 * 1024) /* files that are alike for so long are copies */
#define DONE_MAX  16                     /* finished files remembered per name ... */
#define TIES_MAX  1024 /* ... and those as young as the youngest, up to this number in all */

struct tail_file *tail_known_inode(const struct tail_path *path, const struct file_facts *facts)
{
    for (struct tail_file *file = path->files; file; file = file->next)
        if (file->id.ino != 0 &&
            file_facts_same(facts, file->id.dev, file->id.ino, file->id.btime_ns))
            return file;
    return NULL;
}

bool tail_known_has(const struct tail_path *path, const struct file_facts *facts)
{
    return tail_known_inode(path, facts) != NULL;
}

bool tail_known_has_inode(void *ctx, uint64_t ino)
{
    const struct tail_path *path = ctx;

    for (const struct tail_file *file = path->files; file; file = file->next)
        if (file->id.ino == ino)
            return true;
    return false;
}

bool tail_known_is_at_hand(const struct tail_file *file)
{
    return tail_file_is_open(file) || file->found;
}

/* How many equal first bytes are proof. A new file under the name itself needs many, lest two files
 * that begin within the same second be taken for one. A rotated file needs fewer: it is probably a
 * copy, and may still be growing. But the beginning of a line of which nothing was read proves
 * nothing: every file begins with a date. */
static size_t proof_of(const struct identity *id, uint64_t size, bool strict)
{
    size_t proof = HEAD_MIN;

    if (strict)
        return proof;
    if (proof > id->head_len && id->offset > 0)
        proof = id->head_len;
    if (proof > size)
        proof = (size_t)size;
    return proof;
}

/* Of the texts of two files: whether this one differs, or goes on where the other ends. It is read
 * first, since the other may still be written. */
static bool is_other_text(struct text_file *text, struct text_file *than)
{
    char a[4096], b[4096];
    ssize_t n = sizeof(a), m;

    for (uint64_t at = 0; n == sizeof(a) && at < ALIKE_MAX; at += sizeof(a)) {
        n = text_file_read(text, a, sizeof(a), at);
        m = text_file_read(than, b, sizeof(b), at);
        if (n <= 0 || m < 0)
            return false;
        if (memcmp(a, b, (size_t)(n < m ? n : m)) != 0 || (n > m && !than->reader))
            return true;
    }
    return false;
}

static bool begins_as_read(const struct tail_file *file, struct text_file *text)
{
    unsigned char head[HEAD_MAX];
    size_t len = file->id.head_len;

    return text_file_read(text, head, len, 0) == (ssize_t)len &&
           memcmp(head, file->id.head, len) == 0;
}

/* Whether the file is still there, with the text that was read, and the text is not its copy though
 * it begins like that: the files began within the same second. */
static bool is_another(struct tail_file *file, struct text_file *text)
{
    struct text_file *own = &file->text;

    if (!tail_file_is_open(file)) {
        if (!file->found || !rotated_file_open(file->found))
            return false;
        own = &file->found->text;
    }
    return is_other_text(text, own) && begins_as_read(file, own);
}

/* A file of which (nearly) nothing was read yet, or whose text was replaced since, is compared on
 * disk: a copy being made of it must not be taken for another unread file. A packed text that is
 * too short to prove anything is a copy if there is no more of the file either. */
static bool begins_alike(struct tail_file *file, struct text_file *text)
{
    char bytes[HEAD_MIN];
    ssize_t n, m;

    if (!tail_file_is_open(file) || file->packed)
        return false;
    if (file->id.offset >= HEAD_MIN && begins_as_read(file, &file->text))
        return false;
    n = text_file_read(text, bytes, sizeof(bytes), 0);
    m = text_file_read(&file->text, bytes, sizeof(bytes), 0);
    if (n <= 0 || m < n || (text->reader && m != n))
        return false;
    return !is_other_text(text, &file->text);
}

static bool is_better(const struct tail_file *file, enum likeness likeness,
                      const struct tail_file *best, enum likeness best_likeness)
{
    if (!best || likeness != best_likeness)
        return likeness > best_likeness;
    if (file->id.offset != best->id.offset)
        return file->id.offset > best->id.offset;
    return file->state != TAIL_DONE;
}

/* Whether the text merely begins like the file, because the first lines of both fell within the
 * same second. A rotated file that is still there was not copied in order to rotate it, unless it
 * is being packed; and a copy is younger than what it was made of. */
static bool is_chance(const struct tail_file *file, const struct text_file *text,
                      const struct file_facts *facts, bool strict, enum likeness likeness)
{
    if (likeness == LIKE_SAME && file->id.offset >= HEAD_MAX)
        return false;
    if (file->rotated && (file->packed || !text->reader))
        return true;
    if (strict || text->reader || facts->btime_ns == 0)
        return false;
    if (facts->size < HEAD_MAX || file->id.head_len < HEAD_MAX)
        return facts->btime_ns <= file->id.btime_ns;
    return facts->btime_ns < file->id.btime_ns && file->id.offset < HEAD_MAX;
}

/* Looks at every file before deciding: a copy may resemble several, and the longest match is the
 * right one. */
struct tail_file *tail_known_text(const struct tail_path *path, struct text_file *text,
                                  const struct file_facts *facts, bool strict,
                                  const struct tail_file *not_this, enum likeness *ret)
{
    uint64_t size = text->reader ? UINT64_MAX : facts->size;
    struct tail_file *best = NULL;

    *ret = LIKE_NOT;
    for (struct tail_file *file = path->files; file; file = file->next) {
        size_t proof = proof_of(&file->id, size, strict);
        enum likeness likeness = LIKE_NOT;

        if (file == not_this)
            continue;
        if (proof > 0)
            likeness = identity_compare(&file->id, text, proof);
        if (likeness == LIKE_NOT && !strict && begins_alike(file, text))
            likeness = LIKE_SHORTER;
        if (likeness != LIKE_NOT && !strict && is_another(file, text))
            likeness = LIKE_NOT;
        if (is_chance(file, text, facts, strict, likeness) ||
            !is_better(file, likeness, best, *ret))
            continue;
        best = file;
        *ret = likeness;
    }
    return best;
}

static bool ends_within_line(struct text_file *text, uint64_t size)
{
    char last;

    return size == 0 || text_file_read(text, &last, 1, size - 1) != 1 || last != '\n';
}

/* Its text was not truncated. */
static bool merely_begins_like(const struct tail_file *known, enum likeness likeness, uint64_t size)
{
    return known && known->id.ino != 0 && likeness == LIKE_SHORTER && size < HEAD_MAX;
}

bool tail_known_is_unsure(const struct tail_file *known, enum likeness likeness,
                          struct text_file *text, uint64_t size)
{
    if (text->reader)
        return false;
    return merely_begins_like(known, likeness, size) ||
           (size < HEAD_MIN && ends_within_line(text, size));
}

const struct tail_file *tail_known_original(const struct tail_path *path, struct tail_file *file,
                                            bool *ret_unsure)
{
    struct file_facts facts = {.size = file->size, .btime_ns = file->id.btime_ns};
    enum likeness likeness;
    const struct tail_file *known =
        tail_known_text(path, &file->text, &facts, false, file, &likeness);

    *ret_unsure = merely_begins_like(known, likeness, file->size) &&
                  !ends_within_line(&file->text, file->size);
    return known;
}

struct tail_file *tail_known_unread(const struct tail_path *path, struct text_file *text)
{
    for (struct tail_file *file = path->files; file; file = file->next)
        if (file->id.offset == 0 && file->state != TAIL_DONE && !tail_file_is_open(file) &&
            !file->seen && file->id.head_len > 0 && begins_as_read(file, text))
            return file;
    return NULL;
}

/* The disk's clock may not have ticked between two files: then their names decide, if they are
 * there. */
static bool is_later(const struct tail_file *file, const struct tail_file *than)
{
    if (file->claimed)
        return true;
    return file->found && than->found ? file->found > than->found : file->written > than->written;
}

void tail_known_insert(struct tail_path *path, struct tail_file *file)
{
    struct tail_file **at = &path->files;

    while (*at && !((*at)->id.offset == 0 && tail_file_is_open(*at) && is_later(*at, file)))
        at = &(*at)->next;
    file->next = *at;
    *at = file;
}

void tail_known_hasten(struct tail_path *path, struct tail_file *file)
{
    struct tail_file **at = &path->files;

    while (*at != file && !((*at)->id.offset == 0 && tail_file_is_open(*at) && is_later(*at, file)))
        at = &(*at)->next;
    if (*at == file)
        return;
    struct tail_file *later = *at;
    tail_known_unlink(path, file);
    *at = file;
    file->next = later;
}

void tail_known_append(struct tail_path *path, struct tail_file *file)
{
    struct tail_file **end = &path->files;

    while (*end)
        end = &(*end)->next;
    file->next = NULL;
    *end = file;
}

void tail_known_unlink(struct tail_path *path, struct tail_file *file)
{
    struct tail_file **at = &path->files;

    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
}

int tail_known_remember_text(struct tail_path *path, const struct tail_file *file)
{
    struct tail_file **at = &path->files, *ghost = tail_file_new(TAIL_DONE);

    if (!ghost)
        return -ENOMEM;
    ghost->id = file->id;
    ghost->id.ino = 0;
    ghost->skipping = file->skipping;
    ghost->sought = file->id.offset > 0;
    while (*at != file)
        at = &(*at)->next;
    ghost->next = *at;
    *at = ghost;
    return 0;
}

/* A file as young as the floor is kept: by its time of birth alone it would count as unread. */
void tail_known_prune(struct tail_path *path)
{
    size_t done = 0;

    for (const struct tail_file *file = path->files; file; file = file->next)
        done += file->state == TAIL_DONE;
    for (struct tail_file *file = path->files, *next; file && done > DONE_MAX; file = next) {
        next = file->next;
        if (file->state != TAIL_DONE ||
            (done < TIES_MAX && file->id.ino != 0 && file->id.btime_ns >= path->floor_btime_ns))
            continue;
        tail_known_unlink(path, file);
        tail_file_free(file);
        done--;
    }
}
