/* SPDX-License-Identifier: MIT */
/*
 * Does:         the control socket: takes requests, one JSON object a line, and sends their
 *               answers, JSON objects one a line, as fast as the client reads and no faster.
 * Doesn't know: what is asked and answered (query.h).
 * Owns:         the socket, its file, the clients.
 * Time:         the event base's timers.
 * Fails:        control_new gives negative errno: -EADDRINUSE where a living daemon has the socket.
 *               A client that is wrong, slow or gone costs only itself.
 *
 * Request:  {"v":1,"command":"show","id":"..."}
 * Answer:   any number of objects, then {"type":"end"} or {"type":"error","text":"..."}.
 *           An error has a "code" where a client may want to know which it is.
 * More requests may follow on the same connection, each after the end of the query before.
 *
 * Who may connect is said by the file's permissions alone: its owner, and one group.
 */
#ifndef RELAYWATCH_CONTROL_CONTROL_H
#define RELAYWATCH_CONTROL_CONTROL_H

#include <event2/event.h>

#include "control/protocol.h"
#include "control/runtime.h"

struct control_options {
    const char *path;           /* NULL: CONTROL_SOCKET */
    const char *group;          /* NULL: CONTROL_GROUP where it exists */
    void (*refresh)(void *ctx); /* before each request: bring *live up to date; may be NULL */
    void *ctx;
    dur_us slow; /* a client that reads nothing for so long is dropped; 0: 10 s */
};

struct control;

/* live is borrowed until control_free. */
int control_new(struct event_base *base, const struct control_options *options,
                const struct runtime *live, struct control **ret);
/* NULL is allowed. */
void control_free(struct control *control);
const struct control_counters *control_counters(const struct control *control);

#endif
