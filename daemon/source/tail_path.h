/* SPDX-License-Identifier: MIT */
/*
 * Does:         follows one name through its life: the file it shows now, those it showed before
 *               that may still get lines, copies of them, and rotated ones not read yet.
 * Doesn't know: other names, globs, events; being told to look is enough.
 * Owns:         its files.
 * Time:         now_us is monotonic and passed in; births and last writes are the disk's, and are
 *               compared with each other only.
 * Fails:        -ENOMEM. Whatever is wrong with a file is noted and tried again.
 *
 * One pass (tail_path_run): read every file to its end, oldest first; see what the name shows;
 * where that changed, sweep (find out which file is what) and read on; close what is finished.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_PATH_H
#define RELAYWATCH_SOURCE_TAIL_PATH_H

#include "source/tail_inode.h"
#include "source/tail_watch.h"

/* What all names of a source share. */
struct tail_world {
    struct source *source;
    struct watches watches;
    struct tail_buffer buffer;
    char *rotated; /* blank-separated directories, or NULL */
    enum source_start start;
    wall_us since;
    dur_us grace, cap, recheck, poll;
    bool starting; /* during open: lines were written while nobody looked */
};

struct tail_path {
    struct tail_path *next;
    char *path, *directory;
    const char *base;        /* within path */
    char *real;              /* where a symbolic link leads, or NULL */
    struct tail_file *files; /* the oldest first, the one the name shows last */
    /* A rotated file that is not known was not read if it was born at or after the youngest file
     * that was known so far, and written to at or after the last look at what the name showed. */
    int64_t floor_btime_ns, floor_mtime_ns;
    bool from_glob;
    bool fresh;                      /* nothing is known yet: the start policy decides */
    bool fresh_siblings;             /* likewise for the rotated ones */
    bool dirty;                      /* look as soon as possible ... */
    bool named;                      /* ... because of its directory */
    bool sweep;                      /* ... and find out again which file is what */
    bool copies;                     /* a file was truncated: packed copies count too */
    bool blind;                      /* a watch is missing */
    bool silent;                     /* the file system does not tell of changes */
    bool polling;                    /* so it is looked at often */
    bool waiting, unreadable, lossy; /* was noted */
    int64_t retry_us, retry_step_us; /* INT64_MAX: nothing to try again */
    int64_t unreadable_since_us;
    int64_t recheck_us;
};

/* NULL when memory is short. `path` is absolute. */
struct tail_path *tail_path_new(const char *path, size_t len);
void tail_path_free(struct tail_path *path, struct tail_world *world);

/* Of tail_pass.c. Returns SOURCE_IDLE, SOURCE_MORE, -errno. budget: bytes, counted down. */
int tail_path_run(struct tail_path *path, struct tail_world *world, int64_t now_us, size_t *budget);
int64_t tail_path_deadline_us(const struct tail_path *path, const struct tail_world *world);
/* Whether an inode is one of its files. */
bool tail_path_knows(const struct tail_path *path, const struct file_facts *facts);
struct tail_file *tail_path_live(const struct tail_path *path);
/* Nothing is open and nothing is shown: a name that a glob found may be forgotten. */
bool tail_path_is_over(const struct tail_path *path);

/* The place. load takes over what print gave; false, and fresh, where it is something else. */
json_t *tail_path_print(const struct tail_path *path);
bool tail_path_load(struct tail_path *path, const json_t *json);

/* Of tail_sweep.c. Sees which file is what; returns 0, or why the name shows nothing (-ENOENT,
 * -EACCES ...), or -ENOMEM. */
int tail_sweep(struct tail_path *path, struct tail_world *world, int64_t now_us);
/* A file no longer has the text that was read. Goes on at its end where it was only shortened, else
 * at its beginning; what was read is kept in mind as a file of its own, for there may be a copy. */
int tail_sweep_cut(struct tail_path *path, struct tail_world *world, struct tail_file *file,
                   struct text_file *text, uint64_t size);
/* Whether text is, so far, that of another file of the name. */
bool tail_sweep_is_copy(const struct tail_path *path, struct tail_file *file);
/* Of tail_path.c. */
void tail_path_attach(struct tail_path *path, struct tail_world *world, struct tail_file *file,
                      struct text_file *text, const struct file_facts *facts, int64_t now_us);
void tail_path_detach(struct tail_world *world, struct tail_file *file);
/* A deleted file whose name shows nothing new may still be written to, for weeks; but not for ever.
 */
int64_t tail_path_abandon_us(const struct tail_file *file, const struct tail_world *world);

#endif
