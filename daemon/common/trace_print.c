/* SPDX-License-Identifier: MIT */
#include "common/trace_print.h"

#include <stdio.h>

#include "common/complain.h"

static void print(void *ctx, enum trace_area area, const char *text)
{
    (void)ctx;
    fprintf(stderr, "trace %s: %s\n", trace_name(area), text);
}

bool trace_print_init(struct trace *ret, const char *words)
{
    struct span bad;
    char areas[200] = "";
    size_t n = 0;

    *ret = (struct trace){.listener = print};
    if (!words || trace_parse(span_str(words), &ret->areas, &bad))
        return true;
    for (int i = 0; i < TRACE_COUNT; i++)
        n += (size_t)snprintf(areas + n, sizeof(areas) - n, "%s%s", i ? ", " : "",
                              trace_name((enum trace_area)i));
    complain("--trace: unknown area \"%.*s\"; the areas are %s and all", SPAN_ARG(bad), areas);
    return false;
}
