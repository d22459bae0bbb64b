/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds where this Postfix logs: [source] says it, or it is found out.
 * Doesn't know: how a source is read.
 * Owns:         the texts of a choice, until choice_done.
 * Time:         timeless.
 * Fails:        a choice is always made; `warning` says what speaks against it.
 */
#ifndef RELAYWATCH_CHOOSE_H
#define RELAYWATCH_CHOOSE_H

#include "config/settings.h"

struct choice {
    enum source_type type; /* SOURCE_JOURNAL or SOURCE_FILE */
    char *files;           /* SOURCE_FILE: as in [source] files */
    char *text;            /* "the journal", "/var/log/mail.log" */
    char *why;             /* "Postfix says so: maillog_file" */
    char *warning;         /* or NULL */
};

/* One source only, so that no line is read twice through two of them. maillog: as postfix.h gives
 * it, or NULL where Postfix was not asked. */
bool choose_source(const struct settings *settings, const char *maillog, struct choice *ret);
void choice_done(struct choice *choice);

#endif
