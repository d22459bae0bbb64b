/* SPDX-License-Identifier: MIT */
/* The commands that ask the daemon of its incidents and messages. */
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "command.h"
#include "print.h"
#include "status_text.h"

enum { COLUMNS = 100, TABLE_MAX = 16 * 1024 * 1024 };

static bool is_type(const json_t *object, const char *type)
{
    return span_equal(span_str(json_string_value(json_object_get(object, "type"))), span_str(type));
}

/* As `scan --json` shows it. */
static void print_contract(json_t *incident)
{
    json_object_del(incident, INCIDENT_MORE);
    print_json(json_incref(incident));
}

static void collect(void *ctx, json_t *object)
{
    json_array_append(ctx, object);
}

static void collect_open(void *ctx, json_t *object)
{
    if (is_type(object, "open_incident"))
        json_array_append(ctx, object);
}

static void print_table(const json_t *incidents, bool color, FILE *to)
{
    struct buf table = buf_new(TABLE_MAX);

    incidents_text(&table, incidents, 0, COLUMNS, color);
    if (table.at)
        fputs(table.at, to);
    buf_done(&table);
}

/* --- incidents ----------------------------------------------------------------------------------- */

static void hear_contract(void *ctx, json_t *object)
{
    (void)ctx;
    print_contract(object);
}

int incidents_run(const struct command_options *options)
{
    json_t *request = client_request("incidents"), *list = json_array();
    char error[CLIENT_ERROR_MAX];
    int status = EXIT_NOTHING;

    json_object_set_new(request, "all", json_boolean(options->all));
    if (!client_ask(options->socket, request, options->json ? hear_contract : collect, list,
                    error)) {
        complain("%s", error);
        status = EXIT_CANNOT;
    } else if (!options->json && !json_array_size(list)) {
        puts("No incidents.");
    } else if (!options->json) {
        print_table(list, options->color, stdout);
    }
    json_decref(list);
    return status;
}

/* --- one of them --------------------------------------------------------------------------------- */

/* The ID was not to be found: here are those that could have been meant. */
static void list_open(const struct command_options *options)
{
    char error[CLIENT_ERROR_MAX];
    json_t *list = json_array();

    if (client_ask(options->socket, client_request("status"), collect_open, list, error)) {
        fputs(json_array_size(list) ? "Open ones:\n" : "There are no open ones.\n", stderr);
        print_table(list, false, stderr);
    }
    json_decref(list);
}

static bool ask_of_one(const struct command_options *options, json_t *request, client_hear *heard,
                       void *ctx)
{
    char error[CLIENT_ERROR_MAX];

    json_object_set_new(request, "id", text_json(span_str(options->arg[0])));
    if (client_ask(options->socket, request, heard, ctx, error))
        return true;
    complain("%s", error);
    if (span_starts(span_str(error), SPAN("there is no incident")))
        list_open(options);
    return false;
}

static void hear_one(void *ctx, json_t *object)
{
    const struct command_options *options = ctx;

    if (options->json)
        print_contract(object);
    else
        print_incident(object, options->color);
}

int show_run(const struct command_options *options)
{
    struct command_options copy = *options;

    return ask_of_one(options, client_request("show"), hear_one, &copy) ? EXIT_NOTHING
                                                                        : EXIT_CANNOT;
}

static void hear_queue_ids(void *ctx, json_t *object)
{
    const json_t *ids = json_object_get(object, "queue_ids");

    (void)ctx;
    for (size_t i = 0; i < json_array_size(ids); i++) {
        struct span id = span_str(json_string_value(json_array_get(ids, i)));
        struct queue_id parsed;
        /* It goes into postsuper(1) as root: nothing but queue IDs may. */
        if (id.len && queue_id_parse(id, &parsed) == id.len)
            puts(id.at);
    }
}

int queue_run(const struct command_options *options)
{
    json_t *request = client_request("queue");

    json_object_set_new(request, "held", json_boolean(options->all));
    return ask_of_one(options, request, hear_queue_ids, NULL) ? EXIT_NOTHING : EXIT_CANNOT;
}

