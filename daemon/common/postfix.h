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

#include "base/when.h"
#include "site/site.h"

/* Where Postfix keeps things; texts to be freed with postfix_paths_done. */
struct postfix_paths {
    char *maillog_file;     /* where it logs itself; "" or NULL: elsewhere, or not known */
    char *config_directory; /* of main.cf; NULL: likewise */
    char *queue_directory;  /* NULL: not known, or another machine's */
};

void postfix_paths_done(struct postfix_paths *paths);

/* What a negative errno means, for people: of a dump that was read, of postconf that was asked. */
const char *postfix_dump_error(int r);
const char *postfix_ask_error(int r);

/* Both functions: on success *ret is filled; its maillog_file is "" if Postfix logs elsewhere (the
 * setting is empty or /dev/stdout). ret may be NULL. */

/* Reads a saved output of postconf, or a main.cf. Reads lookup tables whose files exist on this
 * machine; runs nothing. */
int postfix_read_dump(const char *path, struct site *site, struct postfix_paths *ret);

/* The same of another host: its tables are not on this machine, whatever is called like them. */
int postfix_read_dump_of(const char *path, struct site *site);

/* Runs postconf, and postmap for the lookup tables. */
int postfix_ask(struct site *site, struct postfix_paths *ret);

/* When a message last came into this queue or left it: a sign that Postfix works, for which its
 * directory need not be readable. WHEN_UNKNOWN: it can't be seen. */
wall_us postfix_queue_changed(const char *queue_directory);

#endif
