/* SPDX-License-Identifier: MIT */
/*
 * Does:         serves the control socket: takes requests, one JSON object per line, and sends the
 *               answers, one JSON object per line, no faster than the client reads.
 * Doesn't know: what is asked and answered (query.h).
 * Owns:         the socket, its file, the clients.
 * Time:         the event base's timers.
 * Fails:        control_new returns negative errno: -EADDRINUSE if a live daemon has the socket. A
 *               client that misbehaves, stalls or disconnects harms only itself.
 *
 * The file's permissions alone decide who may connect: its owner and one group.
 */
#ifndef RELAYWATCH_CONTROL_CONTROL_H
#define RELAYWATCH_CONTROL_CONTROL_H

#include <event2/event.h>

#include "control/control_counters.h"
#include "control/protocol.h"
#include "control/runtime.h"

#define CONTROL_GROUP "relaywatch"

enum {
    CONTROL_CLIENTS_MAX = 16,
    CONTROL_OUTPUT_MAX = 64 * 1024, /* a query pauses here until the client has read */
};

struct control_options {
    const char *path;           /* NULL: CONTROL_SOCKET */
    const char *group;          /* NULL: CONTROL_GROUP, if it exists */
    void (*refresh)(void *ctx); /* brings *runtime up to date before a request; or NULL */
    void *ctx;
    dur_us slow; /* drop a client that reads nothing for this long; 0: 10 s */
};

struct control;

/* runtime is borrowed until control_free. */
int control_new(struct event_base *base, const struct control_options *options,
                const struct runtime *runtime, struct control **ret);
/* NULL is allowed. */
void control_free(struct control *control);
const struct control_counters *control_counters(const struct control *control);

#endif
