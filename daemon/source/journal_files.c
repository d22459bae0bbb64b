/* SPDX-License-Identifier: MIT */
/*
 * libsystemd can follow a directory, but then every host's handle holds every host's files, looks
 * at all of them for each entry, and needs an inotify instance of its own, of which a user has 128.
 * So we watch the directory, and a handle gets its own host's files only.
 */
#include "source/journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/hash.h"
#include "base/list.h"
#include "source/journal_world.h"
#include "source/tail_watch.h"
#include "source/text_file.h"

enum { BUCKETS = 1024 };

struct journal_file {
    struct journal_file *next, *next_in_bucket;
    char *path;
    const char *name; /* within path */
    int watch;        /* of its directory */
    struct file_facts facts;
    struct list readers; /* struct journal_reader *, of the hosts it holds entries of */
    bool seen;           /* during a scan */
    bool changed;        /* since it was asked for its hosts */
    bool broken;         /* it cannot be opened */
};

struct journal_files {
    const char *directory;
    struct watches watches;
    bool watched;
    bool dirty; /* a scan is due */
    struct journal_file *first;
    struct journal_file *buckets[BUCKETS]; /* by name */
};

struct journal_files *journal_files_new(const char *directory)
{
    struct journal_files *files = calloc(1, sizeof(*files));

    if (!files)
        return NULL;
    files->directory = directory;
    watches_init(&files->watches);
    return files;
}

static void free_file(struct journal_file *file)
{
    list_done(&file->readers);
    free(file->path);
    free(file);
}

void journal_files_free(struct journal_files *files)
{
    if (!files)
        return;
    while (files->first) {
        struct journal_file *file = files->first;
        files->first = file->next;
        free_file(file);
    }
    watches_done(&files->watches);
    free(files);
}

int journal_files_fd(const struct journal_files *files)
{
    return files->watches.fd;
}

bool journal_files_are_watched(const struct journal_files *files)
{
    return files->watched;
}

/* -- Events. -- */

static struct journal_reader *reader_at(const struct journal_file *file, size_t i)
{
    return ((struct journal_reader **)file->readers.items)[i];
}

static void mark_due(const struct journal_file *file)
{
    for (size_t i = 0; i < file->readers.count; i++)
        reader_at(file, i)->due = true;
}

static struct journal_file **bucket_of(struct journal_files *files, const char *name)
{
    return &files->buckets[hash_bytes(span_str(name), 0) % BUCKETS];
}

static bool is_journal_name(const char *name)
{
    return span_ends(span_str(name), SPAN(".journal")) ||
           span_ends(span_str(name), SPAN(".journal~"));
}

/* journald and systemd-journal-remote write through a mapping, and truncate the file to the size it
 * has, so that there is an event. */
static void on_event(void *ctx, int watch, uint32_t mask, const char *name)
{
    struct journal_files *files = ctx;
    struct journal_file *file;

    if (mask & IN_Q_OVERFLOW)
        for (file = files->first; file; file = file->next)
            mark_due(file);
    if (!name[0] || !(mask & IN_MODIFY)) {
        files->dirty |= !name[0] || (mask & IN_ISDIR) || is_journal_name(name);
        return;
    }
    for (file = *bucket_of(files, name); file; file = file->next_in_bucket)
        if (file->watch == watch && strcmp(file->name, name) == 0) {
            file->changed = true;
            mark_due(file);
            files->dirty |= file->readers.count == 0;
        }
}

bool journal_files_read_events(struct journal_files *files)
{
    watches_read(&files->watches, on_event, files);
    return files->dirty;
}

/* -- Scanning. -- */

static void mark_stale(struct journal_reader *reader)
{
    reader->stale = reader->due = true;
}

static bool is_same(const struct journal_file *file, const struct file_facts *facts)
{
    return file_facts_same(facts, file->facts.dev, file->facts.ino, file->facts.btime_ns);
}

/* Most have the name they had. */
static struct journal_file *find_file(struct journal_files *files, const char *path,
                                      const struct file_facts *facts)
{
    struct journal_file *file = *bucket_of(files, strrchr(path, '/') + 1);

    while (file && !(strcmp(file->path, path) == 0 && is_same(file, facts)))
        file = file->next_in_bucket;
    if (!file)
        file = files->first;
    while (file && !is_same(file, facts))
        file = file->next;
    return file;
}

/* A file keeps its inode when it is rotated, and gets another name. */
static int note_file(struct journal_files *files, const char *path, int watch)
{
    struct file_facts facts;
    struct journal_file *file;
    char *copy;

    if (file_facts_get(AT_FDCWD, path, &facts) < 0)
        return 0;
    file = find_file(files, path, &facts);
    copy = file && strcmp(file->path, path) == 0 ? file->path : strdup(path);
    if (!file && copy && (file = calloc(1, sizeof(*file)))) {
        file->next = files->first;
        files->first = file;
        file->changed = true;
    }
    if (!file || !copy) {
        free(copy);
        return -ENOMEM;
    }
    if (copy != file->path)
        free(file->path);
    file->path = copy;
    file->name = strrchr(copy, '/') + 1;
    file->watch = watch;
    file->seen = true;
    file->changed |= facts.size != file->facts.size || facts.mtime_ns != file->facts.mtime_ns;
    file->broken &= !file->changed;
    file->facts = facts;
    return 0;
}

