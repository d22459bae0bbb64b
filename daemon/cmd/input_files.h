/* SPDX-License-Identifier: MIT */
/*
 * Does:         opens the logs that a command names, leaves out what is none, and puts them in the
 *               order in which they are read.
 * Doesn't know: who reads them.
 * Owns:         their descriptors, until input_files_done.
 * Time:         as input_file.h.
 * Fails:        says what is wrong with which name. EXIT_CANNOT if nothing is left to be read.
 */
#ifndef RELAYWATCH_CMD_INPUT_FILES_H
#define RELAYWATCH_CMD_INPUT_FILES_H

#include "cmd/input_file.h"

struct input_files {
    struct input_file *at; /* the oldest first */
    int count;
    bool left_out; /* some of those that were named can't be read, or are no logs; it was said */
};

/* go_on: one that can't be read, or has no line of a log, is left out where there are others; else
 * it is an error. 0 or EXIT_CANNOT; input_files_done in any case. */
int input_files_open(struct input_files *files, char **names, int count, bool go_on);
void input_files_done(struct input_files *files);

#endif
