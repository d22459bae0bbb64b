/* SPDX-License-Identifier: MIT */
#include "report/grounds.h"

/* Of the most active clients, and of the hosts; reasons that are told apart; and what is shown of a
 * name. */
enum {
    CLIENTS_SEEN = VIEW_LIST_MAX,
    HOSTS_SEEN = VIEW_LIST_MAX,
    REASONS = 8,
    NAME_MAX = 90,
    WHY_MAX = 320
};

/* --- a client --------------------------------------------------------------------------------- */

/* Where hosts' settings are known one by one: whose they are. */
static void say_whose(struct buf *to, const struct site *site, struct span host,
                      const struct address *a)
{
    struct span its = site_name_of_host(site, host), other = site_host_that_trusts(site, a);

    if (site_trusts_everywhere(site, a))
        buf_printf(to, " in trusted_networks of [site]");
    else if (its.len || other.len)
        buf_printf(to, " in the settings of %.*s", SPAN_ARG(its.len ? its : other));
    if (!its.len && other.len && host.len)
        buf_printf(to, "; those of %.*s are not known", SPAN_ARG(host));
}

/* The reason depends on whether there is a list it could be in. */
static void say_stranger(struct buf *to, const struct site *site, struct span host,
                         const struct address *a)
{
    struct span its = site_name_of_host(site, host), other = site_host_that_trusts(site, a);

    if (!site_knows_networks(site, site_networks_of(site, host)))
        buf_printf(to, "it is neither private nor named under a domain of ours, and nothing "
                       "tells the trusted networks; trusted_networks of [site] would");
    else if (its.len)
        buf_printf(to, "no trusted network in the settings of %.*s has it", SPAN_ARG(its));
    else
        buf_printf(to, "no trusted network has it");
    if (its.len && other.len)
        buf_printf(to, "; in those of %.*s, one has", SPAN_ARG(other));
}

bool grounds_of_client(struct buf *to, const struct site *site, struct span host,
                       struct span client)
{
    uint16_t networks = site_networks_of(site, host);
    struct address a;

    /* Postfix logs "unknown[unknown]" if the client was gone before it could ask. */
    bool known = address_parse(client_address(client), &a);
    const char *why = known ? site_why_trusted(site, networks, &a, client) : NULL;
    buf_add_str(to, !known ? "its address is not in the log" : why ? why : "");
    if (known && !why)
        say_stranger(to, site, host, &a);
    else if (why && site_knows_networks(site, networks) && site_trusts(site, networks, &a))
        say_whose(to, site, host, &a);
    return why != NULL;
}

/* --- reasons ---------------------------------------------------------------------------------- */

/* What several names have in common, and the first of them. */
struct reason {
    const char *is; /* "is outside"; static text */
    char why[WHY_MAX];
    struct span first;
    uint32_t count;
};

struct reasons {
    struct reason reason[REASONS];
    uint32_t count;
};

static void add(struct reasons *reasons, struct span name, const char *is, const char *why)
{
    uint32_t i = 0;

    while (i < reasons->count && (strcmp(reasons->reason[i].is, is) != 0 ||
                                  strncmp(reasons->reason[i].why, why, WHY_MAX - 1) != 0))
        i++;
    if (i == REASONS)
        return;
    if (i == reasons->count) {
        reasons->count++;
        reasons->reason[i] = (struct reason){.is = is, .first = name};
        snprintf(reasons->reason[i].why, WHY_MAX, "%s", why);
    }
    reasons->reason[i].count++;
}

/* A stranger may have chosen it: what has no blanks can't pass for a part of the sentence. */
static const char *shown(struct span name, char buf[NAME_MAX + 4])
{
    size_t head, tail;

    view_cut(name, NAME_MAX, &head, &tail);
    snprintf(buf, NAME_MAX + 4, "%.*s%s%.*s", (int)head, name.at, head < name.len ? "..." : "",
             (int)tail, name.at + name.len - tail);
    for (char *c = buf; *c; c++)
        *c = *c == ' ' ? '?' : *c;
    return buf;
}

/* "client 192.0.2.1 (and 3 more of 150) is a stranger: no trusted network has it". of: how many
 * there are, if not all were looked at; else 0. */
static void say(struct grounds *ret, const struct reason *reason, const char *what, uint64_t of)
{
    char others[64] = "", all[32] = "", name[NAME_MAX + 4];

    if (ret->count == GROUNDS_MAX)
        return;
    if (of)
        snprintf(all, sizeof(all), " of %llu", (unsigned long long)of);
    if (reason->count > 1)
        snprintf(others, sizeof(others), " (and %u more%s)", reason->count - 1, all);
    snprintf(ret->text[ret->count++], VIEW_TEXT_MAX, "%s%s%s %s: %s", what,
             shown(reason->first, name), others, reason->is, reason->why);
}

