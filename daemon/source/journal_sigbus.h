/* SPDX-License-Identifier: MIT */
/*
 * Does:         survives reading beyond the end of a mapped journal file. Some versions of journald
 *               truncate archived files that others have mapped, and the kernel sends SIGBUS. The
 *               handler maps a page of zeros there, which libsystemd then sees as damage.
 * Doesn't know: which file it was.
 * Owns:         the process's SIGBUS handler, from the first journal_sigbus_install on.
 * Time:         timeless.
 * Fails:        any other SIGBUS is as fatal as before.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_SIGBUS_H
#define RELAYWATCH_SOURCE_JOURNAL_SIGBUS_H

#include <stdbool.h>

void journal_sigbus_install(void);
/* Whether it happened since the last call. */
bool journal_sigbus_happened(void);

#endif
