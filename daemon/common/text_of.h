/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a text out of a JSON object.
 * Doesn't know: what the object is.
 * Owns:         nothing; the text belongs to the object.
 * Time:         timeless.
 * Fails:        a member that is missing, or not a text, reads as "".
 */
#ifndef RELAYWATCH_COMMON_TEXT_OF_H
#define RELAYWATCH_COMMON_TEXT_OF_H

#include <jansson.h>

#include "base/span.h"

static inline const char *text_of(const json_t *object, const char *name)
{
    return text_or_empty(json_string_value(json_object_get(object, name)));
}

#endif
