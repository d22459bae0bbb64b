/* SPDX-License-Identifier: MIT */
/*
 * The names follow logrotate (with and without dateext, extension and compress), newsyslog and
 * savelog. A name is only a reason to look at a file; what it is, its text decides.
 */
#include "source/rotated_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define ROTATED_MAX 1024
#define COMPARED    256 /* bytes of a packed file and the one it may be made of */

static bool is_suffix(struct span s)
{
    bool digit = false;

    if (span_equal(s, SPAN(".old")))
        return true;
    if (s.len < 2 || !strchr(".-_", s.at[0]))
        return false;
    for (size_t i = 1; i < s.len; i++) {
        if (!is_digit(s.at[i]) && !strchr(".:T_-", s.at[i]))
            return false;
        digit |= is_digit(s.at[i]);
    }
    return digit;
}

static struct span without_packing(struct span name, bool *ret_packed)
{
    static const struct span endings[] = {{".gz", 3}, {".zst", 4}};

    *ret_packed = false;
    for (size_t i = 0; i < 2; i++)
        if (span_ends(name, endings[i])) {
            *ret_packed = true;
            return span_head(name, name.len - endings[i].len);
        }
    return name;
}

bool rotated_name_matches(const char *base, const char *name, bool *ret_packed)
{
    struct span want = span_str(base), rest = span_str(name);
    ptrdiff_t dot;

    *ret_packed = false;
    if (rest.len <= want.len) /* asked of each file about each: most names are the same */
        return false;
    rest = without_packing(rest, ret_packed);
    dot = span_find_last(want, '.');
    if (span_starts(rest, want) && is_suffix(span_skip(rest, want.len)))
        return true;
    if (dot <= 0 || rest.len <= want.len)
        return false;
    /* logrotate's `extension`: mail.log becomes mail-20260101.log */
    struct span stem = span_head(want, (size_t)dot), extension = span_skip(want, (size_t)dot);
    if (!span_starts(rest, stem) || !span_ends(rest, extension))
        return false;
    return is_suffix(span_of(rest.at + stem.len, rest.len - want.len));
}

static size_t count_digits(struct span s)
{
    size_t n = 0;

    while (n < s.len && is_digit(s.at[n]))
        n++;
    return n;
}

bool rotated_name_is_sibling(const char *base, const char *name, bool *ret_packed)
{
    struct span a = span_str(base), b = without_packing(span_str(name), ret_packed);

    if (span_equal(a, b))
        return false;
    while (a.len && b.len) {
        size_t m = count_digits(a), n = count_digits(b);

        if ((m > 0) != (n > 0) || (m == 0 && a.at[0] != b.at[0]))
            return false;
        a = span_skip(a, m ? m : 1);
        b = span_skip(b, n ? n : 1);
    }
    return a.len == 0 && b.len == 0;
}

bool rotated_name_is_leftover(const char *name)
{
    static const char *const endings[] = {".gz",  ".zst", ".xz",       ".bz2",      ".tmp",
                                          ".bak", "~",    ".dpkg-old", ".dpkg-new", ".swp"};

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (span_ends(span_str(name), span_str(endings[i])))
            return true;
    return false;
}

static int add(struct rotated_files *rotated_files, const struct rotated_file *rotated_file)
{
    if (rotated_files->count == rotated_files->room) {
        size_t room = rotated_files->room ? 2 * rotated_files->room : 16;
        struct rotated_file *at = realloc(rotated_files->at, room * sizeof(*at));
        if (!at)
            return -ENOMEM;
        rotated_files->at = at;
        rotated_files->room = room;
    }
    rotated_files->at[rotated_files->count++] = *rotated_file;
    return 0;
}

static struct rotated_file *listed(const struct rotated_files *rotated_files,
                                   const struct file_facts *facts)
{
    for (size_t i = 0; i < rotated_files->count; i++)
        if (file_facts_same(&rotated_files->at[i].facts, facts->dev, facts->ino, facts->btime_ns))
            return &rotated_files->at[i];
    return NULL;
}

static int consider(struct rotated_files *rotated_files, const char *directory, int dirfd,
                    const char *name, struct rotated_file found)
{
    struct rotated_file *before;

    found.text.fd = -1;
    if (file_facts_get(dirfd, name, &found.facts) < 0)
        return 0;
    before = listed(rotated_files, &found.facts);
    if (before) { /* beside the link, and then as a sibling of the target */
        before->sibling |= found.sibling;
        return 0;
    }
    if (asprintf(&found.path, "%s/%s", directory, name) < 0)
        return -ENOMEM;
    int r = add(rotated_files, &found);
    if (r < 0)
        free(found.path);
    return r;
}

