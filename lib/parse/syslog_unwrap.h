/* SPDX-License-Identifier: MIT */
/*
 * Does:         gives the syslog line that a line of another form stands for: a JSON object, text
 *               in colours, a row of a table, what a byte order mark precedes.
 * Doesn't know: what the line says, or where it came from.
 * Owns:         nothing; the result is at the start of the caller's buffer, or the line itself.
 * Time:         copied from the line, as text.
 * Fails:        a line that is no such thing, or that doesn't fit the buffer, is returned as it is.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_UNWRAP_H
#define RELAYWATCH_PARSE_SYSLOG_UNWRAP_H

#include "base/span.h"

/* Whether the line ends with a column in quotes or with an object. */
static inline bool syslog_ends_wrapped(struct span line)
{
    char last = line.at[line.len - 1];

    return last == '"' || last == '}';
}

/* Where the line begins with no date, which is cheap to see. Zeros may hide what comes. */
static inline bool syslog_is_wrapped(struct span line)
{
    return line.len &&
           ((uint8_t)line.at[0] < ' ' || line.at[0] == '{' || line.at[0] == '"' ||
            line.at[0] == '\xef' || (is_digit(line.at[0]) && syslog_ends_wrapped(line)) ||
            (line.at[0] == '[' && line.at[line.len - 1] == ']'));
}

/* buf may be as short as the line. */
struct span syslog_unwrap_any(struct span line, char *buf, size_t size);

/* Called for every line: nearly all begin with a capital letter or a digit. */
static inline struct span syslog_unwrap(struct span line, char *buf, size_t size)
{
    if (line.len == 0 || (uint8_t)(line.at[0] - 'A') <= 'Z' - 'A')
        return line;
    if (is_digit(line.at[0]) && !syslog_ends_wrapped(line))
        return line;
    return syslog_unwrap_any(line, buf, size);
}

#endif
