/* SPDX-License-Identifier: MIT */
/*
 * Does:         one file that is followed: hands over its whole lines and moves the offset past
 *               them, skips holes, cuts over-long lines, notices that it was truncated.
 * Doesn't know: names, rotation, when to stop.
 * Owns:         the open file.
 * Time:         now_us is passed in.
 * Fails:        negative errno of read; what was handed over before is accounted for.
 *
 *   LIVE --the name shows another file--> OLD --quiet, or too late--> DONE
 *     ^_______renamed back_________________|  <----it grew after all----|
 */
#ifndef RELAYWATCH_SOURCE_TAIL_INODE_H
#define RELAYWATCH_SOURCE_TAIL_INODE_H

#include "source/tail_identity.h"
#include "source/source_internal.h"

enum tail_file_state {
    FOLLOWED_LIVE, /* the name shows it */
    FOLLOWED_OLD,  /* renamed or deleted, perhaps still written to; or a rotated file to catch up */
    FOLLOWED_DONE, /* closed; kept so that it, or a copy of it, is known again */
};

struct tail_file {
    struct tail_file *next; /* the younger one */
    struct identity id;
    enum tail_file_state state;
    struct text_file text;
    bool packed;
    bool skipping;  /* the offset is within a line that was handed over cut */
    bool unproven;  /* was (nearly) empty when found: may turn out to be a copy of another */
    bool seen;      /* during a sweep: it is there, though perhaps not readable */
    bool claimed;   /* during a sweep: the name shows it */
    int watch;      /* inotify's number, or -1 */
    uint64_t size;  /* as last seen; packed: of the text read so far */
    uint64_t links; /* 0: deleted */
    wall_us written;
    int64_t quiet_since_us;     /* monotonic: when it last grew */
    int64_t successor_since_us; /* monotonic: its successor's first data; INT64_MAX: none yet */
};

/* One for all files of a source: drains never overlap. */
struct tail_buffer {
    char *at;
    size_t room;
};

bool tail_buffer_init(struct tail_buffer *buffer);
void tail_buffer_done(struct tail_buffer *buffer);

struct tail_file *tail_file_new(enum tail_file_state state);
void tail_file_free(struct tail_file *file);
bool tail_file_is_open(const struct tail_file *file);
void tail_file_set_facts(struct tail_file *file, const struct file_facts *facts);

enum drained {
    DRAINED,    /* no whole line is left */
    DRAIN_MORE, /* the budget is used up */
    DRAIN_CUT,  /* the file is shorter than the offset, or other text stands before it */
};

/* budget: bytes, counted down. */
int tail_file_drain(struct tail_file *file, struct source *source, struct tail_buffer *buffer,
                    int64_t now_us, size_t *budget);
/* Bytes of an unfinished line at the end, once drained. */
uint64_t tail_file_rest(const struct tail_file *file);
/* Hands over the unfinished last line, if there is one, as a line. Only for a file that will not
 * get the rest of it. */
int tail_file_finish(struct tail_file *file, struct source *source, struct tail_buffer *buffer);

#endif
