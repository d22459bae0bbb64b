/* SPDX-License-Identifier: MIT */
#include "site/postconf_filter.h"

#include "site/postconf.h"
#include "site/site_hops.h"

#define PORT_SMTP 25
#define PORT_LMTP 24

/* The next hop of a transport. */
struct hop {
    struct span host;
    bool has_port;
    unsigned port;
};

/* "[127.0.0.1]:10024", "127.0.0.1:10024", "localhost:10024". A port given by name, as in ":smtp",
 * could be any number, so any port of that host will do. */
static struct hop read_hop(struct span text, unsigned port)
{
    ptrdiff_t colon = span_find_last(text, ':');
    struct hop hop = {.host = text, .port = port};
    uint64_t n;

    /* A colon within brackets belongs to an IPv6 address. */
    hop.has_port = colon >= 0 && colon > span_find_last(text, ']');
    if (!hop.has_port)
        return hop;
    struct span number = span_skip(text, (size_t)colon + 1);
    bool is_port = span_take_number(&number, &n) && number.len == 0 && n <= UINT16_MAX;
    hop.host = span_head(text, (size_t)colon);
    hop.port = is_port ? (unsigned)n : 0;
    return hop;
}

typedef bool add_endpoint(struct site *site, const struct address *a, unsigned port);

/* False if the host is given by name. */
static bool add_host(struct site *site, struct span host, unsigned port, add_endpoint *add)
{
    struct network net;

    return network_parse(host, &net) && net.prefix == 128 && add(site, &net.base, port);
}

/* "localhost" is the one name that needs no DNS. */
static bool add_hop(struct site *site, const struct hop *hop, add_endpoint *add)
{
    if (span_equal_nocase(hop->host, SPAN("localhost")) ||
        span_equal_nocase(hop->host, SPAN("[localhost]")))
        return add_host(site, SPAN("127.0.0.1"), hop->port, add) &&
               add_host(site, SPAN("::1"), hop->port, add);
    return add_host(site, hop->host, hop->port, add);
}

/* "smtp", and by reference the rest of "smtp:[127.0.0.1]:11125". */
static struct span take_transport(struct span *rest)
{
    ptrdiff_t colon = span_find(*rest, ':');
    struct span transport = span_head(*rest, colon < 0 ? rest->len : (size_t)colon);

    *rest = colon < 0 ? SPAN_NONE : span_skip(*rest, (size_t)colon + 1);
    return transport;
}

void postconf_apply_filter(struct site *site, struct span value)
{
    struct span next = value, transport = take_transport(&next);
    bool lmtp = span_equal(transport, SPAN("lmtp"));

    if (transport.len == 0)
        return;
    if (span_take(&next, SPAN("unix:"))) { /* "lmtp:unix:/run/filter.sock" */
        site_add_filter_service(site, next);
        return;
    }
    /* "lmtp:inet:host:port" is the long form of "lmtp:host:port". */
    span_take(&next, SPAN("inet:"));
    struct hop hop = read_hop(next, lmtp ? PORT_LMTP : PORT_SMTP);
    if (add_hop(site, &hop, site_add_filter))
        return;
    if (hop.has_port)
        site_warn(site, "filter-by-name",
                  "content_filter is \"%.*s\": a filter given by name, not by address, is not "
                  "recognised in the log, so mail counts as sent when the filter has it. Give its "
                  "address, as in smtp:[127.0.0.1]:10024.",
                  SPAN_ARG(postconf_shown(value)));
    site_add_filter_service(site, transport);
}

void postconf_apply_relayhost(struct site *site, struct span value)
{
    struct span next;

    while (span_take_word(&value, &next)) {
        struct hop hop = read_hop(next, PORT_SMTP);
        add_hop(site, &hop, site_add_exit); /* one by name is elsewhere */
    }
}

void postconf_apply_transport(struct site *site, struct span value)
{
    struct span next = value, transport = take_transport(&next);

    postconf_apply_relayhost(site, next);
    if (!span_equal(transport, SPAN("smtp")))
        site_add_exit_service(site, transport);
}
