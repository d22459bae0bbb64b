/* SPDX-License-Identifier: MIT */
/*
 * Does:         speaks to journald or a syslog daemon over its socket, one datagram a message, and
 *               never waits for it; to standard error where neither is there.
 * Doesn't know: what is said; queues.
 * Owns:         the socket, until outlet_done. Paths are borrowed.
 * Time:         reads the wall clock for the date that a syslog line begins with.
 * Fails:        outlet_send gives -EAGAIN while the other side is full and another negative errno
 *               while it is not there; a later call tries anew. Builders mark the buffer as failed.
 *
 * sd_journal_sendv(3) and syslog(3) wait when their socket is full, and then so would the whole
 * loop; hence the two wire formats here: systemd's JOURNAL_NATIVE_PROTOCOL and RFC 3164.
 *
 * Facility daemon, never mail: nothing of this may come back as a line of the mail log.
 */
#ifndef RELAYWATCH_OUTLET_H
#define RELAYWATCH_OUTLET_H

#include <stdbool.h>
#include <syslog.h>

#include "base/buf.h"

#define OUTLET_IDENTIFIER "relaywatch"

enum { OUTLET_BYTES_MAX = 160 * 1024 }; /* below the kernel's usual bound on a datagram */

enum outlet_type { OUTLET_STDERR, OUTLET_JOURNAL, OUTLET_SYSLOG };

struct outlet_paths {
    const char *journal, *syslog;
};
extern const struct outlet_paths outlet_system;

struct outlet {
    enum outlet_type type;
    const char *path;
    int fd;      /* -1: to be connected */
    bool stream; /* an old syslog daemon's socket */
};

/* The one that is wanted if its socket is there, else the other, else standard error. */
void outlet_open(struct outlet *outlet, const struct outlet_paths *paths, bool want_journal);
void outlet_done(struct outlet *outlet);

/* What LOG_ALERT and so on begin; `message` is made printable. buf is fresh. */
void outlet_begin(const struct outlet *outlet, struct buf *buf, int priority, struct span message);
/* One more field; only the journal has them, the others pass them over. */
void outlet_field(const struct outlet *outlet, struct buf *buf, const char *name,
                  struct span value);
/* 0 or negative errno. */
int outlet_send(struct outlet *outlet, struct span datagram);

/* Standard error is a terminal: somebody sits there and reads. */
bool outlet_stderr_is_terminal(void);
/* journald itself reads standard error: a service without StandardError= of its own. */
bool outlet_stderr_is_journal(void);

#endif
