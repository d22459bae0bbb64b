/* SPDX-License-Identifier: MIT */
/*
 * Does:         names the form of a log that can't be read as it is, and what makes it readable.
 * Doesn't know: where it came from, or what it says.
 * Owns:         constant tables.
 * Time:         timeless.
 * Fails:        NULL for a form that it doesn't know.
 */
#ifndef RELAYWATCH_PARSE_LOG_FORM_H
#define RELAYWATCH_PARSE_LOG_FORM_H

#include "base/span.h"

struct log_form {
    const char *is;      /* "compressed with xz" */
    const char *filter;  /* the command that, with the file's name, writes what can be read; or */
    const char *instead; /* what to do: NULL where there is a filter */
};

/* head: what a log begins with, in which no line is one. */
const struct log_form *log_form_of(struct span head);

/* head: what a log begins with, in which there are lines. NULL: nothing is wrong with their
 * texts. */
const struct log_form *log_form_of_lines(struct span head);

#endif
