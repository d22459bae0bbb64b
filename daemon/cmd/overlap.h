/* SPDX-License-Identifier: MIT */
/*
 * Does:         leaves out the lines of a file that an earlier file had too: a log named twice, a
 *               copy that goes on, or mail.warn beside mail.log.
 * Doesn't know: what the lines say, or files.
 * Owns:         a hash of every line so far, OVERLAP_LINES_MAX of them.
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
struct overlap *overlap_new(void);
void overlap_free(struct overlap *overlap);
/* From now on the lines are the next file's. */
void overlap_next_file(struct overlap *overlap);
/* Gives those of the lines to `keep` that no earlier file had, as many at once as follow each
 * other. Only the last may lack its newline. */
void overlap_filter(struct overlap *overlap, const char *data, size_t len, overlap_keep *keep,
                    void *ctx);
/* How many lines were left out. */
uint64_t overlap_left_out(const struct overlap *overlap);

#endif
