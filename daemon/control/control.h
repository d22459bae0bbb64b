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
 * Request:  {"v":1,"command":"show","id":"..."}
 * Answer:   any number of objects, then {"type":"end"} or {"type":"error","text":"..."}.
 *           An error has a "code" if a client may need to tell it from others.
 * A client may send further requests on the same connection, each after the end of the last answer.
 *
 * The file's permissions alone decide who may connect: its owner and one group.
 */
#ifndef RELAYWATCH_CONTROL_CONTROL_H
#define RELAYWATCH_CONTROL_CONTROL_H

#include <event2/event.h>

#include "control/runtime.h"

#define CONTROL_SOCKET "/run/relaywatch/control"
#define CONTROL_GROUP  "relaywatch"

/* An error's code: the daemon knows no incident or message of that name. */
#define CONTROL_UNKNOWN "unknown"

enum {
    CONTROL_VERSION = 1,
    CONTROL_REQUEST_MAX = 4096,
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

/* name, sentence */
#define CONTROL_COUNTERS(X)                                                                        \
    X(clients, "clients of the control socket")                                                    \
    X(requests, "requests of theirs")                                                              \
    X(refused, "clients beyond the bound")                                                         \
    X(wrong, "clients that sent an over-long line")                                                \
    X(slow, "clients that read nothing for too long")

struct control_counters {
#define X(name, sentence) uint64_t name;
    CONTROL_COUNTERS(X)
#undef X
};

struct control;

/* runtime is borrowed until control_free. */
int control_new(struct event_base *base, const struct control_options *options,
                const struct runtime *runtime, struct control **ret);
/* NULL is allowed. */
void control_free(struct control *control);
const struct control_counters *control_counters(const struct control *control);

#endif
