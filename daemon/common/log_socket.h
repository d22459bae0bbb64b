/* SPDX-License-Identifier: MIT */
/*
 * Does:         talks to journald or a syslog daemon over its socket, one datagram per message, or
 *               writes to standard error if neither is there; and never waits.
 * Doesn't know: what the messages say; queues.
 * Owns:         the socket, until log_socket_done. Paths are borrowed.
 * Time:         reads the wall clock for the date at the start of a syslog line.
 * Fails:        log_socket_send returns -EAGAIN while the other side is full and another negative
 *               errno while it is gone; a later call reconnects. The builders mark the buffer
 *               failed.
 *
 * sd_journal_sendv(3) and syslog(3) block when their socket is full, and the event loop would block
 * with them. Hence the two wire formats here: systemd's JOURNAL_NATIVE_PROTOCOL and RFC 3164.
 *
 * The facility is daemon, never mail: our own messages must not come back as lines of the mail log.
 */
#ifndef RELAYWATCH_COMMON_LOG_SOCKET_H
#define RELAYWATCH_COMMON_LOG_SOCKET_H

#include <stdbool.h>
#include <syslog.h>

#include "base/buf.h"

#define LOG_SOCKET_IDENTIFIER "relaywatch"

enum { LOG_SOCKET_BYTES_MAX = 160 * 1024 }; /* below the usual net.core.wmem_max */

enum log_socket_type { LOG_SOCKET_STDERR, LOG_SOCKET_JOURNAL, LOG_SOCKET_SYSLOG };

struct log_socket_paths {
    const char *journal, *syslog;
};
extern const struct log_socket_paths log_socket_system;

struct log_socket {
    enum log_socket_type type;
    const char *path;
    int fd;      /* -1: not connected */
    bool stream; /* SOCK_STREAM: an old syslog daemon */
};

/* Takes the wanted one of the two if its socket exists, else the other, else standard error. */
void log_socket_open(struct log_socket *log_socket, const struct log_socket_paths *paths,
                     bool want_journal);
void log_socket_done(struct log_socket *log_socket);

/* Starts a message. priority: LOG_ALERT and so on. Unprintable bytes of `message` become "?". buf
 * is initialised here. */
void log_socket_begin(const struct log_socket *log_socket, struct buf *buf, int priority,
                      struct span message);
/* Adds a field. Only the journal has fields; the other destinations ignore the call. */
void log_socket_field(const struct log_socket *log_socket, struct buf *buf, const char *name,
                      struct span value);
/* 0 or negative errno; see Fails. */
int log_socket_send(struct log_socket *log_socket, struct span datagram);

/* Whether standard error is a terminal, that is, somebody is watching. */
bool log_socket_stderr_is_terminal(void);
/* Whether standard error is connected to journald: a service without its own StandardError=. */
bool log_socket_stderr_is_journal(void);

#endif
