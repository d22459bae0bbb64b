/* SPDX-License-Identifier: MIT */
/*
 * Does:         --trace AREA: prints what the core decides, and why, on standard error.
 * Doesn't know: what there is to tell (base/trace.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        an area that is not known is said, with those there are.
 */
#ifndef RELAYWATCH_COMMON_TRACE_PRINT_H
#define RELAYWATCH_COMMON_TRACE_PRINT_H

#include "base/trace.h"

/* words: "link,judge", "all", or NULL for none. False after a complaint. */
bool trace_print_init(struct trace *ret, const char *words);

#endif
