/* SPDX-License-Identifier: MIT */
/* The commands that ask the daemon about its incidents and messages. */
#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "cmd/client.h"
#include "cmd/commands.h"
#include "common/complain.h"
#include "common/text_of.h"
#include "report/shell_quote.h"
#include "cmd/explain_show.h"
#include "cmd/log_search.h"
#include "report/text_json.h"
#include "show/incident_text.h"
#include "show/incident_whole.h"
#include "show/print.h"
#include "show/status_text.h"
#include "show/terminal.h"

enum { TABLE_MAX = 16 * 1024 * 1024, BEFORE_S = 6 * 3600 };

static bool is_type(const json_t *object, const char *type)
{
    return span_equal(span_str(json_string_value(json_object_get(object, "type"))), span_str(type));
}

/* Prints the incident as `scan --json` shows it, which is a contract. */
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

    incidents_text(&table, incidents, 0, terminal_columns(PRINT_COLUMNS), color);
    if (table.at)
        fputs(table.at, to);
    buf_done(&table);
}

/* --- incidents -------------------------------------------------------------------------------- */

static void on_contract(void *ctx, json_t *object)
{
    (void)ctx;
    print_contract(object);
}

int incidents_run(const struct command_options *options)
{
    json_t *request = client_request("incidents"), *list = json_array();
    struct client_error error;
    int status = EXIT_NOTHING;

    json_object_set_new(request, "all", json_boolean(options->all));
    if (!client_ask(options->socket, request, options->json ? on_contract : collect, list,
                    &error)) {
        complain("%s", error.text);
        status = EXIT_CANNOT;
    } else if (!options->json && !json_array_size(list)) {
        puts("No incidents.");
    } else if (!options->json) {
        print_table(list, options->color, stdout);
    }
    json_decref(list);
    return status;
}

/* --- one incident ----------------------------------------------------------------------------- */

/* The ID is unknown: list those the user may have meant. */
static void list_open(const struct command_options *options)
{
    struct client_error error;
    json_t *list = json_array();

    if (client_ask(options->socket, client_request("status"), collect_open, list, &error)) {
        fputs(json_array_size(list) ? "Open incidents:\n" : "There are no open incidents.\n",
              stderr);
        print_table(list, false, stderr);
    }
    json_decref(list);
}

static bool ask_about(const struct command_options *options, json_t *request,
                      client_on_object *on_object, void *ctx)
{
    struct client_error error;

    json_object_set_new(request, "id", text_json(span_str(options->arg[0])));
    if (client_ask(options->socket, request, on_object, ctx, &error))
        return true;
    complain("%s", error.text);
    if (error.unknown)
        list_open(options);
    return false;
}

static void on_incident(void *ctx, json_t *object)
{
    const struct command_options *options = ctx;

    if (options->json)
        print_contract(object);
    else
        print_incident(object, options->color);
}

int show_run(const struct command_options *options)
{
    /* The callback takes a context that is not const. */
    struct command_options copy = *options;

    return ask_about(options, client_request("show"), on_incident, &copy) ? EXIT_NOTHING
                                                                          : EXIT_CANNOT;
}

struct queue_output {
    bool json, one_host;
    bool across_hosts; /* the incident may be on several: each host is named */
    uint64_t left_out; /* because of their host's name */
};

/* The output goes into postsuper(1) as root, and its hosts into ssh(1): let nothing but queue IDs
 * and plain names through. */
static void print_queued(struct queue_output *output, json_t *host, struct span id)
{
    struct span name = span_of(json_string_value(host), json_string_length(host));
    struct queue_id parsed;

    if (!id.len || queue_id_parse(id, &parsed) != id.len)
        return;
    if (output->json)
        print_json(
            json_pack("{s:s, s:O?, s:s}", "type", "queued", "host", host, "queue_id", id.at));
    else if (!output->across_hosts || output->one_host)
        puts(id.at);
    else if (shell_is_host(name))
        printf("%.*s\t%s\n", SPAN_ARG(name), id.at);
    else
        output->left_out++;
}

