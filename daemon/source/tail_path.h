/* SPDX-License-Identifier: MIT */
/*
 * Does:         holds what is known of one name: the file it shows now, those it showed before that
 *               may still get lines, copies of them, and rotated files not read yet. Opens and
 *               closes them, says when to look again, and writes and reads the position.
 * Doesn't know: other names, globs; what a look finds (tail_pass.h, tail_sweep.h).
 * Owns:         its files.
 * Time:         now_us is monotonic and passed in; births and last writes are the disk's, and are
 *               compared with each other only.
 * Fails:        NULL if out of memory; tail_path_load returns false on a position it cannot use.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_PATH_H
#define RELAYWATCH_SOURCE_TAIL_PATH_H

#include "source/tail_inode.h"
#include "source/tail_watch.h"

/* Shared by all names of a source. */
struct tail_world {
    struct source *source;
    struct watches watches;
    struct tail_buffer buffer;
    char *rotated; /* blank-separated directories, or NULL */
    enum source_start start;
    uint64_t last; /* SOURCE_LAST: so many bytes of each file; else 0 */
    wall_us since;
    dur_us grace, cap, recheck, poll;
    bool starting; /* during open: lines may have been written while we were not running */
};

struct tail_path {
    struct tail_path *next;
    char *path, *directory;
    const char *base;        /* within path */
    char *real;              /* the target if the name is a symbolic link, else NULL */
    int directory_watch;     /* of it, or of what is there above it; -1: none */
    struct tail_file *files; /* oldest first; the one the name shows is last */
    /* An unknown rotated file is unread if it was born at or after the youngest file known so far,
     * and written to at or after the last look at what the name showed. */
    int64_t floor_btime_ns, floor_mtime_ns;
    uint32_t number; /* no other name of the source has it */
    uint32_t place;  /* in tail_names; the owner of its watches is one more */
    bool due;        /* in the queue of tail_names ... */
    struct tail_path *next_due;
    bool copy; /* that it has lines of another name's log is noted */
    bool from_glob;
    bool twin; /* it shows a file that is read under an earlier name, and is not read itself */
    struct file_facts shown;         /* what it showed when twins were looked for; ino 0: nothing */
    bool fresh;                      /* nothing known yet: the start policy decides */
    bool fresh_rotated;              /* likewise for the rotated files */
    bool dirty;                      /* look as soon as possible ... */
    bool named;                      /* ... because something happened in its directory */
    bool sweep;                      /* ... and work out again which file is what */
    bool settled;                    /* every file was accounted for since we were started */
    unsigned overtaken;              /* sweeps in a row during which something changed */
    bool turned;                     /* the name shows a file unknown when last settled */
    bool copies;                     /* a file was truncated: consider packed copies too */
    bool blind;                      /* a watch is missing */
    bool silent;                     /* the file system does not report changes */
    bool polling;                    /* so we look often */
    bool waiting, unreadable, lossy; /* already noted */
    int64_t retry_us, retry_step_us; /* INT64_MAX: nothing to retry */
    int64_t unreadable_since_us;
    int64_t missing_since_us; /* INT64_MAX: it is there */
    int error;                /* of the last look: negative errno */
    uint64_t aside_ino;       /* the rotated file last noted as not read */
    int64_t recheck_us;
    wall_us
        next_line; /* of its next line; LINE_TIME_FIRST: not known, LINE_TIME_NEVER: all is read */
};

/* `path` is absolute. NULL if out of memory. */
struct tail_path *tail_path_new(const char *path, size_t len);
void tail_path_free(struct tail_path *path, struct tail_world *world);
/* Looks where the name leads, if it is a symbolic link. */
void tail_path_resolve(struct tail_path *path);
/* Lets go of all its files; until further notice there is nothing to do but a look from time to
 * time. What the name shows later is new. */
void tail_path_rest(struct tail_path *path, struct tail_world *world, int64_t now_us);

/* The file the name shows, or NULL. */
struct tail_file *tail_path_live(const struct tail_path *path);
/* Nothing is open and the name shows nothing: a name that a glob found may be forgotten. */
bool tail_path_is_over(const struct tail_path *path);
/* When to look at everything again in any case. Of many names only a few are due at once. */
int64_t tail_path_recheck_us(const struct tail_path *path, const struct tail_world *world,
                             int64_t now_us);
/* When to look again if nothing happens. */
int64_t tail_path_deadline_us(const struct tail_path *path, const struct tail_world *world);

/* Opens `file` with the given text, and watches it. Takes over *text. */
void tail_path_attach(struct tail_path *path, struct tail_world *world, struct tail_file *file,
                      struct text_file *text, const struct file_facts *facts, int64_t now_us);
void tail_path_detach(struct tail_world *world, struct tail_file *file);
/* When to give up a deleted file without a successor. It may still be written to for weeks, but not
 * forever. */
int64_t tail_path_abandon_us(const struct tail_file *file, const struct tail_world *world);

/* The name's part of a position. NULL if out of memory. */
json_t *tail_path_to_json(const struct tail_path *path);
/* Takes over what tail_path_to_json wrote; false, and still fresh, if it is something else. */
bool tail_path_load(struct tail_path *path, const json_t *json);

#endif
