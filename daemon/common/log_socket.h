/* SPDX-License-Identifier: MIT */
/*
 * Does:         speaks to journald or a syslog daemon over its socket, one datagram a message, and
 *               never waits for it; to standard error where neither is there.
 * Doesn't know: what is said; queues.
 * Owns:         the socket, until log_socket_done. Paths are borrowed.
 * Time:         reads the wall clock for the date that a syslog line begins with.
 * Fails:        log_socket_send gives -EAGAIN while the other side is full and another negative
 *               errno while it is not there; a later call tries anew. Builders mark the buffer as
 *               failed.
 *
 * sd_journal_sendv(3) and syslog(3) wait when their socket is full, and then so would the whole
 * loop; hence the two wire formats here: systemd's JOURNAL_NATIVE_PROTOCOL and RFC 3164.
 *
 * Facility daemon, never mail: nothing of this may come back as a line of the mail log.
 */
#ifndef RELAYWATCH_COMMON_LOG_SOCKET_H
#define RELAYWATCH_COMMON_LOG_SOCKET_H

#include <stdbool.h>
#include <syslog.h>

#include "base/buf.h"

#define LOG_SOCKET_IDENTIFIER "relaywatch"

enum { LOG_SOCKET_BYTES_MAX = 160 * 1024 }; /* below the kernel's usual bound on a datagram */

enum log_socket_type { LOG_SOCKET_STDERR, LOG_SOCKET_JOURNAL, LOG_SOCKET_SYSLOG };

struct log_socket_paths {
    const char *journal, *syslog;
};
extern const struct log_socket_paths log_socket_system;

struct log_socket {
    enum log_socket_type type;
    const char *path;
    int fd;      /* -1: to be connected */
    bool stream; /* an old syslog daemon's socket */
};

/* The one that is wanted if its socket is there, else the other, else standard error. */
void log_socket_open(struct log_socket *log_socket, const struct log_socket_paths *paths,
                     bool want_journal);
void log_socket_done(struct log_socket *log_socket);

/* What LOG_ALERT and so on begin; `message` is made printable. buf is fresh. */
void log_socket_begin(const struct log_socket *log_socket, struct buf *buf, int priority,
                      struct span message);
/* One more field; only the journal has them, the others pass them over. */
void log_socket_field(const struct log_socket *log_socket, struct buf *buf, const char *name,
                      struct span value);
/* 0 or negative errno. */
int log_socket_send(struct log_socket *log_socket, struct span datagram);

/* Standard error is a terminal: somebody sits there and reads. */
bool log_socket_stderr_is_terminal(void);
/* journald itself reads standard error: a service without StandardError= of its own. */
bool log_socket_stderr_is_journal(void);

#endif
