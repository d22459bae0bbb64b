/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells whether a file is one that was read before, and up to which offset it is the
 *               same. The inode number is not enough (ext4 gives it to the next file at once), nor
 *               is the name; time of birth, first bytes and the bytes before the offset are.
 * Doesn't know: directories, lines, when a file is looked at.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        identity_from_json returns false on anything identity_to_json did not write.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_IDENTITY_H
#define RELAYWATCH_SOURCE_TAIL_IDENTITY_H

#include <jansson.h>

#include "source/text_file.h"

#define HEAD_MAX 256
#define TAIL_MAX 64
#define HEAD_MIN 64 /* this many equal first bytes, with an equal tail, are proof */

struct identity {
    uint64_t dev, ino; /* ino 0: the text is known, but no file holds it now */
    int64_t btime_ns;
    uint64_t offset; /* everything before it was handed over; at the start of a line, unless
                        tail_file.skipping */
    size_t head_len; /* at least min(offset, HEAD_MAX); more if more was seen */
    size_t tail_len; /* min(offset, TAIL_MAX) */
    unsigned char head[HEAD_MAX]; /* the file's first bytes */
    unsigned char tail[TAIL_MAX]; /* the bytes before the offset */
};

enum likeness {
    LIKE_NOT,     /* different text */
    LIKE_SHORTER, /* begins the same, but ends before the offset */
    LIKE_SAME,    /* the same up to the offset */
};

void identity_set_inode(struct identity *id, const struct file_facts *facts);
/* Reads head and tail for a new offset. -ESTALE: the file ends before it. */
int identity_read(struct identity *id, struct text_file *text, uint64_t offset);
/* Reads the head of a file of which little was read yet, to recognise it elsewhere later. */
void identity_read_head(struct identity *id, struct text_file *text);
/* Moves the offset past data[0 .. len), which is the text at the old offset. */
void identity_advance(struct identity *id, const char *data, size_t len);

/* Compares the text only. proof: how many equal first bytes are required, at most HEAD_MIN.
 * LIKE_NOT if the file or the identity has fewer. */
enum likeness identity_compare(const struct identity *id, struct text_file *text, size_t proof);

/* NULL if out of memory. */
json_t *identity_to_json(const struct identity *id);
bool identity_from_json(const json_t *json, struct identity *ret);

#endif
