/* SPDX-License-Identifier: MIT */
#include "control/query_internal.h"

#include "control/control.h"
#include "show/print.h"
#include "track/tracker_internal.h"

void answer_object(struct evbuffer *out, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

    json_decref(object);
    if (text) {
        evbuffer_add(out, text, strlen(text));
        evbuffer_add(out, "\n", 1);
    }
    free(text);
}

void answer_error(struct evbuffer *out, const char *code, const char *text)
{
    json_t *object = json_object();

    answer_text(object, "type", "error");
    if (code)
        answer_text(object, "code", code);
    json_object_set_new(object, "text", text_json(span_str(text)));
    answer_object(out, object);
}

enum answer_step answer_fail(struct answer *answer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(answer->error, sizeof(answer->error), format, args);
    va_end(args);
    return ANSWER_END;
}

enum answer_step answer_unknown(struct answer *answer, const char *what, struct span name,
                                const char *why)
{
    answer->code = CONTROL_UNKNOWN;
    return answer_fail(answer, "there is no %s \"%.*s\"%s", what,
                       (int)(name.len < 60 ? name.len : 60), name.len ? name.at : "", why);
}

struct span answer_argument(const struct answer *answer, const char *name)
{
    const json_t *value = json_object_get(answer->request, name);

    return json_is_string(value) ? span_of(json_string_value(value), json_string_length(value))
                                 : SPAN_NONE;
}

bool answer_flag(const struct answer *answer, const char *name)
{
    return json_is_true(json_object_get(answer->request, name));
}

bool answer_walk(struct answer *answer, tracker_visit *visit)
{
    struct tracker *tracker = &answer->live->pipeline->tracker;
    uint32_t end = answer->at + ANSWER_SLOTS, all = tracker->chunk_count * CHUNK;

    if (end > all)
        end = all;
    /* Slot 0 is nobody's. */
    for (uint32_t slot = answer->at ? answer->at : 1; slot < end; slot++)
        if (tracker_is_live(tracker, slot))
            visit(answer, tracker_at(tracker, slot));
    answer->at = end;
    return end < all;
}

static const struct {
    const char *name;
    enum answer_step (*step)(struct answer *answer, struct evbuffer *out);
} answers[] = {
    {"status", answer_status}, {"incidents", answer_incidents}, {"show", answer_show},
    {"queue", answer_queue},   {"explain", answer_explain},     {"counters", answer_counters},
};

static enum answer_step begin(struct answer *answer, struct evbuffer *out)
{
    struct span command = answer_argument(answer, "command");
    const json_t *version = json_object_get(answer->request, "v");

    if (!answer->request || !json_is_integer(version))
        return answer_fail(answer, "that is no request: {\"v\":%d,\"command\":\"status\"}",
                           CONTROL_VERSION);
    if (json_integer_value(version) != CONTROL_VERSION)
        return answer_fail(
            answer,
            "version %lld of the protocol is asked for; the daemon (relaywatch " RELAYWATCH_VERSION
            ") speaks %d",
            (long long)json_integer_value(version), CONTROL_VERSION);
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
        if (span_equal(command, span_str(answers[i].name))) {
            answer->step = answers[i].step;
            return answer->step(answer, out);
        }
    return answer_fail(answer, "there is no command \"%.*s\"",
                       (int)(command.len < 60 ? command.len : 60), command.len ? command.at : "");
}

struct answer *answer_new(const struct live *live, struct span request)
{
    struct answer *answer = calloc(1, sizeof(*answer));

    if (!answer)
        return NULL;
    answer->live = live;
    answer->request =
        json_loadb(request.at ? request.at : "", request.len, JSON_REJECT_DUPLICATES, NULL);
    answer->step = begin;
    return answer;
}

bool answer_more(struct answer *answer, struct evbuffer *out)
{
    if (answer->step(answer, out) == ANSWER_MORE)
        return true;
    if (*answer->error) {
        answer_error(out, answer->code, answer->error);
    } else {
        json_t *object = json_object();
        answer_text(object, "type", "end");
        answer_object(out, object);
    }
    return false;
}

void answer_free(struct answer *answer)
{
    if (!answer)
        return;
    json_decref(answer->request);
    json_decref(answer->batch);
    list_done(&answer->ids);
    free(answer->totals);
    free(answer);
}
