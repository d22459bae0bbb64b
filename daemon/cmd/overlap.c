/* SPDX-License-Identifier: MIT */
/*
 * Two logs of one server that overlap have the same lines in the same order, each perhaps with some
 * that the other lacks. So it is enough to follow along in the earlier file: once a line of the
 * later one has been found there, the next is most likely the one after it.
 */
#include "cmd/overlap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"
#include "source/source_options.h"

enum {
    FIRST_LINES = 8, /* the first may be cut; if none of these is known, no line is */
    CONFIRM = 4,     /* so many in a row in both: by chance lines of one second may be alike */
    ROOM_MIN = 4096,
};
/* Hashes that may be looked at in vain for one file: a moment's work. */
#define LOOKS_MAX (256 * 1024 * 1024)

struct overlap {
    uint64_t seed;
    uint64_t *hash; /* of every line so far, file by file */
    size_t count, room;
    size_t file;    /* where this file's begin */
    size_t at;      /* the earlier line that this file's next is likely to be */
    bool following; /* `at` is known */
    int tries;      /* lines that may still show where to follow */
    /* Known lines that do not suffice yet to follow: they are held back. */
    struct buf held;
    uint64_t held_hash[CONFIRM];
    int held_count;
    uint64_t looks, left_out;
};

struct overlap *overlap_new(uint64_t seed)
{
    struct overlap *overlap = calloc(1, sizeof(*overlap));

    if (!overlap)
        return NULL;
    overlap->seed = seed;
    overlap->held = buf_new(CONFIRM * (SOURCE_LINE_MAX + 1));
    return overlap;
}

void overlap_free(struct overlap *overlap)
{
    if (!overlap)
        return;
    buf_done(&overlap->held);
    free(overlap->hash);
    free(overlap);
}

static void record(struct overlap *overlap, uint64_t hash)
{
    if (overlap->count == overlap->room) {
        size_t room = overlap->room ? 2 * overlap->room : ROOM_MIN;
        uint64_t *grown =
            room > OVERLAP_LINES_MAX ? NULL : realloc(overlap->hash, room * sizeof(*grown));
        /* Lines that are not recorded are not recognised later: a duplicate may then count
         * twice. */
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

/* The lines held back were alike by chance, or are all that the file has. */
static void release(struct overlap *overlap, bool known, overlap_keep *keep, void *ctx)
{
    if (known) {
        overlap->left_out += (uint64_t)overlap->held_count;
    } else if (overlap->held_count) {
        for (int i = 0; i < overlap->held_count; i++)
            record(overlap, overlap->held_hash[i]);
        keep(ctx, overlap->held.at, overlap->held.len);
        /* Nothing is known of the place any more, so the search starts over. */
        overlap->at = 0;
    }
    overlap->held_count = 0;
    overlap->held.len = 0;
}

void overlap_next_file(struct overlap *overlap, overlap_keep *keep, void *ctx)
{
    if (!overlap)
        return;
    /* A file of a few lines that are all known is known. */
    release(overlap, overlap->count == overlap->file, keep, ctx);
    overlap->file = overlap->count;
    overlap->at = 0;
    overlap->following = false;
    overlap->tries = FIRST_LINES;
    overlap->looks = LOOKS_MAX;
}

/* True if the line is not to be kept, for now at least. */
static bool is_known(struct overlap *overlap, struct span line, uint64_t hash)
{
    if (overlap->following)
        return find(overlap, hash) && ++overlap->left_out;
    if (overlap->tries <= 0 || line.len > (SOURCE_LINE_MAX + 1))
        return false;
    /* With lines held back, only the very next line may continue the run. */
    bool next = overlap->at < overlap->file && overlap->hash[overlap->at] == hash;
    if (overlap->held_count ? !next : !find(overlap, hash))
        return false;
    overlap->at += overlap->held_count > 0;
    buf_add(&overlap->held, line);
    overlap->held_hash[overlap->held_count++] = hash;
    overlap->following = overlap->held_count == CONFIRM;
    return true;
}

void overlap_filter(struct overlap *overlap, const char *data, size_t len, overlap_keep *keep,
                    void *ctx)
{
    struct span rest = span_of(data, len), line;
    const char *kept = data; /* where the run of lines to keep begins */

    while (span_take_line(&rest, &line)) {
        struct span whole = span_of(line.at, (size_t)(rest.at - line.at));
        /* Without the end: one copy of a log may have CR LF. */
        uint64_t hash = hash_bytes(span_trim_end(line), overlap->seed);
        if (is_known(overlap, whole, hash)) {
            if (whole.at > kept)
                keep(ctx, kept, (size_t)(whole.at - kept));
            kept = rest.at;
            if (overlap->following)
                release(overlap, true, keep, ctx);
            continue;
        }
        if (overlap->held_count) {
            release(overlap, false, keep, ctx);
            kept = whole.at;
        }
        overlap->tries--;
        record(overlap, hash);
    }
    if (data + len > kept)
        keep(ctx, kept, (size_t)(data + len - kept));
}

uint64_t overlap_left_out(const struct overlap *overlap)
{
    return overlap ? overlap->left_out : 0;
}
