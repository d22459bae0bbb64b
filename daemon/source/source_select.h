/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds where this Postfix logs: [source] says it, or it is found out.
 * Doesn't know: how a source is read.
 * Owns:         the texts of a source_choice, until choice_done.
 * Time:         timeless.
 * Fails:        a source_choice is always made; `warning` says what speaks against it.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_SELECT_H
#define RELAYWATCH_SOURCE_SOURCE_SELECT_H

#include "config/settings.h"

struct source_choice {
    enum source_type type; /* SOURCE_JOURNAL or SOURCE_FILE */
    char *files;           /* SOURCE_FILE: as in [source] files */
    char *text;            /* "the journal", "/var/log/mail.log" */
    char *why;             /* "Postfix says so: maillog_file" */
    char *warning;         /* or NULL */
};

/* One source only, so that no line is read twice through two of them. maillog: as postfix.h gives
 * it, or NULL where Postfix was not asked. */
bool source_select(const struct settings *settings, const char *maillog, struct source_choice *ret);
void choice_done(struct source_choice *source_choice);

#endif
