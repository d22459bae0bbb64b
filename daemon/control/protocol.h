/* SPDX-License-Identifier: MIT */
/*
 * Does:         the protocol of the control socket: where it is, its version and bounds, and its
 *               counters.
 * Doesn't know: who answers.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        -
 */
#ifndef RELAYWATCH_CONTROL_PROTOCOL_H
#define RELAYWATCH_CONTROL_PROTOCOL_H

#include <stdint.h>

#define CONTROL_SOCKET "/run/relaywatch/control"
#define CONTROL_GROUP  "relaywatch"

/* The code of an error: the incident, or the message, that was named is not known. */
#define CONTROL_UNKNOWN "unknown"

enum {
    CONTROL_VERSION = 1,
    CONTROL_REQUEST_MAX = 4096,
    CONTROL_CLIENTS_MAX = 16,
    CONTROL_OUTPUT_MAX = 64 * 1024, /* no more is made until the client has read */
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

#endif