int rotated_files_add(struct rotated_files *rotated_files, const char *path, const char *directory,
                      rotated_files_know *know, void *ctx)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    DIR *dir = opendir(directory);
    const struct dirent *entry;
    int r = 0;

    if (!dir)
        return errno == ENOMEM ? -ENOMEM : 0;
    while (r == 0 && (entry = readdir(dir))) {
        struct rotated_file found = {0};

        bool itself = strcmp(entry->d_name, base) == 0;

        found.named = rotated_name_matches(base, entry->d_name, &found.packed);
        found.sibling = !found.named && rotated_name_is_sibling(base, entry->d_name, &found.packed);
        if (!itself && !found.named && !found.sibling && !know(ctx, entry->d_ino))
            continue;
        rotated_files->names += hash_bytes(span_str(entry->d_name), entry->d_ino);
        if (itself || (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN))
            continue;
        rotated_files->full |= rotated_files->count == ROTATED_MAX;
        if (!rotated_files->full)
            r = consider(rotated_files, directory, dirfd(dir), entry->d_name, found);
    }
    closedir(dir);
    return r;
}

/* The number of "mail.log.12", -1 for "mail.log-20261124". */
static int number_of(const char *path)
{
    bool packed;
    struct span name = without_packing(span_str(path), &packed);
    ptrdiff_t dot = span_find_last(name, '.');
    struct span digits = span_skip(name, (size_t)(dot + 1));
    uint64_t n;

    return digits.len < 5 && span_take_number(&digits, &n) && digits.len == 0 ? (int)n : -1;
}

/* For equal times only: a file system's clock ticks every few milliseconds. */
static int compare_names(const char *a, const char *b)
{
    int x = number_of(a), y = number_of(b);

    return x >= 0 && y >= 0 ? y - x : strverscmp(a, b);
}

static int compare(const void *a, const void *b)
{
    const struct rotated_file *x = a, *y = b;

    if (x->facts.mtime_ns != y->facts.mtime_ns)
        return x->facts.mtime_ns < y->facts.mtime_ns ? -1 : 1;
    return compare_names(x->path, y->path);
}

/* Sorts by last write, which rename and gzip preserve, rather than by name or number. */
void rotated_files_sort(struct rotated_files *rotated_files)
{
    if (rotated_files->count > 1)
        qsort(rotated_files->at, rotated_files->count, sizeof(*rotated_files->at), compare);
}

bool rotated_file_open(struct rotated_file *rotated_file)
{
    struct file_facts facts;

    if (rotated_file->text.fd >= 0)
        return true;
    if (text_file_open(&rotated_file->text, AT_FDCWD, rotated_file->path, rotated_file->packed) < 0)
        return false;
    if (file_facts_get(rotated_file->text.fd, "", &facts) == 0 &&
        file_facts_same(&facts, rotated_file->facts.dev, rotated_file->facts.ino,
                        rotated_file->facts.btime_ns)) {
        rotated_file->facts = facts;
        return true;
    }
    text_file_close(&rotated_file->text);
    return false;
}

/* The "mail.log.1" that is listed beside this "mail.log.1.gz", or NULL. */
static struct rotated_file *unpacked(const struct rotated_files *rotated_files,
                                     const struct rotated_file *packed)
{
    bool is_packed;
    struct span stem = without_packing(span_str(packed->path), &is_packed);

    for (size_t i = 0; is_packed && i < rotated_files->count; i++)
        if (span_equal(span_str(rotated_files->at[i].path), stem))
            return &rotated_files->at[i];
    return NULL;
}

bool rotated_files_is_being_packed(const struct rotated_files *rotated_files,
                                   struct rotated_file *packed)
{
    struct rotated_file *plain = unpacked(rotated_files, packed);
    char a[COMPARED], b[COMPARED];
    ssize_t n, m;

    if (!plain)
        return false;
    if (!rotated_file_open(plain))
        return true;
    n = text_file_read(&packed->text, a, sizeof(a), 0);
    m = text_file_read(&plain->text, b, sizeof(b), 0);
    return n <= 0 || (n <= m && memcmp(a, b, (size_t)n) == 0);
}

void rotated_files_done(struct rotated_files *rotated_files)
{
    for (size_t i = 0; i < rotated_files->count; i++) {
        text_file_close(&rotated_files->at[i].text);
        free(rotated_files->at[i].path);
    }
    free(rotated_files->at);
    *rotated_files = (struct rotated_files){0};
}
