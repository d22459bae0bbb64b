/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a text or a count out of a JSON object.
 * Doesn't know: what the object is.
 * Owns:         nothing; the text belongs to the object.
 * Time:         timeless.
 * Fails:        a member that is missing, or of another type, reads as "" or 0.
 */
#ifndef RELAYWATCH_COMMON_TEXT_OF_H
#define RELAYWATCH_COMMON_TEXT_OF_H

#include <jansson.h>

#include "base/span.h"

static inline const char *text_of(const json_t *object, const char *name)
{
    return text_or_empty(json_string_value(json_object_get(object, name)));
}

/* Its type is that of printf's %llu. */
static inline unsigned long long count_of(const json_t *object, const char *name)
{
    return (unsigned long long)json_integer_value(json_object_get(object, name));
}

#endif
