/* SPDX-License-Identifier: MIT */
/*
 * The pipeline changes between two steps of a query: messages leave, incidents are folded or
 * evicted. So a step starts from names and numbers, looks them up again, and skips what is gone.
 */
#include "control/query_core.h"

#include <stdarg.h>

#include "control/protocol.h"

void query_object(struct evbuffer *out, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

    json_decref(object);
    if (text) {
        evbuffer_add(out, text, strlen(text));
        evbuffer_add(out, "\n", 1);
    }
    free(text);
}

enum query_step query_fail(struct query *query, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(query->error, sizeof(query->error), format, args);
    va_end(args);
    return QUERY_END;
}

enum query_step query_unknown(struct query *query, const char *what, struct span name,
                              const char *why)
{
    query->code = CONTROL_UNKNOWN;
    return query_fail(query, "there is no %s \"%.*s\"%s", what,
                      (int)(name.len < 60 ? name.len : 60), name.len ? name.at : "", why);
}

struct span query_argument(const struct query *query, const char *name)
{
    const json_t *value = json_object_get(query->request, name);

    return json_is_string(value) ? span_of(json_string_value(value), json_string_length(value))
                                 : SPAN_NONE;
}

bool query_flag(const struct query *query, const char *name)
{
    return json_is_true(json_object_get(query->request, name));
}

bool query_walk(struct query *query, tracker_visit *visit)
{
    return tracker_walk(&query->runtime->pipeline->tracker, &query->at, QUERY_SLOTS, visit, query);
}
