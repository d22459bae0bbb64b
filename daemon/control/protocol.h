/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines what the two ends of the control socket agree on.
 * Doesn't know: the commands; query.h lists them.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 *
 * Request:  {"v":1,"command":"show","id":"..."}
 * Answer:   any number of objects, then {"type":"end"} or {"type":"error","text":"..."}.
 *           An error has a "code" if a client may need to tell it from others.
 * A client may send further requests on the same connection, each after the end of the last answer.
 */
#ifndef RELAYWATCH_CONTROL_PROTOCOL_H
#define RELAYWATCH_CONTROL_PROTOCOL_H

#define CONTROL_SOCKET "/run/relaywatch/control"

/* An error's code: the daemon knows no incident or message of that name. */
#define CONTROL_UNKNOWN "unknown"

enum {
    CONTROL_VERSION = 1,        /* of the protocol; "v" in every request */
    CONTROL_REQUEST_MAX = 4096, /* bytes */
};

#endif
