/* SPDX-License-Identifier: MIT */
/*
 * A scrape is answered like a client of the control socket: it runs the queries "status", "series"
 * and "counters" step by step into a buffer, parses their objects, and formats those. So there is
 * one place where figures are collected, and a scrape delays the loop no more than any query does.
 *
 * Not libevent's HTTP server: it has no bound on connections, and spins when descriptors run out.
 * Here every connection serves one request, and a new one drops the oldest that has none yet: those
 * who connect and say nothing can't shut the others out.
 */
#include "control/metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/host_name.h"
#include "common/log.h"
#include "control/metrics_text.h"
#include "control/protocol.h"
#include "control/query.h"

enum { TIMEOUT_S = 10, HEADERS_MAX = 8192, ADDRESS_MAX = 64, QUERIES = 3 };

/* One connection, and its request once that is complete. The reply is made of the answers to its
 * queries. */
struct scrape {
    struct metrics *metrics;
    struct bufferevent *bev; /* NULL: free */
    uint64_t number;         /* of the connection: the lowest is the oldest */
    bool asked;              /* its request is complete */
    bool head;               /* it wants the headers only */
    struct query *query;
    int queries; /* started so far */
    struct evbuffer *text;
    struct event *more;
};

struct metrics {
    struct event_base *base;
    const struct runtime *runtime;
    void (*refresh)(void *ctx);
    void *ctx;
    struct evconnlistener *listener;
    struct event *accept_again;
    bool logged; /* that nobody can be accepted */
    uint64_t connections;
    struct scrape scrape[METRICS_CLIENTS];
};

static void end_scrape(struct scrape *scrape)
{
    query_free(scrape->query);
    if (scrape->text)
        evbuffer_free(scrape->text);
    if (scrape->more)
        event_free(scrape->more);
    if (scrape->bev)
        bufferevent_free(scrape->bev);
    *scrape = (struct scrape){.metrics = scrape->metrics};
}

/* --- the reply -------------------------------------------------------------------------------- */

