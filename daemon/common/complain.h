/* SPDX-License-Identifier: MIT */
/*
 * Does:         says on standard error what went wrong.
 * Doesn't know: what.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_COMMON_COMPLAIN_H
#define RELAYWATCH_COMMON_COMPLAIN_H

/* "relaywatch: " and the sentence, on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
