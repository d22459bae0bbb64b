/* SPDX-License-Identifier: MIT */
/*
 * Does:         counts what became of alerts.
 * Doesn't know: who counts.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_ALERT_SINK_COUNTERS_H
#define RELAYWATCH_ALERT_SINK_COUNTERS_H

#include <stdint.h>

/* name, sentence */
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
