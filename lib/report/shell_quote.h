/* SPDX-License-Identifier: MIT */
/*
 * Does:         quotes a stranger's text for a shell, where it is one word then and nothing else.
 * Doesn't know: the command it is for.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        returns false, and adds nothing, for text with control characters: what a person
 *               pastes must be what he sees.
 */
#ifndef RELAYWATCH_REPORT_SHELL_QUOTE_H
#define RELAYWATCH_REPORT_SHELL_QUOTE_H

#include "base/buf.h"

/* 'bob@example.net', 'o'\''hara', "$(printf 'm\303\274ller')": for any POSIX shell, in ASCII. */
bool shell_quote(struct buf *to, struct span text);
/* The same, but /var/log/mail.log stays as it is: any shell takes it for itself. */
bool shell_word(struct buf *to, struct span text);

#endif
