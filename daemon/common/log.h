/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes the daemon's own messages to journald, to syslog or to standard error.
 * Doesn't know: alerts; those go through alert/sink.h.
 * Owns:         the one log of the process. It is global, as standard error is; nobody passes it.
 * Time:         see log_socket.h.
 * Fails:        a message that cannot be delivered at once is dropped and counted: the daemon never
 *               waits for its log. errno is preserved.
 *
 * Before log_open and after log_close, messages go to standard error.
 */
#ifndef RELAYWATCH_COMMON_LOG_H
#define RELAYWATCH_COMMON_LOG_H

#include <stdint.h>

#include "common/log_socket.h"

/* Destination: standard error if it is a terminal; else the journal if it exists and want_journal
 * is set or it reads our standard error; else syslog; else standard error. paths: NULL means the
 * system's. */
void log_open(bool want_journal, const struct log_socket_paths *paths);
void log_close(void);
/* Where messages go now. */
enum log_socket_type log_destination(void);
/* Messages dropped so far. */
uint64_t log_lost(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
