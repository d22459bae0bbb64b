/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads on in the logs that Postfix left for another one (maillog_file): processes
 *               from before still finish their work there.
 * Doesn't know: the log that is followed now; who opened these.
 * Owns:         the sources it is given, and their events.
 * Time:         an hour of the monotonic clock, then it is closed. At LEFT_LOGS_MAX, the oldest is.
 * Fails:        a source that fails for good is closed, and that is logged.
 */
#ifndef RELAYWATCH_SERVICE_LEFT_LOG_H
#define RELAYWATCH_SERVICE_LEFT_LOG_H

#include "service/daemon.h"

/* Takes over a source and its event, which may be NULL. The same log, if it had that, is
 * closed. */
void left_log_keep(struct daemon *daemon, const char *id, struct source *source,
                   struct event *readable);
bool left_log_any(const struct daemon *daemon);
/* As source_run, of all; without any it is idle. */
int left_log_run(struct daemon *daemon, int64_t mono, size_t budget);
/* As source_deadline_us, the first of all. */
int64_t left_log_deadline_us(const struct daemon *daemon);
/* Their positions become part of the next save. */
void left_log_save(struct daemon *daemon);
/* The position of one of them, if it has that; the caller frees it. */
char *left_log_position(const struct daemon *daemon, const char *id);
/* All of them. */
void left_log_close(struct daemon *daemon);
/* One of them, if it has that. */
void left_log_drop(struct daemon *daemon, const char *id);

#endif
