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

enum { SHELL_HOST_MAX = 253 }; /* bytes of a host's name */

/* 'bob@example.net', 'o'\''hara', "$(printf 'm\303\274ller')": for any POSIX shell, in ASCII. */
bool shell_quote(struct buf *to, struct span text);
/* The same, but /var/log/mail.log stays as it is: any shell takes it for itself. */
bool shell_word(struct buf *to, struct span text);
/* A host's name or address that a shell and ssh(1) take for that and nothing else, unquoted: no
 * option, no user, no URI. Who may write to the log chose it. */
bool shell_is_host(struct span name);

#endif
