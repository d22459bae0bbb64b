/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the source as the event loop turns, feeds the pipeline, and keeps event time
 *               going while no lines come.
 * Doesn't know: what kind of source it is, once open.
 * Owns:         the source and its events, until log_reader_stop.
 * Time:         event time comes from the lines; between them it advances with the monotonic clock.
 * Fails:        what opens a source logs why it can't, and returns false. A source that fails for
 *               good stops the daemon.
 */
#ifndef RELAYWATCH_SERVICE_LOG_READER_H
#define RELAYWATCH_SERVICE_LOG_READER_H

#include "service/daemon.h"

/* Opens the chosen source where the last run left it, and the one before if Postfix went from there
 * to the chosen one, or back, a while ago. */
bool log_reader_resume(struct daemon *daemon);
/* Opens the log that Postfix went to, and reads on in the old one for a while. Takes over the
 * choice. */
bool log_reader_move(struct daemon *daemon, const struct source_choice *choice);
/* Opens the chosen source at `position`; NULL: at the saved one. What the position does not cover
 * is read from where the previous source was left, or as far back as the settings say. */
bool log_reader_start(struct daemon *daemon, const char *position);
void log_reader_stop(struct daemon *daemon);
/* Reads once, as the loop does. */
void log_reader_turn(struct daemon *daemon);
/* The source that is followed, opened once more for somebody else. 0 or negative errno. */
int log_reader_open(const struct daemon *daemon, const struct source_options *options,
                    struct source **ret);
/* Reads on from this one, opened so, and closes the one before. runtime.pipeline has what it read.
 * False if memory is short. */
bool log_reader_change(struct daemon *daemon, struct source *source);
/* Brings daemon->runtime up to date before it is shown. */
void log_reader_refresh(struct daemon *daemon);

#endif