/* --- recipients ------------------------------------------------------------------------------- */

/* Of these, what smtp(8) takes away has left, whosever it is, unless this host may be a gateway
 * for it. */
static bool leaves_by_smtp(const struct site *site, enum kind kind, struct span domain)
{
    return kind == KIND_ACCOUNT_ABUSE || kind == KIND_LOCAL_ABUSE ||
           kind == KIND_BACKSCATTER_SOURCE ||
           (kind == KIND_TRUSTED_RELAY && !site_is_like_gateway_for(site, domain));
}

/* A notice goes to a sender, and under other domains ours send, too. */
static void add_domain(struct reasons *reasons, const struct site *site, enum kind kind,
                       struct span domain)
{
    bool is_sender = kind == KIND_BACKSCATTER_SOURCE;
    enum domain_class class =
        is_sender && site_writes_as(site, domain) ? CLASS_OURS : site_class(site, domain);
    const char *evidence =
        is_sender ? site_sender_evidence(site, domain) : site_evidence(site, domain);
    bool leaves = class == CLASS_UNKNOWN && leaves_by_smtp(site, kind, domain);
    char why[WHY_MAX];

    snprintf(why, sizeof(why), "%s%s", leaves ? "its mail leaves by smtp, and " : "", evidence);
    add(reasons, domain,
        class == CLASS_OURS                ? "is ours"
        : class == CLASS_RELAY_DOMAIN      ? "is a relay domain"
        : class == CLASS_OUTSIDE || leaves ? "is outside"
                                           : "is unknown",
        why);
}

static void find_recipients(const struct incident_view *view, const struct site *site,
                            struct grounds *ret)
{
    const struct tally *domains = &view->recipient_domains;
    struct reasons reasons = {.count = 0};

    for (uint32_t i = 0; i < domains->count; i++)
        add_domain(&reasons, site, view->incident->kind, intern_span(domains->entry[i].text));
    for (uint32_t i = 0; i < reasons.count && i < GROUNDS_MAX - 1; i++)
        say(ret, &reasons.reason[i], "", 0);
}

/* --- clients ---------------------------------------------------------------------------------- */

/* Of the hosts of a fleet, the first that does not trust the client: it is a stranger there. */
static bool client_of_hosts(struct buf *to, const struct incident_view *view,
                            const struct site *site, struct span client)
{
    const struct tally *hosts = &view->hosts;
    bool is_trusted = true;

    for (uint32_t i = 0; is_trusted && i < hosts->count && i < HOSTS_SEEN; i++) {
        to->len = 0;
        is_trusted = grounds_of_client(to, site, intern_span(hosts->entry[i].text), client);
    }
    if (!hosts->count)
        is_trusted = grounds_of_client(to, site, view_host(view), client);
    return is_trusted;
}

static void find_clients(const struct incident_view *view, const struct site *site,
                         struct grounds *ret)
{
    const struct tally *clients = &view->client_names;
    struct buf why = buf_new(2 * VIEW_TEXT_MAX);
    struct reasons reasons = {.count = 0};
    uint32_t n = clients->count < CLIENTS_SEEN ? clients->count : CLIENTS_SEEN;

    for (uint32_t i = 0; i < n && !why.failed; i++) {
        why.len = 0;
        bool is_trusted = client_of_hosts(&why, view, site, view_client(view, i));
        add(&reasons, intern_span(clients->entry[i].text),
            is_trusted                                   ? "is trusted"
            : view->incident->kind == KIND_TRUSTED_RELAY ? "is ours by its name or its mail"
                                                         : "is a stranger",
            why.at ? why.at : "");
    }
    for (uint32_t i = 0; i < reasons.count; i++)
        say(ret, &reasons.reason[i], "client ", view->clients > n ? view->clients : 0);
    buf_done(&why);
}

/* A login or a uid is no stranger, and a notice is owed to nobody because of its client. */
void grounds_find(const struct incident_view *view, struct grounds *ret)
{
    const struct site *site = view->detector->hosts->site;
    enum kind kind = view->incident->kind;

    ret->count = 0;
    if (!site)
        return;
    find_recipients(view, site, ret);
    if (kind == KIND_OPEN_RELAY || kind == KIND_TRUSTED_RELAY || kind == KIND_BACKSCATTER_VICTIM)
        find_clients(view, site, ret);
}