/* "<machine id>" or "<machine id>.<namespace>", as libsystemd has it. */
static bool is_machine_directory(const struct dirent *entry)
{
    size_t digits = strspn(entry->d_name, "0123456789abcdef");

    return digits == 32 && (entry->d_name[32] == '\0' || entry->d_name[32] == '.') &&
           (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
}

static int list_directory(struct journal_files *files, const char *path, bool top)
{
    int watch = watches_add_journals(&files->watches, path), r = 0;
    DIR *dir = opendir(path);
    const struct dirent *entry;

    if (!dir)
        return errno == ENOMEM ? -ENOMEM : 0;
    files->watched &= watch >= 0 && watches_can_trust(dirfd(dir));
    while (r == 0 && (entry = readdir(dir))) {
        char name[PATH_MAX];

        if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >= (int)sizeof(name))
            continue;
        if (is_journal_name(entry->d_name))
            r = note_file(files, name, watch);
        else if (top && is_machine_directory(entry))
            r = list_directory(files, name, false);
    }
    closedir(dir);
    return r;
}

static void forget(struct journal_file *file)
{
    for (size_t i = 0; i < file->readers.count; i++) {
        struct journal_reader *reader = reader_at(file, i);
        reader->file_count--;
        reader->vacuumed = true;
        mark_stale(reader);
    }
    free_file(file);
}

static void forget_unseen(struct journal_files *files)
{
    for (struct journal_file **at = &files->first; *at;) {
        struct journal_file *file = *at;

        if (file->seen) {
            at = &file->next;
        } else {
            *at = file->next;
            forget(file);
        }
    }
}

static void fill_buckets(struct journal_files *files)
{
    memset(files->buckets, 0, sizeof(files->buckets));
    for (struct journal_file *file = files->first; file; file = file->next) {
        struct journal_file **bucket = bucket_of(files, file->name);
        file->next_in_bucket = *bucket;
        *bucket = file;
    }
}

static int add_reader(struct journal_file *file, struct journal_reader *reader)
{
    struct journal_reader **new;

    for (size_t i = 0; i < file->readers.count; i++)
        if (reader_at(file, i) == reader)
            return 0;
    new = list_add(&file->readers, sizeof(*new), SIZE_MAX);
    if (!new)
        return -ENOMEM;
    *new = reader;
    reader->file_count++;
    mark_stale(reader);
    return 0;
}

static int open_one(const char *path, sd_journal **ret)
{
    const char *paths[] = {path, NULL};

    return sd_journal_open_files(ret, paths, 0);
}

static int ask_hosts(struct journal_file *file, journal_files_find *find, void *ctx)
{
    sd_journal *journal;
    const void *data;
    size_t len;
    int r = open_one(file->path, &journal);

    file->changed = false;
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    r = sd_journal_query_unique(journal, "_HOSTNAME");
    if (r >= 0)
        SD_JOURNAL_FOREACH_UNIQUE(journal, data, len)
        {
            struct span host = span_of(data, len);
            struct journal_reader *reader = NULL;

            r = span_take(&host, SPAN("_HOSTNAME=")) ? find(ctx, host, &reader) : 0;
            if (r >= 0 && reader)
                r = add_reader(file, reader);
            if (r < 0)
                break;
        }
    sd_journal_close(journal);
    return r == -ENOMEM ? r : 0;
}

int journal_files_scan(struct journal_files *files, bool all, journal_files_find *find, void *ctx)
{
    int r;

    files->dirty = false;
    files->watched = true;
    for (struct journal_file *file = files->first; file; file = file->next)
        file->seen = false;
    r = list_directory(files, files->directory, true);
    if (r < 0)
        return r;
    forget_unseen(files);
    fill_buckets(files);
    for (struct journal_file *file = files->first; r == 0 && file; file = file->next) {
        if (file->changed && (all || file->readers.count == 0))
            r = ask_hosts(file, find, ctx);
        if (!files->watched)
            mark_due(file);
    }
    return r;
}

/* -- One reader's files. -- */

static bool is_of(const struct journal_file *file, const struct journal_reader *reader)
{
    for (size_t i = 0; !file->broken && i < file->readers.count; i++)
        if (reader_at(file, i) == reader)
            return true;
    return false;
}

const char **journal_files_of(const struct journal_files *files,
                              const struct journal_reader *reader)
{
    const char **paths = calloc((size_t)reader->file_count + 1, sizeof(*paths));
    size_t count = 0;

    for (const struct journal_file *file = files->first; paths && file; file = file->next)
        if (is_of(file, reader))
            paths[count++] = file->path;
    return paths;
}

void journal_files_drop_broken(struct journal_files *files, const struct journal_reader *reader,
                               void (*say)(void *ctx, const char *path, int error), void *ctx)
{
    for (struct journal_file *file = files->first; file; file = file->next) {
        sd_journal *journal;
        int r;

        if (!is_of(file, reader))
            continue;
        r = open_one(file->path, &journal);
        if (r >= 0) {
            sd_journal_close(journal);
            continue;
        }
        file->broken = true;
        if (r == -ENOENT)
            files->dirty = true;
        else
            say(ctx, file->path, r);
    }
}
