/* SPDX-License-Identifier: MIT */
/*
 * Does:         asks Postfix on this machine, or reads a saved output of postconf, and tells the
 *               site which domains are ours and which networks are trusted.
 * Doesn't know: what the settings mean; lib/site does.
 * Owns:         nothing after the call.
 * Time:         blocks while postconf and postmap run, each with a time limit: for start and
 *               reload.
 * Fails:        negative errno: -ENOENT if there is no Postfix or no such file, -EBADMSG if the
 *               text contains no setting. Tables that cannot be read become site warnings.
 */
#ifndef RELAYWATCH_COMMON_POSTFIX_H
#define RELAYWATCH_COMMON_POSTFIX_H

#include "site/site.h"

/* Both functions: on success *ret_maillog is the file Postfix itself logs to (maillog_file), for
 * the caller to free; "" if it logs elsewhere (the setting is empty or /dev/stdout). ret_maillog
 * may be NULL. */

/* Reads a saved output of postconf, or a main.cf. Reads lookup tables whose files exist on this
 * machine; runs nothing. */
int postfix_read_dump(const char *path, struct site *site, char **ret_maillog);

/* Runs postconf, and postmap for the lookup tables. *ret_directory is where main.cf and master.cf
 * are, for the caller to free; "" if that isn't known. It may be NULL. */
int postfix_ask(struct site *site, char **ret_maillog, char **ret_directory);

#endif
