/* SPDX-License-Identifier: MIT */
/*
 * Does:         leaves out the lines of a log that another log had too: a copy, or a log that is
 *               written twice.
 * Doesn't know: files; what the lines say.
 * Owns:         a hash of each of the last lines, at least a quarter of the bound. They are told
 *               apart by these: 64 bits under a seed that nobody who writes to a log knows.
 * Time:         timeless; the logs are handed over in the order of their lines' times.
 * Fails:        beyond the bound, and when memory is short, lines are kept.
 *
 * Of lines that are alike in all their bytes as many are kept as the log has that has most of them:
 * two that were written within one second count twice, and so do they if another log has them too.
 */
#ifndef RELAYWATCH_SOURCE_SEEN_LINES_H
#define RELAYWATCH_SOURCE_SEEN_LINES_H

#include <stddef.h>
#include <stdint.h>

struct seen_lines;
typedef void seen_keep(void *ctx, const char *data, size_t len);

/* max: the bound. NULL when memory is short. */
struct seen_lines *seen_lines_new(uint64_t seed, size_t max);
void seen_lines_free(struct seen_lines *seen);
/* Gives those lines of `log` to `keep` that no other log had, as many at once as follow each other.
 * Only the last may lack its newline. keep NULL: only remembers them. */
void seen_lines_filter(struct seen_lines *seen, uint32_t log, const char *data, size_t len,
                       seen_keep *keep, void *ctx);
/* How many lines were left out; 0 for NULL. */
uint64_t seen_lines_left_out(const struct seen_lines *seen);
/* The log that first had the last line that was left out. */
uint32_t seen_lines_owner(const struct seen_lines *seen);

#endif
