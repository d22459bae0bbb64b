/* SPDX-License-Identifier: MIT */
/*
 * Does:         decides where to read this Postfix's log, as [source] says or by looking
 *               around, and opens it.
 * Doesn't know: how a source is read.
 * Owns:         the texts of a source_choice, until source_choice_done.
 * Time:         timeless.
 * Fails:        false if out of memory. Otherwise there is always a choice; `warning` says what is
 *               wrong with it.
 */
#ifndef RELAYWATCH_SOURCE_SOURCE_SELECT_H
#define RELAYWATCH_SOURCE_SOURCE_SELECT_H

#include "config/settings.h"
#include "source/source.h"

enum { SOURCE_ID_MAX = 32 };

struct source_choice {
    /* Of its saved position: "journal", "files", "kafka", or one of an own log. */
    char id[SOURCE_ID_MAX];
    bool automatic;        /* not said by [source] */
    bool own;              /* Postfix writes it itself: none of it is in another log */
    enum source_type type; /* SOURCE_JOURNAL, SOURCE_FILE or SOURCE_KAFKA */
    char *files;           /* SOURCE_FILE: as in [source] files */
    char *text;            /* "the journal", "/var/log/mail.log" */
    char *why;             /* "Postfix logs there itself: maillog_file" */
    char *warning;         /* or NULL */
};

/* Chooses exactly one source, so that no line is read through two. maillog: as postfix.h returns
 * it, or NULL if Postfix was not asked. */
bool source_select(const struct settings *settings, const char *maillog, struct source_choice *ret);
/* Whether that id is of a log that Postfix writes itself. */
bool source_id_is_own(const char *id);
/* Whether that file is one of those that are read. */
bool source_choice_has(const struct source_choice *choice, const char *path);
/* Opens a log as [source] says; files: empty for the journal or Kafka. Otherwise as
 * source_open_files. */
int source_open_log(const struct settings *settings, const char *files,
                    const struct source_options *options, int64_t now_us, struct source **ret);
void source_choice_done(struct source_choice *choice);

#endif
