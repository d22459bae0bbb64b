/* SPDX-License-Identifier: MIT */
/*
 * Does:         leaves out the lines of a file that an earlier file had too: a log named twice, or
 *               a copy that goes on.
 * Doesn't know: what the lines say, or files.
 * Owns:         a hash of every line so far, OVERLAP_LINES_MAX of them. Lines are told apart by
 *               these: 64 bits under a seed that nobody who writes to a log knows.
 * Time:         timeless; lines are taken to be in order in each file.
 * Fails:        beyond the bound, and when memory is short, lines are kept.
 */
#ifndef RELAYWATCH_CMD_OVERLAP_H
#define RELAYWATCH_CMD_OVERLAP_H

#include <stddef.h>
#include <stdint.h>

enum { OVERLAP_LINES_MAX = 16 * 1024 * 1024 };

struct overlap;
typedef void overlap_keep(void *ctx, const char *data, size_t len);

/* NULL when memory is short. */
struct overlap *overlap_new(uint64_t seed);
void overlap_free(struct overlap *overlap);
/* From now on the lines are the next file's; what was held back of the last one is kept or not.
 * Call it at the end, too. Does nothing for NULL. */
void overlap_next_file(struct overlap *overlap, overlap_keep *keep, void *ctx);
/* Gives those of the lines to `keep` that no earlier file had, as many at once as follow each
 * other. Only the last may lack its newline. */
void overlap_filter(struct overlap *overlap, const char *data, size_t len, overlap_keep *keep,
                    void *ctx);
/* How many lines were left out; 0 for NULL. */
uint64_t overlap_left_out(const struct overlap *overlap);

#endif
