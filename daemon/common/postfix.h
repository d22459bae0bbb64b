/* SPDX-License-Identifier: MIT */
/*
 * Does:         asks Postfix on this machine, or a saved output of postconf, what is ours and whom
 *               it trusts, and tells the site.
 * Doesn't know: what the settings mean; lib/postconf does.
 * Owns:         nothing afterwards.
 * Time:         blocks while postconf and postmap run, each within its limit: for start and reload.
 * Fails:        negative errno; -ENOENT where there is no Postfix or no such file, -EBADMSG where
 *               the text has no setting. Tables that can't be read become site warnings.
 */
#ifndef RELAYWATCH_COMMON_POSTFIX_H
#define RELAYWATCH_COMMON_POSTFIX_H

#include "site/site.h"

/* Both: *ret_maillog, set where 0 is returned, is where Postfix writes its log itself, for free();
 * "" where it does not (maillog_file is empty or /dev/stdout). NULL is allowed. */

/* Reads a saved output of postconf, or a main.cf. Tables are read where their files are on this
 * machine; nothing is run. */
int postfix_read_dump(const char *path, struct site *site, char **ret_maillog);

/* Runs postconf, and postmap for tables. */
int postfix_ask(struct site *site, char **ret_maillog);

#endif
