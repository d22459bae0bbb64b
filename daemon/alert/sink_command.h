/* SPDX-License-Identifier: MIT */
/*
 * Does:         runs the command of [alert] once an alert, with the incident's JSON on its standard
 *               input; so many at a time, each for so long.
 * Doesn't know: what the JSON says; who waits for children.
 * Owns:         the commands that run and those that wait.
 * Time:         the event base's timers.
 * Fails:        what goes wrong is logged and counted; nothing is ever waited for.
 *
 * No shell is between. The JSON is in a file of memory, so a command that never reads it, or reads
 * it twice, is no trouble to anybody. Standard output is /dev/null; the beginning of what it says
 * on standard error is logged where it ends badly.
 */
#ifndef RELAYWATCH_ALERT_SINK_COMMAND_H
#define RELAYWATCH_ALERT_SINK_COMMAND_H

#include <event2/event.h>
#include <sys/types.h>

#include "alert/sink_counters.h"
#include "config/settings.h"
#include "report/incident.h"

enum { COMMANDS_WAITING = 64 };

struct command_sink;

/* counters: the three of commands are counted there; borrowed. */
struct command_sink *command_sink_new(struct event_base *base, const struct settings *settings,
                                      struct sinks_counters *counters);
/* Commands that run are left alone; those that wait are dropped. NULL is allowed. */
void command_sink_free(struct command_sink *sink);
/* Holds for commands that begin from now on. */
void command_sink_set(struct command_sink *sink, const struct settings *settings);
/* Nothing where there is no command. json is copied. */
void command_sink_run(struct command_sink *sink, enum incident_event event,
                      const struct incident *incident, const char *json);
bool command_sink_ended(struct command_sink *sink, pid_t pid, int status);

#endif
