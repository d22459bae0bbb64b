/* SPDX-License-Identifier: MIT */
#include "detect/cell_tallies.h"

#include "detect/cell.h"
#include "detect/said.h"
#include "site/providers.h"

/* Evidence that counts nothing (a notice's delivery, recipients not known yet) still adds its
 * names. */
static struct tally_entry *tally_name(struct detector *d, struct tally *tally, struct span s,
                                      const struct observation *o, uint32_t max)
{
    struct tally_entry *entry = s.len ? tally_count(tally, d->texts, s, o->at_s, max) : NULL;

    if (entry && !o->counts)
        entry->count--;
    return entry;
}

static bool is_lower(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != ascii_lower(s.at[i]))
            return false;
    return true;
}

/* Each delivery counts, a notice's too: its first evidence comes without one. */
static void tally_destination(struct detector *d, struct cell *cell, const struct observation *o)
{
    struct tally *domains = &cell->rest->recipient_domains;
    char lower[256];

    if (!o->recipient_domain.len || tally_again(domains, o->recipient_domain, o->at_s))
        return;
    if (o->recipient_domain_text && is_lower(o->recipient_domain)) {
        tally_add(domains, d->texts, o->recipient_domain_text, 1, o->at_s, TALLY_MAX);
        return;
    }
    if (o->recipient_domain.len > sizeof(lower)) {
        tally_count(domains, d->texts, o->recipient_domain, o->at_s, TALLY_MAX);
        return;
    }
    for (size_t i = 0; i < o->recipient_domain.len; i++)
        lower[i] = ascii_lower(o->recipient_domain.at[i]);
    tally_count(domains, d->texts, span_of(lower, o->recipient_domain.len), o->at_s, TALLY_MAX);
}

static void tally_sender(struct detector *d, struct lists *lists, const struct observation *o,
                         struct names *n)
{
    struct tally *domains = &lists->sender_domains;

    /* The same sender as last time has the same registrable domain, which is costly to find. */
    if (o->counts && domains->last < domains->count &&
        tally_again(&lists->senders, o->sender, o->at_s)) {
        domains->entry[domains->last].count++;
        return;
    }
    tally_name(d, &lists->senders, o->sender, o, TALLY_MAX);
    tally_name(d, domains, names_domain(d, n, o), o, TALLY_MAX);
}

/* The client's network. A provider that sends its users' other mail by their login here ("send mail
 * as") comes from anywhere in its own networks, and is one place: "google.com". */
static struct span place_of(const struct observation *o, struct names *n,
                            char buf[NETWORK_TEXT_MAX])
{
    ptrdiff_t open = span_find(o->client, '[');
    struct span name = span_head(o->client, open > 0 ? (size_t)open : 0);

    return provider_sends_from(name) ? span_skip(name, (size_t)span_find(name, '.') + 1)
                                     : span_str(network_print(names_network(n), buf));
}

static void tally_client(struct detector *d, struct lists *lists, const struct observation *o,
                         struct names *n)
{
    struct tally *networks = &lists->networks;
    char buf[NETWORK_TEXT_MAX];

    struct tally_entry *client = tally_name(d, &lists->clients, n->client, o, TALLY_CLIENTS_MAX);
    if (o->kind != KIND_ACCOUNT_ABUSE || !client)
        return;
    /* A client's network is derived once; its position in the tally is noted with the client. */
    if (client->note && client->note <= networks->count) {
        struct tally_entry *network = &networks->entry[client->note - 1];
        network->count += o->counts;
        if (o->at_s > network->last_s)
            network->last_s = o->at_s;
    } else if (names_network(n)) {
        tally_name(d, networks, place_of(o, n, buf), o, TALLY_MAX);
        client->note = networks->last < networks->count ? networks->last + 1 : 0;
    }
}

/* A cell whose name has the client and the sender has neither in a list. */
void cell_tally(struct detector *d, struct cell *cell, const struct observation *o, struct names *n)
{
    bool has_senders = o->kind == KIND_OPEN_RELAY || (o->sender.len && !cell->rest->sender);
    bool has_hosts = o->host_name.len && !names_host(o).len,
         has_clients =
             (o->kind == KIND_ACCOUNT_ABUSE || o->kind == KIND_BACKSCATTER_VICTIM) && n->client.len;
    bool is_refused = o->refused_by.len > 0;
    struct lists *lists = has_senders || has_clients || has_hosts || is_refused || o->said
                              ? cell_lists_make(cell)
                              : NULL;

    if (lists && o->kind == KIND_OPEN_RELAY)
        tally_name(d, &lists->senders, o->sender, o, TALLY_MAX);
    else if (lists && has_senders)
        tally_sender(d, lists, o, n);
    tally_destination(d, cell, o);
    if (lists && has_hosts)
        tally_name(d, &lists->hosts, o->host_name, o, TALLY_CLIENTS_MAX);
    if (lists && is_refused) {
        tally_name(d, &lists->refused_by, o->refused_by, o, TALLY_MAX);
        tally_name(d, &lists->refused_domains, o->refused_domain, o, TALLY_MAX);
    }
    if (lists && has_clients)
        tally_client(d, lists, o, n);
    if (lists && o->said)
        said_add(&lists->said, d->texts, o->said, o->at_s);
}
