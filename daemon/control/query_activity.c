/* SPDX-License-Identifier: MIT */
#include "control/query_activity.h"
#include "report/text_json.h"

#include <stdlib.h>

enum { MINUTES = 60, SHOWN = 5 };

static const enum origin roots[] = {ORIGIN_OUTSIDE, ORIGIN_TRUSTED, ORIGIN_ACCOUNT,
                                    ORIGIN_LOCAL,   ORIGIN_BOUNCE,  ORIGIN_UNKNOWN};
static const char *const group_names[NEAREST_GROUPS] = {"account", "client", "uid"};

/* The oldest minute first; the present one, which is not over, last. */
static json_t *rates(const struct runtime *runtime)
{
    json_t *object = json_object(), *origins = json_object();

    for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
        json_t *list = json_array();
        for (int ago = MINUTES - 1; ago >= 0; ago--)
            json_array_append_new(
                list, json_integer((json_int_t)runtime_recipients(runtime, roots[i], ago)));
        json_object_set_new(origins, origin_name(roots[i]), list);
    }
    query_text(object, "type", "rates");
    json_object_set_new(object, "recipients_per_minute", origins);
    return object;
}

static json_t *nearest_json(int group, const struct nearest_key *key)
{
    json_t *object = json_object();

    query_text(object, "type", "nearest");
    query_text(object, "of", group_names[group]);
    json_object_set_new(object, "name", text_json(span_str(key->name)));
    query_text(object, "kind", kind_name(key->kind));
    query_count(object, "recipients", key->value);
    query_count(object, "threshold", key->threshold);
    query_count(object, "window_s", key->window_s);
    query_count(object, "percent", key->permille / 10);
    return object;
}

static enum query_step look(struct query *query, struct evbuffer *out)
{
    struct pipeline *p = query->runtime->pipeline;
    struct nearest *nearest = query->nearest;

    if (nearest_look(nearest, &p->detector, &query->at, QUERY_CELLS, p->now_s))
        return QUERY_MORE;
    nearest_sort(nearest);
    for (int group = 0; group < NEAREST_GROUPS; group++)
        for (uint32_t i = 0; i < nearest->count[group] && i < SHOWN; i++)
            query_object(out, nearest_json(group, &nearest->key[group][i]));
    return QUERY_END;
}

enum query_step query_activity(struct query *query, struct evbuffer *out)
{
    query_object(out, rates(query->runtime));
    query->nearest = calloc(1, sizeof(*query->nearest));
    if (!query->nearest)
        return query_fail(query, "not enough memory");
    query->step = look;
    return QUERY_MORE;
}
