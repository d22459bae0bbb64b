/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells whether a file is one that was read before, and up to where it is the same.
 *               The inode number alone does not (ext4 gives it to the next file at once), nor does
 *               the name: time of birth, first bytes and the bytes before the offset do.
 * Doesn't know: directories, lines, when a file is looked at.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        identity_parse returns false on text that identity_print did not write.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_IDENTITY_H
#define RELAYWATCH_SOURCE_TAIL_IDENTITY_H

#include <jansson.h>

#include "source/text_file.h"

#define HEAD_MAX 256
#define TAIL_MAX 64
#define HEAD_MIN 64 /* so many equal first bytes are proof enough, with an equal tail */

struct identity {
    uint64_t dev, ino; /* ino 0: the text is known, but no inode holds it now */
    int64_t btime_ns;
    uint64_t offset; /* everything before it was handed over; the start of a line, or see
                        tail_file.skipping */
    size_t head_len; /* at least min(offset, HEAD_MAX): more where more has been seen */
    size_t tail_len; /* min(offset, TAIL_MAX) */
    unsigned char head[HEAD_MAX]; /* the file's first bytes */
    unsigned char tail[TAIL_MAX]; /* the bytes before the offset */
};

enum likeness {
    LIKE_NOT,     /* something else */
    LIKE_SHORTER, /* begins the same, ends before the offset */
    LIKE_SAME,    /* the same up to the offset */
};

void identity_set_inode(struct identity *id, const struct file_facts *facts);
/* Reads head and tail for a new offset. -ESTALE: the file ends before it. */
int identity_read(struct identity *id, struct text_file *text, uint64_t offset);
/* Looks at the head of a file of which little was read yet, so that it is known again elsewhere. */
void identity_read_head(struct identity *id, struct text_file *text);
/* The offset moves on over data[0 .. len), which stands at the old offset. */
void identity_advance(struct identity *id, const char *data, size_t len);

/* Compares the text only. proof: how many equal first bytes are wanted, at most HEAD_MIN. A file
 * or an identity that has less to show is LIKE_NOT. */
enum likeness identity_compare(const struct identity *id, struct text_file *text, size_t proof);

/* NULL when memory is short. */
json_t *identity_print(const struct identity *id);
bool identity_parse(const json_t *json, struct identity *ret);

#endif
