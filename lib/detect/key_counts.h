/* SPDX-License-Identifier: MIT */
/*
 * Does:         a table of counts by key, for the keys that hold several cells.
 * Doesn't know: what a key means.
 * Owns:         the table, in the detector.
 * Time:         event time in seconds, given.
 * Fails:        key_counts_get returns NULL at the bound or when memory is short, and counts it.
 */
#ifndef RELAYWATCH_DETECT_KEY_COUNTS_H
#define RELAYWATCH_DETECT_KEY_COUNTS_H

#include "detect/tables.h"

enum { KEY_COUNTS_MIN = 256 };

bool key_counts_init(struct detector *d);
/* The key's count, made where there is none. Good until the next call. */
struct key_count *key_counts_get(struct detector *d, uint64_t key, uint32_t now_s);

#endif
