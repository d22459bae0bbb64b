/* SPDX-License-Identifier: MIT */
/*
 * Does:         turns a log line that is a JSON object into the syslog line it stands for.
 * Doesn't know: what the line says, or where it came from.
 * Owns:         nothing; the caller gives the buffer that the result lives in.
 * Time:         copied from the object, as text.
 * Fails:        a line that is no such object, or has no room in the buffer, is returned as it is;
 *               the header's parser then refuses it.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_JSON_H
#define RELAYWATCH_PARSE_SYSLOG_JSON_H

#include "base/span.h"

/* Docker's json-file {"log":"...","time":"..."} and journalctl -o json. buf may be as short as the
 * line: the result is never longer. */
struct span syslog_json_convert(struct span line, char *buf, size_t size);

/* Every line comes by here, so only the first byte is looked at. */
static inline struct span syslog_json_unwrap(struct span line, char *buf, size_t size)
{
    return line.len && line.at[0] == '{' ? syslog_json_convert(line, buf, size) : line;
}

#endif
