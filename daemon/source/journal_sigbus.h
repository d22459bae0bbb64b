/* SPDX-License-Identifier: MIT */
/*
 * Does:         survives reading a journal file behind its end: some versions of journald cut
 *               archived files while others have them mapped, and the kernel answers with SIGBUS.
 *               A page of zeros is put where the file ended; libsystemd then sees damage.
 * Doesn't know: which file it was.
 * Owns:         the process's SIGBUS handler, from the first journal_sigbus_install on.
 * Time:         timeless.
 * Fails:        any other SIGBUS is as fatal as it was before.
 */
#ifndef RELAYWATCH_SOURCE_JOURNAL_SIGBUS_H
#define RELAYWATCH_SOURCE_JOURNAL_SIGBUS_H

#include <stdbool.h>

void journal_sigbus_install(void);
/* Whether it has happened since the last call. */
bool journal_sigbus_happened(void);

#endif
