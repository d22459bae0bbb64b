/* SPDX-License-Identifier: MIT */
/*
 * A request is a JSON object with a version and a command. Unknown members are ignored, so that
 * newer clients can talk to an older daemon; an unknown version is an error.
 */
#include "control/query.h"

#include <stdlib.h>

#include "control/protocol.h"
#include "control/query_activity.h"
#include "control/query_explain.h"
#include "control/query_incidents.h"
#include "control/query_series.h"
#include "control/query_status.h"
#include "control/query_test_alert.h"
#include "report/incident.h"
#include "report/text_json.h"

void query_error(struct evbuffer *out, const char *code, const char *text)
{
    json_t *object = json_object();

    query_text(object, "type", "error");
    if (code)
        query_text(object, "code", code);
    json_object_set_new(object, "text", text_json(span_str(text)));
    query_object(out, object);
}

static const struct {
    const char *name;
    enum query_step (*step)(struct query *query, struct evbuffer *out);
} commands[] = {
    {"status", query_status},     {"incidents", query_incidents},   {"show", query_show},
    {"queue", query_queue},       {"clients", query_clients},       {"close", query_close},
    {"explain", query_explain},   {"counters", query_counters},     {"series", query_series},
    {"activity", query_activity}, {"test-alert", query_test_alert},
};

/* The first step of every query: checks the request and finds the command's own first step. */
static enum query_step begin(struct query *query, struct evbuffer *out)
{
    struct span command = query_argument(query, "command");
    const json_t *version = json_object_get(query->request, "v");

    if (!query->request || !json_is_integer(version))
        return query_fail(query, "that is not a request: {\"v\":%d,\"command\":\"status\"}",
                          CONTROL_VERSION);
    if (json_integer_value(version) != CONTROL_VERSION)
        return query_fail(
            query,
            "version %lld of the protocol was requested; the daemon (relaywatch " RELAYWATCH_VERSION
            ") speaks %d",
            (long long)json_integer_value(version), CONTROL_VERSION);
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (span_equal(command, span_str(commands[i].name))) {
            query->step = commands[i].step;
            return query->step(query, out);
        }
    return query_fail(query, "there is no command \"%.*s\"",
                      (int)(command.len < 60 ? command.len : 60), command.len ? command.at : "");
}

struct query *query_new(const struct runtime *runtime, struct span request)
{
    struct query *query = calloc(1, sizeof(*query));

    if (!query)
        return NULL;
    query->runtime = runtime;
    query->request =
        json_loadb(request.at ? request.at : "", request.len, JSON_REJECT_DUPLICATES, NULL);
    query->step = begin;
    return query;
}

bool query_more(struct query *query, struct evbuffer *out)
{
    if (query->step(query, out) == QUERY_MORE)
        return true;
    if (*query->error) {
        query_error(out, query->code, query->error);
    } else {
        json_t *object = json_object();
        query_text(object, "type", "end");
        query_object(out, object);
    }
    return false;
}

bool query_waits(const struct query *query)
{
    return query->waits;
}

void query_free(struct query *query)
{
    if (!query)
        return;
    json_decref(query->request);
    json_decref(query->batch);
    json_decref(query->batch_hosts);
    list_done(&query->ids);
    free(query->totals);
    free(query->nearest);
    free(query);
}
