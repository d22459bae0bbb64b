/* SPDX-License-Identifier: MIT */
/*
 * A scrape is answered like a client of the control socket: it runs the queries "status" and
 * "counters" step by step into a buffer, parses their objects, and formats those. So there is one
 * place where figures are collected, and a scrape delays the loop no more than any query does.
 */
#include "control/metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "control/query.h"
#include "control/protocol.h"
#include "control/metrics_text.h"

enum { TIMEOUT_S = 10, HEADERS_MAX = 8192, ADDRESS_MAX = 64 };

/* One request. Its reply is made of the answers to two queries. */
struct scrape {
    struct metrics *metrics;
    struct evhttp_request *request; /* NULL: free */
    struct query *query;
    int asked; /* queries started so far */
    struct evbuffer *text;
    struct event *more;
};

struct metrics {
    struct event_base *base;
    const struct runtime *runtime;
    void (*refresh)(void *ctx);
    void *ctx;
    struct evhttp *http;
    unsigned port;
    struct scrape scrape[METRICS_AT_ONCE];
};

static void end_scrape(struct scrape *scrape)
{
    query_free(scrape->query);
    if (scrape->text)
        evbuffer_free(scrape->text);
    if (scrape->more)
        event_free(scrape->more);
    *scrape = (struct scrape){.metrics = scrape->metrics};
}

/* The client has disconnected, and libevent frees its request. */
static void on_close(struct evhttp_connection *connection, void *ctx)
{
    (void)connection;
    end_scrape(ctx);
}

static json_t *objects_of(struct evbuffer *text)
{
    json_t *list = json_array();
    char *line;
    size_t len;

    while ((line = evbuffer_readln(text, &len, EVBUFFER_EOL_LF))) {
        json_array_append_new(list, json_loadb(line, len, 0, NULL));
        free(line);
    }
    return list;
}

static void reply(struct scrape *scrape)
{
    struct evhttp_request *request = scrape->request;
    struct evbuffer *body = evbuffer_new();
    json_t *objects = objects_of(scrape->text);

    evhttp_connection_set_closecb(evhttp_request_get_connection(request), NULL, NULL);
    if (body) {
        metrics_text(body, objects);
        evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                          "text/plain; version=0.0.4; charset=utf-8");
        evhttp_send_reply(request, HTTP_OK, "OK", body);
        evbuffer_free(body);
    } else {
        evhttp_send_error(request, HTTP_SERVUNAVAIL, NULL);
    }
    json_decref(objects);
    end_scrape(scrape);
}

static struct query *next_query(struct scrape *scrape)
{
    static const char *const requests[] = {"status\",\"open\":100", "counters\""};
    char request[96];

    snprintf(request, sizeof(request), "{\"v\":%d,\"command\":\"%s}", CONTROL_VERSION,
             requests[scrape->asked++]);
    return query_new(scrape->metrics->runtime, span_str(request));
}

static void on_more(evutil_socket_t fd, short what, void *ctx)
{
    static const struct timeval at_once = {0, 0};
    struct scrape *scrape = ctx;

    (void)fd;
    (void)what;
    if (scrape->query && !query_more(scrape->query, scrape->text)) {
        query_free(scrape->query);
        scrape->query = scrape->asked < 2 ? next_query(scrape) : NULL;
    }
    if (scrape->query)
        event_add(scrape->more, &at_once);
    else
        reply(scrape);
}

static struct scrape *free_scrape(struct metrics *metrics)
{
    for (int i = 0; i < METRICS_AT_ONCE; i++)
        if (!metrics->scrape[i].request)
            return &metrics->scrape[i];
    return NULL;
}

/* Starts a scrape, if a slot is free. The close callback matters: libevent frees the request of a
 * client that hangs up, and the scrape must not use it afterwards. */