/* The connection is closed once all is sent: on_written. */
static void reply(struct scrape *scrape, const char *status, struct evbuffer *body)
{
    struct evbuffer *out = bufferevent_get_output(scrape->bev);

    bufferevent_disable(scrape->bev, EV_READ);
    scrape->asked = true;
    evbuffer_add_printf(out,
                        "HTTP/1.1 %s\r\n"
                        "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                        status, evbuffer_get_length(body));
    if (!scrape->head)
        evbuffer_add_buffer(out, body);
}

static void refuse(struct scrape *scrape, const char *status, const char *why)
{
    struct evbuffer *body = evbuffer_new();

    if (!body) {
        end_scrape(scrape);
        return;
    }
    evbuffer_add_printf(body, "%s\n", why);
    reply(scrape, status, body);
    evbuffer_free(body);
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

static void reply_figures(struct scrape *scrape)
{
    struct evbuffer *body = evbuffer_new();

    if (!body) {
        end_scrape(scrape);
        return;
    }
    json_t *objects = objects_of(scrape->text);
    metrics_text(body, objects);
    json_decref(objects);
    reply(scrape, "200 OK", body);
    evbuffer_free(body);
}

static struct query *next_query(struct scrape *scrape)
{
    static const char *const requests[QUERIES] = {"status\",\"open\":100,\"severity\":true",
                                                  "series\"", "counters\""};
    char request[96];

    snprintf(request, sizeof(request), "{\"v\":%d,\"command\":\"%s}", CONTROL_VERSION,
             requests[scrape->queries++]);
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
        scrape->query = scrape->queries < QUERIES ? next_query(scrape) : NULL;
    }
    if (scrape->query)
        event_add(scrape->more, &at_once);
    else
        reply_figures(scrape);
}

/* --- the request ------------------------------------------------------------------------------ */

static bool is_name(struct span host, struct span name)
{
    return name.len && span_equal_nocase(host, name);
}

/* A web page of a stranger can make its reader's browser ask for a name that resolves to this
 * address (DNS rebinding), and then read the answer. The name gives it away: it is none of ours. */
static bool may_ask_for(const struct metrics *metrics, struct span host)
{
    const struct site *site = metrics->runtime->setup ? metrics->runtime->setup->site : NULL;
    struct address a;
    char name[HOST_NAME_SIZE];
    uint64_t port;
    struct span rest = host;
    ptrdiff_t colon = span_find_last(host, ':');

    rest = span_skip(host, colon >= 0 ? (size_t)colon + 1 : host.len);
    if (colon > 0 && host.at[colon - 1] != ':' && span_take_number(&rest, &port) && rest.len == 0)
        host.len = (size_t)colon;
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = span_of(host.at + 1, host.len - 2);
    return address_parse(host, &a) || is_name(host, SPAN("localhost")) ||
           is_name(host, host_name(name)) || (site && is_name(host, site_settings_host(site)));
}

static void start(struct scrape *scrape)
{
    static const struct timeval at_once = {0, 0};
    struct metrics *metrics = scrape->metrics;

    bufferevent_disable(scrape->bev, EV_READ);
    scrape->asked = true;
    if (metrics->refresh)
        metrics->refresh(metrics->ctx);
    scrape->text = evbuffer_new();
    scrape->more = evtimer_new(metrics->base, on_more, scrape);
    scrape->query = next_query(scrape);
    if (!scrape->text || !scrape->more || !scrape->query)
        end_scrape(scrape);
    else
        event_add(scrape->more, &at_once);
}

/* The value of a header, all of which follow the request's line; empty if there is none. A client
 * that sends it twice gets what the first one is worth. */
static struct span header(struct span headers, struct span name)
{
    struct span line;

    while (span_take_line(&headers, &line)) {
        ptrdiff_t colon = span_find(line, ':');
        if (colon > 0 && span_equal_nocase(span_head(line, (size_t)colon), name))
            return span_trim(span_skip(line, (size_t)colon + 1));
    }
    return SPAN_NONE;
}

/* "GET /metrics?x=y HTTP/1.1" */
static void take_request(struct scrape *scrape, struct span request)
{
    struct span line, target;

    if (!span_take_line(&request, &line))
        line = SPAN_NONE;
    line = span_trim(line);
    scrape->head = span_take(&line, SPAN("HEAD "));
    if (!scrape->head && !span_take(&line, SPAN("GET "))) {
        refuse(scrape, "501 Not Implemented", "only GET and HEAD");
        return;
    }
    ptrdiff_t blank = span_find(line, ' ');
    target = span_head(line, blank >= 0 ? (size_t)blank : line.len);
    ptrdiff_t question = span_find(target, '?');
    target.len = question >= 0 ? (size_t)question : target.len;
    struct span host = header(request, SPAN("Host"));
    if (host.len && !may_ask_for(scrape->metrics, host))
        refuse(scrape, "403 Forbidden", "ask by address, as localhost, or by this host's name");
    else if (!span_equal(target, SPAN("/metrics")))
        refuse(scrape, "404 Not Found", "see /metrics");
    else
        start(scrape);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
    struct scrape *scrape = ctx;
    struct evbuffer *in = bufferevent_get_input(bev);
    size_t len = evbuffer_get_length(in);

    if (scrape->asked)
        return;
    struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    if (end.pos < 0)
        end = evbuffer_search(in, "\n\n", 2, NULL);
    const char *bytes = (const char *)evbuffer_pullup(in, -1);
    if (end.pos >= 0 && bytes)
        take_request(scrape, span_of(bytes, (size_t)end.pos + 2));
    else if (len >= HEADERS_MAX)
        refuse(scrape, "431 Request Header Fields Too Large", "too long");
}

static void on_written(struct bufferevent *bev, void *ctx)
{
    struct scrape *scrape = ctx;

    if (scrape->asked && !scrape->query && !evbuffer_get_length(bufferevent_get_output(bev)))
        end_scrape(scrape);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
    struct scrape *scrape = ctx;

    /* The client may have closed only its sending side, and still read. */
    if (what & BEV_EVENT_EOF && what & BEV_EVENT_READING && scrape->asked)
        return;
    (void)bev;
    end_scrape(scrape);
}

/* --- connections ------------------------------------------------------------------------------ */

/* A free place, or that of the oldest connection without a request; NULL if all are at work. */
static struct scrape *find_place(struct metrics *metrics)
{
    struct scrape *oldest = NULL;

    for (int i = 0; i < METRICS_CLIENTS; i++) {
        struct scrape *scrape = &metrics->scrape[i];
        if (!scrape->bev)
            return scrape;
        if (!scrape->asked && (!oldest || scrape->number < oldest->number))
            oldest = scrape;
    }
    if (oldest)
        end_scrape(oldest);
    return oldest;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int len, void *ctx)
{
    static const struct timeval limit = {TIMEOUT_S, 0};
    struct metrics *metrics = ctx;
    struct scrape *scrape = find_place(metrics);

    (void)listener;
    (void)address;
    (void)len;
    metrics->logged = false;
    if (scrape)
        scrape->bev = bufferevent_socket_new(metrics->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (!scrape || !scrape->bev) {
        close(fd);
        return;
    }
    scrape->number = ++metrics->connections;
    bufferevent_setcb(scrape->bev, on_read, on_written, on_event, scrape);
    bufferevent_setwatermark(scrape->bev, EV_READ, 0, HEADERS_MAX);
    bufferevent_set_timeouts(scrape->bev, &limit, &limit);
    bufferevent_enable(scrape->bev, EV_READ | EV_WRITE);
}

/* Usually out of descriptors. The waiting client would wake the loop again at once, so pause; and
 * give up those who have not asked for anything. */
static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
    static const struct timeval later = {1, 0};
    struct metrics *metrics = ctx;

    if (!metrics->logged)
        log_warning("metrics: no client can be accepted for now: %s", strerror(errno));
    metrics->logged = true;
    for (int i = 0; i < METRICS_CLIENTS; i++)
        if (metrics->scrape[i].bev && !metrics->scrape[i].asked)
            end_scrape(&metrics->scrape[i]);
    evconnlistener_disable(listener);
    event_add(metrics->accept_again, &later);
}

static void on_accept_again(evutil_socket_t fd, short what, void *ctx)
{
    struct metrics *metrics = ctx;

    (void)fd;
    (void)what;
    evconnlistener_enable(metrics->listener);
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

static int listen_at(struct metrics *metrics, const char *address, uint16_t port)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
    int len = sizeof(storage);

    if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&storage, &len) < 0)
        return -EINVAL;
    if (storage.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&storage)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)&storage)->sin_port = htons(port);
    errno = 0;
    metrics->listener =
        evconnlistener_new_bind(metrics->base, on_accept, metrics,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                METRICS_CLIENTS, (struct sockaddr *)&storage, len);
    if (!metrics->listener)
        return errno ? -errno : -EINVAL;
    evconnlistener_set_error_cb(metrics->listener, on_accept_error);
    return 0;
}

int metrics_new(struct event_base *base, const char *listen, const struct runtime *runtime,
                void (*refresh)(void *ctx), void *ctx, struct metrics **ret)
{
    char address[ADDRESS_MAX];
    uint16_t port;
    struct metrics *metrics;
    int r = -ENOMEM;

    if (!split(listen, address, &port))
        return -EINVAL;
    metrics = calloc(1, sizeof(*metrics));
    if (!metrics)
        return -ENOMEM;
    *metrics = (struct metrics){.base = base, .runtime = runtime, .refresh = refresh, .ctx = ctx};
    for (int i = 0; i < METRICS_CLIENTS; i++)
        metrics->scrape[i].metrics = metrics;
    metrics->accept_again = evtimer_new(base, on_accept_again, metrics);
    if (metrics->accept_again)
        r = listen_at(metrics, address, port);
    if (r < 0) {
        metrics_free(metrics);
        return r;
    }
    *ret = metrics;
    return 0;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (int i = 0; i < METRICS_CLIENTS; i++)
        end_scrape(&metrics->scrape[i]);
    if (metrics->listener)
        evconnlistener_free(metrics->listener);
    if (metrics->accept_again)
        event_free(metrics->accept_again);
    free(metrics);
}
