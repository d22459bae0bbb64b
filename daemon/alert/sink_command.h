/* SPDX-License-Identifier: MIT */
/*
 * Does:         runs the command of [alert] once per alert, with the JSON of an incident or site
 *               warning on standard input; limited in number at once and in time.
 * Doesn't know: what the JSON says; who waits for children.
 * Owns:         running commands and queued ones.
 * Time:         the event base's timers.
 * Fails:        logs and counts failures; never waits for a command.
 *
 * There is no shell in between. The JSON is in a memory file, so a command may read it late, twice
 * or not at all without blocking anyone. Standard output is /dev/null; the start of its standard
 * error is logged if the command fails.
 */
#ifndef RELAYWATCH_ALERT_SINK_COMMAND_H
#define RELAYWATCH_ALERT_SINK_COMMAND_H

#include <event2/event.h>
#include <sys/types.h>

#include "alert/alert_queue.h"
#include "alert/sink_counters.h"
#include "report/incident.h"

enum { COMMANDS_WAITING = 64 };

struct command_sink;

/* counters: its commands_* members are updated; borrowed. */
struct command_sink *command_sink_new(struct event_base *base, const struct settings *settings,
                                      struct sinks_counters *counters);
/* Running commands are left alone, queued ones dropped. NULL is allowed. */
void command_sink_free(struct command_sink *sink);
/* Applies to commands started from now on. */
void command_sink_set(struct command_sink *sink, const struct settings *settings);
/* Queues a run of the command, if there is one and it is to hear of such events. The texts are
 * copied; the first three end up in its environment. */
void command_sink_run(struct command_sink *sink, enum alert_rank rank, const char *event,
                      const char *id, const char *kind, const char *json,
                      const struct told_mark *mark);

/* A run of the command by test-alert, or the last one. */
struct command_test {
    bool running, ok;
    char text[600]; /* how it ended */
};
/* Starts one, however many run, whatever events say, and never queues it. False: there is no
 * command. */
bool command_sink_test(struct command_sink *sink, const char *json);
const struct command_test *command_sink_tested(const struct command_sink *sink);
/* As sinks_remember. */
void command_sink_remember(struct command_sink *sink, struct told *told);
/* True if the child was one of ours. status is waitpid's. */
bool command_sink_ended(struct command_sink *sink, pid_t pid, int status);

#endif