static void on_queue_ids(void *ctx, json_t *object)
{
    const json_t *ids = json_object_get(object, "queue_ids");
    const json_t *hosts = json_object_get(object, "hosts");
    struct queue_output *output = ctx;

    output->across_hosts = json_is_true(json_object_get(object, "across_hosts"));
    for (size_t i = 0; i < json_array_size(ids); i++)
        print_queued(output, json_array_get(hosts, i),
                     span_str(json_string_value(json_array_get(ids, i))));
}

/* The words of the reason as the shell has parted them. */
static json_t *reason_of(const struct command_options *options)
{
    struct buf reason = buf_new(1024);

    for (int i = 1; i < options->arg_count; i++)
        buf_printf(&reason, "%s%s", i > 1 ? " " : "", options->arg[i]);
    json_t *text = text_json(buf_span(&reason));
    buf_done(&reason);
    return text;
}

static void on_closed(void *ctx, json_t *object)
{
    const struct command_options *options = ctx;

    if (options->json)
        print_contract(object);
    else
        printf("%s is closed: no more alerts of it until it has ended, unless it grows tenfold.\n",
               text_of(object, "id"));
}

int close_run(const struct command_options *options)
{
    struct command_options copy = *options;
    json_t *request = client_request("close");

    json_object_set_new(request, "reason", reason_of(options));
    return ask_about(options, request, on_closed, &copy) ? EXIT_NOTHING : EXIT_CANNOT;
}

/* Says which way failed: the exit status is for scripts. */
struct routes {
    bool json, failed, command;
};

static void on_route(void *ctx, json_t *object)
{
    struct routes *routes = ctx;
    bool ok = json_is_true(json_object_get(object, "ok"));

    if (!is_type(object, "route"))
        return;
    routes->failed |= !ok;
    routes->command |= strcmp(text_of(object, "route"), "command") == 0;
    if (routes->json) {
        print_json(json_incref(object));
        return;
    }
    printf("%-8s%s: ", ok ? "ok" : "FAILED", text_of(object, "route"));
    print_safe(span_str(text_of(object, "text"))); /* the command may have said anything */
    putchar('\n');
}

int test_alert_run(const struct command_options *options)
{
    struct routes routes = {.json = options->json};
    struct client_error error;

    if (!client_ask(options->socket, client_request("test-alert"), on_route, &routes, &error)) {
        complain("%s", error.text);
        return EXIT_CANNOT;
    }
    if (!routes.command && !routes.json)
        puts("        command: none is set ([alert] command)");
    return routes.failed ? EXIT_FOUND : EXIT_NOTHING;
}

struct listed {
    uint64_t count, distinct;
};

static void on_clients(void *ctx, json_t *object)
{
    const json_t *clients = json_object_get(object, "clients");
    struct listed *listed = ctx;

    listed->distinct = (uint64_t)json_integer_value(json_object_get(object, "distinct"));
    for (size_t i = 0; i < json_array_size(clients); i++) {
        struct span text = span_str(json_string_value(json_array_get(clients, i)));
        struct address address;
        /* The output goes into a firewall: let nothing but addresses through. */
        if (text.len && address_parse(text, &address)) {
            puts(text.at);
            listed->count++;
        }
    }
}

int clients_run(const struct command_options *options)
{
    struct listed listed = {0, 0};

    if (!ask_about(options, client_request("clients"), on_clients, &listed))
        return EXIT_CANNOT;
    if (listed.count < listed.distinct)
        complain("these are %llu of %llu addresses: the others are not remembered",
                 (unsigned long long)listed.count, (unsigned long long)listed.distinct);
    return EXIT_NOTHING;
}

int queue_run(const struct command_options *options)
{
    struct queue_output output = {options->json, options->host != NULL, false, 0};
    json_t *request = client_request("queue");

    json_object_set_new(request, "held", json_boolean(options->all));
    if (options->host)
        json_object_set_new(request, "host", text_json(span_str(options->host)));
    if (!ask_about(options, request, on_queue_ids, &output))
        return EXIT_CANNOT;
    if (output.left_out)
        complain("%llu are left out: the shell would misread the names of their hosts; --json has "
                 "them",
                 (unsigned long long)output.left_out);
    return EXIT_NOTHING;
}

/* --- a message -------------------------------------------------------------------------------- */

static void on_source(void *ctx, json_t *object)
{
    json_t **source = ctx;

    if (is_type(object, "status"))
        *source = json_incref(json_object_get(object, "source"));
}

