/* SPDX-License-Identifier: MIT */
/*
 * Does:         turns a stranger's text into a string of JSON.
 * Doesn't know: what the text is.
 * Owns:         nothing; the caller drops the reference.
 * Time:         timeless.
 * Fails:        NULL when memory is short.
 */
#ifndef RELAYWATCH_REPORT_TEXT_JSON_H
#define RELAYWATCH_REPORT_TEXT_JSON_H

#include <jansson.h>

#include "base/span.h"

/* Unchanged if it is UTF-8, otherwise with "?" for each byte that is not printable ASCII. */
json_t *text_json(struct span text);

#endif
