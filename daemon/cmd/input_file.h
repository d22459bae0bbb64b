/* SPDX-License-Identifier: MIT */
/*
 * Does:         opens one of the logs that a command names, and looks at its beginning. What can't
 *               be read twice (a pipe, a FIFO) is kept in a file without a name.
 * Doesn't know: other files; what its lines say.
 * Owns:         the descriptor, which the caller closes.
 * Time:         a file's last modification is the reference for dates without a year.
 * Fails:        says what is wrong with the file and returns EXIT_CANNOT.
 */
#ifndef RELAYWATCH_CMD_INPUT_FILE_H
#define RELAYWATCH_CMD_INPUT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/when.h"

enum { INPUT_PEEK = 64 * 1024 }; /* where the first date is looked for */

struct input_file {
    const char *name;
    int fd; /* -1 for journals */
    bool journal;
    bool binary;           /* bytes that no log has, and no line of one */
    bool form_is_said;     /* no line has a time, and what it is was said */
    bool packed;           /* gzip or zstd */
    uint64_t size;         /* of a regular file; else 0 */
    wall_us reference;     /* mtime, or now */
    wall_us first;         /* of its first line that has a time; LINE_TIME_FIRST: none has */
    uint64_t first_line;   /* a hash of it */
    bool starts_with_line; /* its first line is one by itself */
    int position;          /* among the names */
    int group;             /* the position of the first in its directory */
};

/* Says what errno says of it; for what hardly ever fails: it must not fail without a word. Returns
 * EXIT_CANNOT. */
int input_cannot(const char *name);

/* name, and fd -1, are set. 0 or EXIT_CANNOT. */
int input_file_open(struct input_file *file);
/* Sets the rest; buffer has room for INPUT_PEEK bytes. Again where another reference is known. */
int input_file_peek(struct input_file *file, char *buffer);
/* Whether both are named in one directory. */
bool input_file_beside(const struct input_file *a, const struct input_file *b);
/* False only if its last line is known to be whole. */
bool input_file_ends_within_line(const struct input_file *file);

#endif
