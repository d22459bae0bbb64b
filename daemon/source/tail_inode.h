/* SPDX-License-Identifier: MIT */
/*
 * Does:         follows one open file: hands over its whole lines and moves the offset past them,
 *               skips holes, cuts over-long lines, notices truncation.
 * Doesn't know: names, rotation, when to stop.
 * Owns:         the open file.
 * Time:         now_us is passed in.
 * Fails:        negative errno of read(2); what was handed over before is accounted for.
 *
 *   LIVE --the name shows another file--> OLD --quiet, or too late--> DONE
 *     ^_______renamed back_________________|  <----it grew after all----|
 */
#ifndef RELAYWATCH_SOURCE_TAIL_INODE_H
#define RELAYWATCH_SOURCE_TAIL_INODE_H

#include "source/line_time.h"
#include "source/seen_lines.h"
#include "source/tail_identity.h"
#include "source/source_kind.h"

enum tail_file_state {
    TAIL_LIVE, /* the file the name shows */
    TAIL_OLD,  /* renamed or deleted, perhaps still written to; or a rotated file to catch up */
    TAIL_DONE, /* closed; remembered so that it, or a copy of it, is recognised */
};

struct rotated_file;

struct tail_file {
    struct tail_file *next; /* the younger one */
    struct identity id;
    enum tail_file_state state;
    struct text_file text;
    bool packed;
    bool skipping; /* the offset is within a line that was handed over cut */
    bool unproven; /* was (nearly) empty when found; may turn out to be a copy of another */
    bool sought;   /* text that was truncated after a part was read: a copy has the rest */
    bool seen;     /* during a sweep: it exists, though perhaps unreadable */
    bool claimed;  /* during a sweep: the name shows it */
    bool rotated;  /* during a sweep: it is there, under the name of a rotated file or of an earlier
                        target of the link */
    struct rotated_file *found; /* during a sweep: what it is in its list; else NULL */
    int watch;                  /* inotify's watch, or -1 */
    uint64_t size;              /* as last seen; packed: bytes of text read so far */
    uint64_t end;               /* during a pass: read no further yet */
    uint64_t stored;            /* packed: bytes of the file itself when it was opened */
    uint64_t links;             /* 0: deleted */
    wall_us written;
    const char *name;           /* borrowed from its tail_path */
    uint32_t log;               /* for seen_lines: the number of its name */
    struct syslog_clock clock;  /* of its lines, while several names take turns */
    int64_t quiet_since_us;     /* monotonic: when it last grew */
    int64_t successor_since_us; /* monotonic: first data in its successor; INT64_MAX: none yet */
};

/* Shared by all files of a source: drains never overlap. */
struct tail_buffer {
    char *at;
    size_t room;
    struct seen_lines *seen; /* NULL: there is only one name */
};

bool tail_buffer_init(struct tail_buffer *buffer);
void tail_buffer_done(struct tail_buffer *buffer);

struct tail_file *tail_file_new(enum tail_file_state state);
void tail_file_free(struct tail_file *file);
bool tail_file_is_open(const struct tail_file *file);
void tail_file_set_facts(struct tail_file *file, const struct file_facts *facts);

/* How much may be handed over. */
struct tail_limit {
    size_t bytes;  /* counted down */
    wall_us until; /* no line whose turn comes later (line_time.h) */
    wall_us next;  /* returned: the turn of the line that was held back; LINE_TIME_NEVER: none */
};

enum drained {
    DRAINED,    /* no whole line left */
    DRAIN_MORE, /* the limit is reached */
    DRAIN_CUT,  /* the file is shorter than the offset, or the text before it has changed */
};

int tail_file_drain(struct tail_file *file, struct source *source, struct tail_buffer *buffer,
                    int64_t now_us, struct tail_limit *limit);
/* After a restart: remembers up to `bytes` of the lines before the offset as handed over, so that a
 * copy of them is known. */
void tail_file_recall(struct tail_file *file, struct tail_buffer *buffer, size_t bytes);
/* Bytes of an unfinished line at the end, once drained. */
uint64_t tail_file_rest(const struct tail_file *file);
/* Hands over the unfinished last line, if any, as a line. For a file that will never get the
 * rest. */
int tail_file_finish(struct tail_file *file, struct source *source, struct tail_buffer *buffer);

#endif
