/* SPDX-License-Identifier: MIT */
#include "control/query_test_alert.h"

#include "alert/sink.h"
#include "report/text_json.h"

/* A command may take longer than the CLIENT_WAIT_S after which a client gives up. */
enum { STEPS_PER_SIGN = 50 };

static void send_route(struct evbuffer *out, const char *route, bool ok, const char *text)
{
    json_t *object = json_object();

    query_text(object, "type", "route");
    query_text(object, "route", route);
    json_object_set_new(object, "ok", json_boolean(ok));
    json_object_set_new(object, "text", text_json(span_str(text)));
    query_object(out, object);
}

static enum query_step wait_for_command(struct query *query, struct evbuffer *out)
{
    const struct command_test *test = sinks_tested(query->runtime->sinks);

    if (test->running) {
        query->waits = true;
        if (++query->at % STEPS_PER_SIGN == 0) {
            json_t *object = json_object();
            query_text(object, "type", "waiting");
            query_object(out, object);
        }
        return QUERY_MORE;
    }
    send_route(out, "command", test->ok, test->text);
    return QUERY_END;
}

enum query_step query_test_alert(struct query *query, struct evbuffer *out)
{
    struct sinks *sinks = query->runtime->sinks;

    if (!sinks)
        return query_fail(query, "the daemon is still starting");
    if (sinks_tested(sinks)->running)
        return query_fail(query, "another test is running");
    struct sinks_test test = sinks_test(sinks);
    send_route(out, sinks_destination(sinks), test.log == 0,
               test.log == 0 ? "took it" : strerror(-test.log));
    if (!test.command)
        return QUERY_END;
    query->step = wait_for_command;
    return QUERY_MORE;
}
