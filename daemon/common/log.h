/* SPDX-License-Identifier: MIT */
/*
 * Does:         the daemon's own messages: to journald, to syslog, or to standard error.
 * Doesn't know: alerts (sink.h).
 * Owns:         the process's one log, as standard error is one; nobody passes it around.
 * Time:         see log_socket.h.
 * Fails:        a message that can't be delivered at once is counted and given up: the daemon waits
 *               for nobody. errno is left as it was.
 *
 * Before log_open and after log_close messages go to standard error.
 */
#ifndef RELAYWATCH_COMMON_LOG_H
#define RELAYWATCH_COMMON_LOG_H

#include <stdint.h>

#include "common/log_socket.h"

/* A terminal gets them on standard error. Else the journal, if it reads standard error or
 * want_journal and it is there; else syslog; else standard error. paths: NULL is the system's. */
void log_open(bool want_journal, const struct log_socket_paths *paths);
void log_close(void);
/* Where they go. */
enum log_socket_type log_outlet(void);
/* Messages given up so far. */
uint64_t log_lost(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
