/* SPDX-License-Identifier: MIT */
/*
 * Does:         notices that Postfix's settings may have changed, and has reload.c ask for them:
 *               after a line of the log that says so, or when main.cf or master.cf changed; or
 *               the saved dumps that stand for them; or when own_domains_file changed.
 *               Until the answer, holds back alerts that the new settings might forbid.
 * Doesn't know: what the settings are.
 * Owns:         its timers.
 * Time:         looks at these files every ten seconds; asks at most as often.
 * Fails:        files that can't be looked at count as unchanged.
 */
#ifndef RELAYWATCH_SERVICE_POSTFIX_WATCH_H
#define RELAYWATCH_SERVICE_POSTFIX_WATCH_H

#include "service/daemon.h"

/* ask: starts asking; it is called from the loop. */
bool postfix_watch_init(struct daemon *daemon, void (*ask)(struct daemon *daemon));
void postfix_watch_done(struct daemon *daemon);
/* Call just before Postfix is asked, in the loop. */
void postfix_watch_asking(struct daemon *daemon);
/* Call after lines were read. */
void postfix_watch_lines(struct daemon *daemon);
/* True if Postfix has settings that are not known here yet; they are asked for soon. */
bool postfix_watch_holds(struct daemon *daemon);
/* Call when Postfix was asked. False if it will be asked again first, before alerts may go out. */
bool postfix_watch_answered(struct daemon *daemon);

#endif