/* The log that the daemon follows: it keeps no lines, but says where to look. NULL: nowhere. */
static json_t *ask_for_source(const struct command_options *options)
{
    struct client_error error;
    json_t *source = NULL;

    if (!client_ask(options->socket, client_request("status"), on_source, &source, &error))
        complain("%s", error.text);
    if (json_object_get(source, "files") || json_object_get(source, "journal_directory") ||
        json_object_get(source, "kafka_socket"))
        return source;
    json_decref(source);
    return NULL;
}

/* All but the first, which is there already. */
static void add_other(void *ctx, json_t *object)
{
    const char *first = text_of(json_array_get(ctx, 0), "id");

    if (is_type(object, "incident") && strcmp(text_of(object, "id"), first) != 0)
        json_array_append(ctx, object);
}

int report_from_daemon(const struct command_options *options, json_t *incidents,
                       json_t **ret_source)
{
    json_t *request = client_request("incidents");
    struct client_error error;

    json_object_set_new(request, "all", json_true());
    if (!ask_about(options, client_request("show"), collect, incidents)) {
        json_decref(request);
        return EXIT_CANNOT;
    }
    /* Without the others, mail that several incidents have a key of counts for this one. */
    if (!client_ask(options->socket, request, add_other, incidents, &error))
        complain("%s", error.text);
    *ret_source = ask_for_source(options);
    return 0;
}

static void show_lines(const struct command_options *options, const json_t *messages)
{
    json_t *source = ask_for_source(options);
    struct list lines = {0};

    if (source) {
        log_search(source, messages, &lines, NULL);
        explain_show_lines(options, messages, &lines, LOG_SEARCH_MAX);
    }
    explain_lines_done(&lines);
    json_decref(source);
}

/* When the log first names the message; WHEN_UNKNOWN: it does not. */
static wall_us first_seen(const struct command_options *options, const json_t *source)
{
    json_t *messages =
        json_pack("[{s:s, s:s, s:s, s:o}]", "queue_id", options->arg[0], "queued_since",
                  "1970-01-02T00:00:00Z", "last_seen", "2106-01-01T00:00:00Z", "host",
                  text_json(span_str(text_or_empty(options->host))));
    struct list lines = {0};
    wall_us first = WHEN_UNKNOWN;

    log_search(source, messages, &lines, &first);
    explain_lines_done(&lines);
    json_decref(messages);
    return first;
}

static int look_in_log(const struct command_options *options, json_t **ret_log, wall_us *ret_since)
{
    json_t *source = ask_for_source(options);
    wall_us first = source ? first_seen(options, source) : WHEN_UNKNOWN;
    const char *id = options->arg[0], *on = options->host ? " on " : "";

    if (first == WHEN_UNKNOWN) {
        complain("the daemon does not know a message %s%s%s%s; if an older log has it, name that: "
                 "relaywatch explain QUEUEID FILE...",
                 id, on, text_or_empty(options->host), source ? ", nor is it in its log" : "");
        json_decref(source);
        return EXIT_FOUND;
    }
    if (!options->all)
        complain("the daemon no longer remembers %s%s%s, but its log still tells:", id, on,
                 text_or_empty(options->host));
    *ret_log = source;
    *ret_since = first - BEFORE_S * US_PER_S;
    return EXIT_NOTHING;
}

/* Unlike other commands it exits with EXIT_FOUND for an unknown message: that is an answer, not a
 * failure. */
int explain_from_daemon(const struct command_options *options, json_t **ret_log, wall_us *ret_since)
{
    json_t *request = client_request("explain"), *messages = json_array();
    struct client_error error;
    int status = EXIT_NOTHING;

    *ret_log = NULL;
    json_object_set_new(request, "queue_id", text_json(span_str(options->arg[0])));
    if (options->host)
        json_object_set_new(request, "host", text_json(span_str(options->host)));
    if (options->all) {
        json_decref(request);
        status = look_in_log(options, ret_log, ret_since);
    } else if (client_ask(options->socket, request, collect, messages, &error)) {
        explain_show_messages(options, messages);
        show_lines(options, messages);
    } else if (error.unknown) {
        status = look_in_log(options, ret_log, ret_since);
    } else {
        complain("%s", error.text);
        status = EXIT_CANNOT;
    }
    json_decref(messages);
    return status;
}
