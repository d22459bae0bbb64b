/* SPDX-License-Identifier: MIT */
/*
 * Does:         serves figures to Prometheus over HTTP, at /metrics: totals, gauges, and a few
 *               series for each open incident. Never one per client or account of normal traffic.
 * Doesn't know: where the figures come from (query.h).
 * Owns:         the listening socket, and requests being answered.
 * Time:         the event base's timers.
 * Fails:        metrics_new returns negative errno: -EINVAL if `listen` is not an address and port.
 *               A client that stalls or disconnects harms only itself; of more than
 *               METRICS_CLIENTS, those that ask for nothing are dropped.
 *
 * There is no password: listen on an address that only the Prometheus server can reach.
 */
#ifndef RELAYWATCH_CONTROL_METRICS_H
#define RELAYWATCH_CONTROL_METRICS_H

#include <event2/event.h>

#include "control/runtime.h"

enum { METRICS_CLIENTS = 16 };

struct metrics;

/* A request's Host must be an address, localhost, or this host's name or Postfix's for it.
 * listen: "127.0.0.1:9397" or "[::1]:9397"; port 0 picks a free one. runtime is borrowed until
 * metrics_free. refresh brings it up to date before a request; it may be NULL. */
int metrics_new(struct event_base *base, const char *listen, const struct runtime *runtime,
                void (*refresh)(void *ctx), void *ctx, struct metrics **ret);
/* NULL is allowed. */
void metrics_free(struct metrics *metrics);

#endif
