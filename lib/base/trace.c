/* SPDX-License-Identifier: MIT */
#include "base/trace.h"

#include <stdarg.h>
#include <stdio.h>

const char *trace_name(enum trace_area area)
{
    static const char *const names[] = {
#define X(area, name, sentence) name,
        TRACE_AREAS(X)
#undef X
    };

    return names[area];
}

void trace_say(const struct trace *trace, enum trace_area area, const char *format, ...)
{
    char text[TRACE_TEXT_MAX];
    va_list args;

    /* Before any formatting: usually nobody listens. */
    if (!trace_wants(trace, area))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    /* The line goes to a terminal, and a stranger may have written any part of it. */
    for (char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    trace->listener(trace->ctx, area, text);
}

static bool area_of(struct span word, unsigned *ret_bits)
{
    if (span_equal(word, SPAN("all"))) {
        *ret_bits = (1u << TRACE_COUNT) - 1;
        return true;
    }
    for (int area = 0; area < TRACE_COUNT; area++)
        if (span_equal(word, span_str(trace_name((enum trace_area)area)))) {
            *ret_bits = 1u << area;
            return true;
        }
    return false;
}

bool trace_parse(struct span words, unsigned *ret_areas, struct span *ret_bad)
{
    unsigned areas = 0, bits;

    while (words.len) {
        ptrdiff_t comma = span_find(words, ',');
        struct span word = span_head(words, comma < 0 ? words.len : (size_t)comma);
        words = span_skip(words, comma < 0 ? words.len : (size_t)comma + 1);
        if (!area_of(word, &bits)) {
            *ret_bad = word;
            return false;
        }
        /* A word may come twice. */
        areas |= bits;
    }
    *ret_areas = areas;
    return true;
}
