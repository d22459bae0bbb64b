/* SPDX-License-Identifier: MIT */
/*
 * Does:         sends alerts and site warnings to the journal or syslog, to a terminal, and to the
 *               command of [alert].
 * Doesn't know: when an alert is due.
 * Owns:         the sockets, the queue of unsent alerts, running commands. Arguments are borrowed
 *               during the call.
 * Time:         event times come with the incident; timers are the event base's.
 * Fails:        never waits. What can't be sent now is queued (up to ALERTS_WAITING) and retried;
 *               beyond that the least important is dropped, counted and logged. sinks_new returns
 *               NULL if out of memory.
 *
 * SIGCHLD is the caller's: it offers each reaped child to sinks_child_ended.
 */
#ifndef RELAYWATCH_ALERT_SINK_H
#define RELAYWATCH_ALERT_SINK_H

#include <event2/event.h>
#include <sys/types.h>

#include "alert/sink_command.h"
#include "alert/sink_counters.h"
#include "report/incident.h"
#include "common/log_socket.h"
#include "state/told.h"

enum { ALERTS_WAITING = 256 };

struct sinks;

struct sinks *sinks_new(struct event_base *base, const struct settings *settings);
/* The same with other sockets than the system's, for tests. */
struct sinks *sinks_new_at(struct event_base *base, const struct settings *settings,
                           const struct log_socket_paths *paths);
/* Running commands are left alone: they have all they need. Queued alerts are tried once more, and
 * those that still can't be sent are dropped and logged. */
void sinks_free(struct sinks *sinks);
/* Applies new settings, after a reload. */
void sinks_set(struct sinks *sinks, const struct settings *settings);

/* From now on, what an earlier run sent is not sent again; borrowed, may be NULL. */
void sinks_remember(struct sinks *sinks, struct told *told);

/* Whether an earlier run ended while this alert waited for one of its destinations. */
bool sinks_waited(const struct sinks *sinks, const struct told_mark *mark);

/* mark: what this alert is known by, should the daemon crash before it is saved. Its kind is below
 * ALERT_MARKS. */
enum { ALERT_MARKS = 64 };
void sinks_alert(struct sinks *sinks, enum incident_event event, const struct incident_view *view,
                 const struct told_mark *mark);
/* over: what was warned of is over, and the text says so. */
void sinks_warning(struct sinks *sinks, const struct site_warning *warning, bool over,
                   const struct told_mark *mark);

/* Sends a marked test through every destination, at once: what happens to it is the answer. */
struct sinks_test {
    int log;      /* 0, or negative errno: the journal or syslog did not take it */
    bool command; /* it is run; sinks_tested says how that ends */
};
struct sinks_test sinks_test(struct sinks *sinks);
const struct command_test *sinks_tested(const struct sinks *sinks);

/* True if the child was one of ours. status is waitpid's. */
bool sinks_child_ended(struct sinks *sinks, pid_t pid, int status);

const struct sinks_counters *sinks_counters(const struct sinks *sinks);
/* "the journal", "syslog", "standard error". */
const char *sinks_destination(const struct sinks *sinks);

#endif
