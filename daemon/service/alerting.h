/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides which incidents and site warnings are sent to the sinks, and when.
 * Doesn't know: where sinks send them.
 * Owns:         nothing.
 * Time:         event time.
 * Fails:        an alert for which there is no memory is not sent.
 *
 * While the daemon catches up on old lines it holds alerts back: an incident that is over by the
 * time it is up to date becomes a line of history in the log, not an alert. Likewise
 * between news that Postfix has other settings and the answer when it was asked for them.
 */
#ifndef RELAYWATCH_SERVICE_ALERTING_H
#define RELAYWATCH_SERVICE_ALERTING_H

#include "service/daemon.h"

/* An incident_listener; ctx is the daemon. */
void alerting_on_event(void *ctx, enum incident_event event, const struct incident *incident,
                       uint32_t now_s);
/* Call when the source has been read to its end for the first time. Sends the alerts held back. */
void alerting_caught_up(struct daemon *daemon);
/* Call when Postfix was asked again. Sends the alerts held back for that, unless it is to be asked
 * once more. */
void alerting_release(struct daemon *daemon);
/* Sends an alert for each open incident that has had none, and logs the ended ones. Returns how
 * many were open; none while Postfix is to be asked first. */
unsigned alerting_news(struct daemon *daemon);
/* Sends the site warnings not sent yet. */
void alerting_warnings(struct daemon *daemon);

#endif
