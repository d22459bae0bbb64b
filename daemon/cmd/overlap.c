/* SPDX-License-Identifier: MIT */
/*
 * Two logs of one server that overlap have the same lines in the same order, each perhaps with some
 * that the other lacks. So it is enough to follow along in the earlier file: once a line of the
 * later one has been found there, the next is most likely the one after it.
 */
#include "cmd/overlap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/hash.h"

enum {
    FIRST_LINES = 8, /* the first may be cut; if none of these is known, no line is */
    ROOM_MIN = 4096,
};
/* Hashes that may be looked at in vain for one file: a moment's work. */
#define LOOKS_MAX (256 * 1024 * 1024)

struct overlap {
    uint64_t *hash; /* of every line so far, file by file */
    size_t count, room;
    size_t file;    /* where this file's begin */
    size_t at;      /* the earlier line that this file's next is likely to be */
    bool following; /* `at` is known */
    int tries;      /* lines that may still show where to follow */
    uint64_t looks, left_out;
};

struct overlap *overlap_new(void)
{
    return calloc(1, sizeof(struct overlap));
}

void overlap_free(struct overlap *overlap)
{
    if (overlap)
        free(overlap->hash);
    free(overlap);
}

void overlap_next_file(struct overlap *overlap)
{
    overlap->file = overlap->count;
    overlap->at = 0;
    overlap->following = false;
    overlap->tries = FIRST_LINES;
    overlap->looks = LOOKS_MAX;
}

static void record(struct overlap *overlap, uint64_t hash)
{
    if (overlap->count == overlap->room) {
        size_t room = overlap->room ? 2 * overlap->room : ROOM_MIN;
        uint64_t *grown =
            room > OVERLAP_LINES_MAX ? NULL : realloc(overlap->hash, room * sizeof(*grown));
        if (!grown)
            return;
        overlap->hash = grown;
        overlap->room = room;
    }
    overlap->hash[overlap->count++] = hash;
}

/* Whether an earlier file has the line, from `at` on; the next one is expected behind it. */
static bool find(struct overlap *overlap, uint64_t hash)
{
    for (size_t i = overlap->at; i < overlap->file && overlap->looks; i++, overlap->looks--)
        if (overlap->hash[i] == hash) {
            overlap->at = i + 1;
            return true;
        }
    return false;
}

static bool is_known(struct overlap *overlap, uint64_t hash)
{
    if (!overlap->following && overlap->tries-- <= 0)
        return false;
    bool known = find(overlap, hash);
    overlap->following |= known;
    return known;
}

void overlap_filter(struct overlap *overlap, const char *data, size_t len, overlap_keep *keep,
                    void *ctx)
{
    struct span rest = span_of(data, len), line;
    const char *kept = data; /* where the run of lines to keep begins */

    while (span_take_line(&rest, &line)) {
        uint64_t hash = hash_bytes(span_trim_end(line), 0);
        bool known = is_known(overlap, hash);
        if (!known) {
            record(overlap, hash);
            continue;
        }
        overlap->left_out++;
        if (line.at > kept)
            keep(ctx, kept, (size_t)(line.at - kept));
        kept = rest.at;
    }
    if (data + len > kept)
        keep(ctx, kept, (size_t)(data + len - kept));
}

uint64_t overlap_left_out(const struct overlap *overlap)
{
    return overlap->left_out;
}
