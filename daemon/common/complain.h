/* SPDX-License-Identifier: MIT */
/*
 * Does:         prints an error message to the user who typed a command.
 * Doesn't know: the daemon's log; a running daemon reports through log.h.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        silently: if standard error cannot be written there is nobody left to tell.
 */
#ifndef RELAYWATCH_COMMON_COMPLAIN_H
#define RELAYWATCH_COMMON_COMPLAIN_H

/* Prints "relaywatch: ", the message and a newline to standard error. Flushes standard output
 * first, so that the two stay in order on a terminal. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
