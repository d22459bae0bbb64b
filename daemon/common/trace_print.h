/* SPDX-License-Identifier: MIT */
/*
 * Does:         implements --trace AREA: prints the trace of the core on standard error.
 * Doesn't know: what is traced (base/trace.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        complains about an unknown area, and lists the known ones.
 */
#ifndef RELAYWATCH_COMMON_TRACE_PRINT_H
#define RELAYWATCH_COMMON_TRACE_PRINT_H

#include "base/trace.h"

/* words: "link,judge", "all", or NULL for none. Returns false after a complaint. */
bool trace_print_init(struct trace *ret, const char *words);

#endif
