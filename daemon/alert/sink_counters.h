/* SPDX-License-Identifier: MIT */
/*
 * Does:         lists what the sinks count, and the sentence that explains each counter.
 * Doesn't know: who counts and who shows it.
 * Owns:         nothing.
 * Time:         timeless; counts since the daemon's start.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ALERT_SINK_COUNTERS_H
#define RELAYWATCH_ALERT_SINK_COUNTERS_H

#include <stdint.h>

/* Rows: name, sentence. The names end up as alerts_NAME in `counters` and in the metrics. */
#define SINKS_COUNTERS(X)                                                                          \
    X(sent, "alerts and site warnings that reached the journal or syslog")                         \
    X(dropped, "alerts dropped: the journal or syslog accepted none for too long")                 \
    X(failed, "alerts that could not be built or were refused")                                    \
    X(commands, "runs of the alert command that succeeded")                                        \
    X(commands_dropped, "alerts the command was not run for: too many were waiting")               \
    X(commands_failed, "runs of the alert command that could not start or failed")                 \
    X(commands_late, "runs of the alert command stopped by command_timeout")

struct sinks_counters {
#define X(name, sentence) uint64_t name;
    SINKS_COUNTERS(X)
#undef X
};

#endif
