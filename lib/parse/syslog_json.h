/* SPDX-License-Identifier: MIT */
/*
 * Does:         converts a log line that is a JSON object into the syslog line it stands for.
 * Doesn't know: what the line says, or where it came from.
 * Owns:         nothing; the result lives in the caller's buffer.
 * Time:         copied from the object, as text.
 * Fails:        a line that is not such an object, or that doesn't fit the buffer, is returned
 *               unchanged; the header parser then refuses it.
 */
#ifndef RELAYWATCH_PARSE_SYSLOG_JSON_H
#define RELAYWATCH_PARSE_SYSLOG_JSON_H

#include "base/span.h"

/* Docker's json-file {"log":"...","time":"..."}, journalctl -o json, and what templates and
 * collectors make of a line or of its parts. buf may be as short as the line: what is longer
 * doesn't fit. */
struct span syslog_json_convert(struct span line, char *buf, size_t size);
/* The same of an object that stands behind its time, as text. */
struct span syslog_json_convert_at(struct span line, struct span time, char *buf, size_t size);

#endif
