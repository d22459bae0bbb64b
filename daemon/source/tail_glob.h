/* SPDX-License-Identifier: MIT */
/*
 * Does:         holds a glob of [source] files, watches every directory in which a new name may
 *               come to match it, and tells which events may be about one.
 * Doesn't know: what is done with the names.
 * Owns:         its text.
 * Time:         timeless.
 * Fails:        NULL if out of memory.
 */
#ifndef RELAYWATCH_SOURCE_TAIL_GLOB_H
#define RELAYWATCH_SOURCE_TAIL_GLOB_H

#include <stddef.h>

#include "source/tail_watch.h"

struct tail_glob {
    struct tail_glob *next;
    char *text;   /* absolute */
    bool matches; /* anything, when last expanded */
    /* By watched directory: the part of the text, counted from 1, that names in it may match. */
    struct hash_index parts;
};

struct tail_glob *tail_glob_new(const char *text, size_t len);
void tail_glob_free(struct tail_glob *glob);

/* Whether all directories could be watched: those that a wildcard stands for, too, and those above,
 * in which a missing one may appear. Watching twice changes nothing. */
bool tail_glob_watch(struct tail_glob *glob, struct watches *watches);
/* Whether a name that came up in the directory of that watch may lead to a match. */
bool tail_glob_hints(const struct tail_glob *glob, int watch, const char *name);

#endif
