/* SPDX-License-Identifier: MIT */
/*
 * Does:         figures for Prometheus over HTTP, at /metrics: totals, gauges, and a few series for
 *               each open incident. Never one for each client or account of normal traffic.
 * Doesn't know: how the figures come about (query.h).
 * Owns:         the listening socket, requests that are being answered.
 * Time:         the event base's timers.
 * Fails:        metrics_new gives negative errno: -EINVAL where `listen` is no address and port. A
 *               client that is slow or gone costs only itself; beyond METRICS_AT_ONCE it gets 503.
 *
 * There is no password: listen at an address that only the Prometheus server reaches.
 */
#ifndef RELAYWATCH_CONTROL_METRICS_H
#define RELAYWATCH_CONTROL_METRICS_H

#include <event2/event.h>

#include "control/runtime.h"

enum { METRICS_AT_ONCE = 4 };

struct metrics;

/* listen: "127.0.0.1:9397" or "[::1]:9397"; port 0 takes a free one. live is borrowed until
 * metrics_free. refresh brings it up to date; it may be NULL. */
int metrics_new(struct event_base *base, const char *listen, const struct runtime *live,
                void (*refresh)(void *ctx), void *ctx, struct metrics **ret);
/* NULL is allowed. */
void metrics_free(struct metrics *metrics);
unsigned metrics_port(const struct metrics *metrics);

#endif
