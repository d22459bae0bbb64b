/* SPDX-License-Identifier: MIT */
/*
 * Does:         draws the seed of a run's hashes.
 * Doesn't know: what is hashed. Nothing that comes out depends on it.
 * Owns:         nothing.
 * Time:         a clock is read only if the kernel has no random bytes.
 * Fails:        never. A seed that was taken from clock and process number can be guessed.
 */
#ifndef RELAYWATCH_COMMON_SEED_H
#define RELAYWATCH_COMMON_SEED_H

#include <stdint.h>

/* Another one each time, which no one who writes to the log knows. */
uint64_t seed_draw(void);

#endif
