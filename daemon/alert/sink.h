/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes alerts and site warnings to the journal or syslog, to a terminal, and to the
 *               command of [alert].
 * Doesn't know: when an alert is due.
 * Owns:         sockets, what waits to be sent, the commands that run. Arguments are borrowed
 *               during the call.
 * Time:         event times come with the incident; timers are the event base's.
 * Fails:        nothing waits: what can't be sent now is kept (ALERTS_WAITING) and sent later;
 *               beyond that the oldest is dropped, counted and said. sinks_new gives NULL without
 *               memory.
 *
 * SIGCHLD is somebody else's: who has waited for a child offers it to sinks_child_ended.
 */
#ifndef RELAYWATCH_ALERT_SINK_H
#define RELAYWATCH_ALERT_SINK_H

#include <event2/event.h>
#include <sys/types.h>

#include "alert/sink_counters.h"
#include "common/log_socket.h"
#include "report/incident.h"

enum { ALERTS_WAITING = 256 };

struct sinks;

struct sinks *sinks_new(struct event_base *base, const struct settings *settings);
/* The same with sockets other than the system's. */
struct sinks *sinks_new_at(struct event_base *base, const struct settings *settings,
                           const struct log_socket_paths *paths);
/* Commands that run are left to themselves: they have all they need. What waits is tried once more,
 * and the rest dropped, and said. */
void sinks_free(struct sinks *sinks);
/* After a reload. */
void sinks_set(struct sinks *sinks, const struct settings *settings);

void sinks_alert(struct sinks *sinks, enum incident_event event, const struct incident_view *view);
void sinks_warning(struct sinks *sinks, const struct site_warning *warning);

/* True where it was one of ours. status is waitpid's. */
bool sinks_child_ended(struct sinks *sinks, pid_t pid, int status);

const struct sinks_counters *sinks_counters(const struct sinks *sinks);
/* "the journal", "syslog", "standard error". */
const char *sinks_where(const struct sinks *sinks);

#endif
