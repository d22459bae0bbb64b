/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the text of an INI file: its sections, and its keys with their values.
 * Doesn't know: which sections, keys and values are allowed.
 * Owns:         nothing; what a callback is given is borrowed until it returns.
 * Time:         timeless.
 * Fails:        inifile_read returns false if there was an error, or a callback returned false,
 *               with the line and a sentence in *err: the first one, or the last if all are wanted.
 *
 * inih does the reading, but silently accepts what an operator should hear about: it breaks a line
 * after 200 bytes and takes the rest for a new one, cuts keys and sections at 49 bytes, allows
 * "key: value", appends an indented line to the key before it, and drops what follows " ;". Lines
 * therefore reach inih through a reader that refuses all this and splits long lines into pieces.
 */
#ifndef RELAYWATCH_CONFIG_INIFILE_H
#define RELAYWATCH_CONFIG_INIFILE_H

#include "base/span.h"

#define INIFILE_LINE_MAX  4096
#define INIFILE_VALUE_MAX (256 * 1024) /* a list over many lines */

struct inifile_error {
    int line; /* 1..; 0: not about one line */
    char text[512];
};

/* A callback that returns false has put its sentence into *err, where the line is already set. */
struct inifile_handler {
    /* "[account-abuse a@example.org]" without its brackets. */
    bool (*section)(void *ctx, struct span header, int line, struct inifile_error *err);
    /* line has the key. Any blanks within the value are single spaces. */
    bool (*value)(void *ctx, struct span key, struct span value, int line,
                  struct inifile_error *err);
    /* Whether the value of this key may continue on indented lines. */
    bool (*is_list)(void *ctx, struct span key);
    /* Is given every error; what follows it is read all the same. NULL: stop at the first. */
    void (*error)(void *ctx, const struct inifile_error *err);
};

bool inifile_read(struct span text, const struct inifile_handler *handler, void *ctx,
                  struct inifile_error *err);

/* Writes the sentence into *err; returns false, so that a callback can return its result. */
bool inifile_refuse(struct inifile_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define INIFILE_SHOWN_MAX 72
/* s as an error quotes it: printable, and cut with "..." if it is long. Returns buf, which has
 * INIFILE_SHOWN_MAX bytes. */
const char *inifile_show(struct span s, char *buf);

#endif
