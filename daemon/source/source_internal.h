/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the kinds of source share: their table of functions, notes and counters.
 * Doesn't know: files and journals.
 * Owns:         nothing.
 * Time:         as source.h.
 * Fails:        as source.h.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_INTERNAL_H
#define RELAYWATCH_SOURCE_SOURCE_INTERNAL_H

#include <jansson.h>

#include "source/source_types.h"

struct source_ops {
    int (*run)(struct source *source, int64_t now_us, size_t budget);
    int (*fd)(const struct source *source);
    int64_t (*deadline_us)(const struct source *source);
    char *(*place)(const struct source *source);
    uint64_t (*behind)(const struct source *source);
    void (*close)(struct source *source);
};

/* The first member of every kind. */
struct source {
    const struct source_ops *ops;
    struct source_sink sink;
    uint64_t counters[SOURCE_NOTE_COUNT];
    bool resumed; /* something was taken from the place */
};

/* Counts `amount` and tells the operator. */
void source_say(struct source *source, enum source_note note, uint64_t amount, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* A place: what kind of source it is of, and its parts (files, readers), which are taken over; NULL
 * where they are NULL or memory is short. */
char *source_format_position(const char *kind, json_t *parts);
/* Calls load for each part of a place of that kind: 1 where it was taken, 0 where it is of no use
 * any more, or -errno, which is then returned. */
int source_load_position(struct source *source, const char *place, const char *kind,
                         int (*load)(struct source *source, const json_t *part));

/* Calls visit for each blank-separated word until one returns nonzero, and returns that, or 0. */
int source_each_word(const char *words, int (*visit)(void *ctx, const char *word, size_t len),
                     void *ctx);

#endif
