/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the two kinds of source share: their table of functions, notes and counters,
 *               and the outer form of a position.
 * Doesn't know: files and journals.
 * Owns:         nothing.
 * Time:         as source.h.
 * Fails:        as source.h.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_KIND_H
#define RELAYWATCH_SOURCE_SOURCE_KIND_H

#include <jansson.h>

#include "source/blind.h"
#include "source/source_options.h"

struct source;

struct source_ops {
    int (*run)(struct source *source, int64_t now_us, size_t budget);
    int (*fd)(const struct source *source);
    int64_t (*deadline_us)(const struct source *source);
    char *(*position)(const struct source *source);
    uint64_t (*behind)(const struct source *source);
    void (*each_blind)(const struct source *source, int64_t now_us, blind_visit *visit, void *ctx);
    wall_us (*written)(const struct source *source);
    bool (*has_all_of)(const struct source *source, const struct source *other); /* NULL: yes */
    void (*close)(struct source *source);
};

/* The first member of every kind's own struct. */
struct source {
    const struct source_ops *ops;
    struct source_sink sink;
    uint64_t counters[SOURCE_NOTE_COUNT];
    bool resumed; /* something was taken from the position */
};

/* Counts `amount` and passes the text to the sink, if it is not a mere repetition. */
void source_say(struct source *source, enum source_note note, uint64_t amount, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* The names in a position, with blanks between; "" if it is a journal's; NULL if out of memory. The
 * caller frees it. */
char *source_position_files(const char *position);
/* Makes the text of a position: the kind of source and its parts (files, readers). Takes ownership
 * of `parts`. NULL if `parts` is NULL or out of memory. */
char *source_format_position(const char *kind, json_t *parts);
/* Calls `load` for each part, if the position is of that kind. `load` returns 1 if it used the
 * part, 0 if the part is obsolete, or -errno, which stops and is returned. */
int source_load_position(struct source *source, const char *text, const char *kind,
                         int (*load)(struct source *source, const json_t *part));

/* Calls `visit` for each word (separated by blanks or commas) until one returns nonzero; returns
 * that, or 0. */
int source_each_word(const char *words, int (*visit)(void *ctx, const char *word, size_t len),
                     void *ctx);

#endif
