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
    X(dropped, "alerts given up because the journal or syslog took none for long")                 \
    X(failed, "alerts that could not be put together or were refused")                             \
    X(commands, "runs of the alert command that ended well")                                       \
    X(commands_dropped, "alerts the command was not run for: too many waited")                     \
    X(commands_failed, "runs of the alert command that could not begin or ended badly")            \
    X(commands_late, "runs of the alert command that were ended by command_timeout")

struct sinks_counters {
#define X(name, sentence) uint64_t name;
    SINKS_COUNTERS(X)
#undef X
};

#endif
