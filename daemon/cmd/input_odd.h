/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a whole file to tell whether any line in it is a log's.
 * Doesn't know: other files; what is made of it.
 * Owns:         nothing; the file stays at its beginning.
 * Time:         as input_file.h.
 * Fails:        what can't be read, or when memory is short, counts as a log: it is read again.
 */
#ifndef RELAYWATCH_CMD_INPUT_ODD_H
#define RELAYWATCH_CMD_INPUT_ODD_H

#include "cmd/input_file.h"

enum { INPUT_ODD_SHOWN = 64 };

struct input_odd {
    uint64_t lines; /* without empty ones */
    uint64_t whole; /* of these with an end, and behind another's end */
    bool ends_within_line;
    char first[INPUT_ODD_SHOWN]; /* the beginning of the first of them, printable */
};

/* Whether it has lines, and none of them has a time. */
bool input_odd_look(const struct input_file *file, struct input_odd *ret);

#endif
