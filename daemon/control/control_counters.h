/* SPDX-License-Identifier: MIT */
/*
 * Does:         lists what the control socket counts, and the sentence that explains each counter.
 * Doesn't know: who counts and who shows it.
 * Owns:         nothing.
 * Time:         timeless; counts since the daemon's start.
 * Fails:        never.
 */
#ifndef RELAYWATCH_CONTROL_CONTROL_COUNTERS_H
#define RELAYWATCH_CONTROL_CONTROL_COUNTERS_H

#include <stdint.h>

/* Rows: name, sentence. The names end up as control_NAME in `counters` and in the metrics. */
#define CONTROL_COUNTERS(X)                                                                        \
    X(clients, "clients of the control socket")                                                    \
    X(requests, "requests of theirs")                                                              \
    X(refused, "clients beyond the bound")                                                         \
    X(wrong, "clients that sent an over-long line")                                                \
    X(slow, "clients that read nothing for too long")

struct control_counters {
#define X(name, sentence) uint64_t name;
    CONTROL_COUNTERS(X)
#undef X
};

#endif
