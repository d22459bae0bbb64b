/* SPDX-License-Identifier: MIT */
/*
 * Does:         connects to relaywatch-kafka's socket, sends the request, and cuts what comes into
 *               frames.
 * Doesn't know: what a frame is for.
 * Owns:         the connection, and an epoll descriptor that stands for it while it comes and goes.
 * Time:         timeless.
 * Fails:        negative errno; -EPERM: another user's program listens there.
 */
#ifndef RELAYWATCH_SOURCE_KAFKA_CALL_H
#define RELAYWATCH_SOURCE_KAFKA_CALL_H

#include <sys/types.h>

#include "base/buf.h"
#include "source/kafka_frame.h"

struct kafka_call {
    int epoll_fd;
    int fd;             /* -1: not connected */
    struct buf request; /* what is left to be sent */
    size_t from, len;   /* of what has come */
    char in[KAFKA_HEAD_MAX + KAFKA_LINES_MAX];
};

int kafka_call_init(struct kafka_call *call);
void kafka_call_done(struct kafka_call *call);

/* Connects and begins to send the request, which it takes over. */
int kafka_call_open(struct kafka_call *call, const char *path, struct buf *request);
void kafka_call_close(struct kafka_call *call);

/* Sends what is left of the request. */
int kafka_call_send(struct kafka_call *call);
/* How many bytes have come; 0: it is over; -EAGAIN: none now. */
ssize_t kafka_call_read(struct kafka_call *call);
/* The data behind the next frame that has come whole, good until the next read; NULL: there is
 * none, or, if not *ret_good, what comes is none. */
const char *kafka_call_next(struct kafka_call *call, struct kafka_frame *ret, bool *ret_good);

#endif
