/* SPDX-License-Identifier: MIT */
#include "report/text_json.h"

#include <stdlib.h>

/* A stranger's bytes may not be valid UTF-8, which JSON requires. Or they contain a NUL, which
 * jansson writes but refuses to read by default. In both cases whatever is not printable ASCII
 * becomes "?", as in Postfix's own log lines. */
json_t *text_json(struct span text)
{
    bool whole = text.len == 0 || !memchr(text.at, 0, text.len);
    json_t *value = whole ? json_stringn(text.len ? text.at : "", text.len) : NULL;
    char *copy = value ? NULL : malloc(text.len);

    if (value || !copy)
        return value;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = printable_char(text.at[i]);
    value = json_stringn(copy, text.len);
    free(copy);
    return value;
}
