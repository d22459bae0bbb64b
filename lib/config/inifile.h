/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the text of an INI file: sections, and keys with their whole value.
 * Doesn't know: which sections, keys and values are meant to be there.
 * Owns:         nothing afterwards; what it passes on is borrowed until the callback returns.
 * Time:         timeless.
 * Fails:        inifile_read returns false at the first thing that is not as it must be, with its
 *               line and a sentence; so it does where a callback refuses.
 *
 * inih does the reading, but lets through what an operator would want to be told: it cuts a line of
 * 200 bytes and takes the rest for a new line, cuts names and sections at 49, takes "key: value",
 * glues an indented line to the key before it, and drops what follows " ;". So lines reach it
 * through a reader of ours, which refuses all that, and hands a long line over in pieces that inih
 * can take.
 */
#ifndef RELAYWATCH_CONFIG_INIFILE_H
#define RELAYWATCH_CONFIG_INIFILE_H

#include "base/span.h"

#define INIFILE_LINE_MAX  4096
#define INIFILE_VALUE_MAX (256 * 1024) /* a list over many lines */

struct inifile_error {
    int line; /* 1.. */
    char text[512];
};

/* On false, *err has the sentence; its line is filled in already. */
struct inifile_handler {
    /* "[account-abuse a@example.org]" without its brackets. */
    bool (*section)(void *ctx, struct span header, int line, struct inifile_error *err);
    /* line is the one that has the key. Blanks within the value are single ones. */
    bool (*value)(void *ctx, struct span key, struct span value, int line,
                  struct inifile_error *err);
    /* Whether the value of the key may go on over indented lines. */
    bool (*is_list)(void *ctx, struct span key);
};

bool inifile_read(struct span text, const struct inifile_handler *handler, void *ctx,
                  struct inifile_error *err);

/* Writes the sentence and returns false, to be returned from a callback. */
bool inifile_refuse(struct inifile_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define INIFILE_SHOWN_MAX 72
/* s for an error sentence: printable, and cut with "..." where it is long. Returns buf, of
 * INIFILE_SHOWN_MAX bytes. */
const char *inifile_show(struct span s, char *buf);

#endif