static void on_request(struct evhttp_request *request, void *ctx)
{
    static const struct timeval at_once = {0, 0};
    struct metrics *metrics = ctx;
    struct scrape *scrape = free_scrape(metrics);

    if (!scrape) {
        evhttp_send_error(request, HTTP_SERVUNAVAIL, "busy");
        return;
    }
    if (metrics->refresh)
        metrics->refresh(metrics->ctx);
    *scrape = (struct scrape){.metrics = metrics, .request = request};
    scrape->text = evbuffer_new();
    scrape->more = evtimer_new(metrics->base, on_more, scrape);
    scrape->query = next_query(scrape);
    if (!scrape->text || !scrape->more || !scrape->query) {
        end_scrape(scrape);
        evhttp_send_error(request, HTTP_SERVUNAVAIL, NULL);
        return;
    }
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_close, scrape);
    event_add(scrape->more, &at_once);
}

/* --- listening -------------------------------------------------------------------------------- */

/* "[::1]:9397" */
static bool split(const char *listen, char address[ADDRESS_MAX], uint16_t *port)
{
    struct span text = span_str(listen);
    ptrdiff_t colon = span_find_last(text, ':');
    uint64_t number;

    if (colon <= 0 || colon >= ADDRESS_MAX)
        return false;
    struct span host = span_head(text, (size_t)colon);
    struct span rest = span_skip(text, (size_t)colon + 1);
    if (!span_take_number(&rest, &number) || rest.len || number > UINT16_MAX)
        return false;
    if (span_take(&host, SPAN("[")) && host.len)
        host.len--;
    snprintf(address, ADDRESS_MAX, "%.*s", SPAN_ARG(host));
    *port = (uint16_t)number;
    return true;
}

static unsigned port_of(evutil_socket_t fd)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return 0;
    return address.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&address)->sin6_port)
                                         : ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

/* GET and HEAD only, small headers, no body: whatever else a stranger sends is refused by libevent
 * before it reaches us. */
int metrics_new(struct event_base *base, const char *listen, const struct runtime *runtime,
                void (*refresh)(void *ctx), void *ctx, struct metrics **ret)
{
    char address[ADDRESS_MAX];
    uint16_t port;
    struct metrics *metrics;

    if (!split(listen, address, &port))
        return -EINVAL;
    metrics = calloc(1, sizeof(*metrics));
    if (!metrics)
        return -ENOMEM;
    *metrics = (struct metrics){.base = base, .runtime = runtime, .refresh = refresh, .ctx = ctx};
    for (int i = 0; i < METRICS_AT_ONCE; i++)
        metrics->scrape[i].metrics = metrics;
    metrics->http = evhttp_new(base);
    if (!metrics->http) {
        metrics_free(metrics);
        return -ENOMEM;
    }
    evhttp_set_allowed_methods(metrics->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_timeout(metrics->http, TIMEOUT_S);
    evhttp_set_max_headers_size(metrics->http, HEADERS_MAX);
    evhttp_set_max_body_size(metrics->http, 0);
    evhttp_set_cb(metrics->http, "/metrics", on_request, metrics);
    errno = 0;
    struct evhttp_bound_socket *bound =
        evhttp_bind_socket_with_handle(metrics->http, address, port);
    if (!bound) {
        int r = errno ? -errno : -EINVAL;
        metrics_free(metrics);
        return r;
    }
    metrics->port = port_of(evhttp_bound_socket_get_fd(bound));
    *ret = metrics;
    return 0;
}

unsigned metrics_port(const struct metrics *metrics)
{
    return metrics->port;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    /* evhttp_free frees the requests; the scrapes only point to them. */
    for (int i = 0; i < METRICS_AT_ONCE; i++)
        if (metrics->scrape[i].request) {
            evhttp_connection_set_closecb(evhttp_request_get_connection(metrics->scrape[i].request),
                                          NULL, NULL);
            end_scrape(&metrics->scrape[i]);
        }
    if (metrics->http)
        evhttp_free(metrics->http);
    free(metrics);
}