/* --- a message ----------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static bool is_null(const json_t *object, const char *name)
{
    return json_is_null(json_object_get(object, name));
}

static void print_field(const char *name, const char *text)
{
    printf("  %-14s ", name);
    print_safe(span_str(text));
    putchar('\n');
}

static void print_origin(const json_t *m)
{
    const char *origin = text_of(m, "origin"), *root = text_of(m, "root");

    printf("  %-14s ", "came from");
    print_safe(span_str(origin));
    if (!span_equal(span_str(origin), span_str(root))) {
        printf(", which goes back to ");
        print_safe(span_str(root));
    }
    if (json_object_get(m, "uid"))
        printf(" uid %lld", (long long)json_integer_value(json_object_get(m, "uid")));
    if (*text_of(m, "client")) {
        printf(": ");
        print_safe(span_str(text_of(m, "client")));
    }
    if (*text_of(m, "account")) {
        printf(" as ");
        print_safe(span_str(text_of(m, "account")));
    }
    putchar('\n');
    print_field("sender", is_null(m, "sender")    ? "not in the log"
                          : *text_of(m, "sender") ? text_of(m, "sender")
                                                  : "<> (the null sender)");
}

static void print_recipients(const json_t *m)
{
    const json_t *list = json_object_get(m, "recipients");
    size_t n = json_array_size(list);
    long long all = (long long)json_integer_value(json_object_get(m, "recipient_count"));

    for (size_t i = 0; i < n; i++) {
        const json_t *r = json_array_get(list, i);
        printf("  %-14s ", i ? "" : "goes to");
        print_safe(span_str(text_of(r, "recipient")));
        printf(" (");
        print_safe(span_str(text_of(r, "class")));
        printf("%s): ", json_is_true(json_object_get(r, "forwarded")) ? ", forwarded" : "");
        print_safe(span_str(text_of(r, "status")));
        putchar('\n');
    }
    if (all > (long long)n)
        printf("  %-14s and %lld more\n", "", all - (long long)n);
    if (!n)
        print_field("goes to", "no delivery is in the log yet");
}

static void print_message(const json_t *m, bool color)
{
    const json_t *children = json_object_get(m, "children");

    printf("%s", color ? "\033[1m" : "");
    print_safe(span_str(text_of(m, "queue_id")));
    printf("%s on ", color ? "\033[0m" : "");
    print_safe(span_str(text_of(m, "host")));
    printf(", ");
    print_safe(span_str(text_of(m, "instance")));
    if (*text_of(m, "parent")) {
        printf("; made of ");
        print_safe(span_str(text_of(m, "parent")));
    }
    putchar('\n');
    if (is_null(m, "incident")) {
        print_field("verdict", "in no incident");
    } else {
        printf("  %-14s part of %s, incident ", "verdict", text_of(m, "incident_kind"));
        print_safe(span_str(text_of(m, "incident")));
        putchar('\n');
    }
    print_origin(m);
    print_field(json_is_true(json_object_get(m, "acceptance_in_log")) ? "accepted"
                                                                      : "in queue since",
                text_of(m, "queued_since"));
    print_field("now", text_of(m, "state"));
    print_recipients(m);
    for (size_t i = 0; i < json_array_size(children); i++)
        print_field(i ? "" : "became", json_string_value(json_array_get(children, i)));
    putchar('\n');
}

static void hear_message(void *ctx, json_t *object)
{
    const struct command_options *options = ctx;

    if (options->json)
        print_json(json_incref(object));
    else
        print_message(object, options->color);
}

int explain_live_run(const struct command_options *options)
{
    struct command_options copy = *options;
    json_t *request = client_request("explain");
    char error[CLIENT_ERROR_MAX];

    json_object_set_new(request, "queue_id", text_json(span_str(options->arg[0])));
    if (client_ask(options->socket, request, hear_message, &copy, error))
        return EXIT_NOTHING;
    complain("%s", error);
    if (span_ends(span_str(error), SPAN("some time ago"))) {
        complain("name the logs to look in: relaywatch explain QUEUEID FILE...");
        return EXIT_FOUND;
    }
    return EXIT_CANNOT;
}
