/* SPDX-License-Identifier: MIT */
/*
 * A flood leaves an incident with a million keys, of which hardly any are ever shown. Once it has
 * ended, most of its cells are merged into one, the remainder.
 *
 * compact_begin counts the cells to merge. Sweeps then call compact_some, which takes cells off the
 * incident's list, and evictions call compact_evict. When the last cell is merged, finish() drops
 * most of the names.
 */
#include "detect/compact.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/once.h"
#include "detect/said.h"
#include "detect/scope.h"

/* A sweep looks at so many retired cells of an incident, and this share of them. */
enum { LOOKS_MIN = 2048, LOOKS_SHARE = 8 };

void cell_add_tallies(const struct cell *cell, struct interns *texts, const struct named *into)
{
    const struct lists *lists = cell_lists(cell);

    tally_merge(into->clients, texts, &lists->clients, TALLY_CLIENTS_MAX);
    tally_merge(into->networks, texts, &lists->networks, TALLY_MAX);
    tally_merge(into->senders, texts, &lists->senders, TALLY_MAX);
    tally_merge(into->sender_domains, texts, &lists->sender_domains, TALLY_CLIENTS_MAX);
    tally_merge(into->hosts, texts, &lists->hosts, TALLY_CLIENTS_MAX);
    tally_merge(into->refused_by, texts, &lists->refused_by, TALLY_MAX);
    tally_merge(into->refused_domains, texts, &lists->refused_domains, TALLY_MAX);
    said_merge(into->said, texts, lists->said);
    tally_merge(into->recipient_domains, texts, &cell->rest->recipient_domains, TALLY_MAX);
}

void cell_add_names(const struct cell *cell, struct interns *texts, const struct named *into)
{
    const struct cell_rest *rest = cell->rest;
    bool by_notices = scope_kind(cell->scope) == KIND_BACKSCATTER_SOURCE;
    uint32_t last_s = cell->totals.last_s;
    uint32_t n = (uint32_t)(by_notices ? cell->totals.notices : cell->totals.recipients);
    char buf[NETWORK_TEXT_MAX];
    struct address a;

    if (into->recipient_domains != &rest->recipient_domains)
        cell_add_tallies(cell, texts, into);
    /* A tally of clients, if there is one, contains the cell's own client. */
    if (rest->client && !cell_lists(cell)->clients.count)
        tally_add(into->clients, texts, rest->client, n, last_s, TALLY_CLIENTS_MAX);
    if (rest->host_name)
        tally_add(into->hosts, texts, rest->host_name, n, last_s, TALLY_CLIENTS_MAX);
    if (rest->sender) {
        struct intern *sender = intern_get(texts, intern_span(rest->sender)); /* a shared one */
        tally_add(into->senders, texts, sender, n, last_s, TALLY_MAX);
        intern_put(texts, sender);
    }
    if (rest->domain)
        tally_add(into->sender_domains, texts, rest->domain, n, last_s, TALLY_CLIENTS_MAX);
    if (rest->client && !cell_lists(cell)->networks.count &&
        address_parse(intern_span(rest->client), &a)) {
        struct network network = network_of(&a);
        struct intern *net = intern_get(texts, span_str(network_print(&network, buf)));
        tally_add(into->networks, texts, net, n, last_s, TALLY_MAX);
        intern_put(texts, net);
    }
}

static bool has_samples(const struct cell *cell)
{
    return cell->once || cell->rest->sample_count;
}

bool compact_has_sample(const struct incident *incident, const struct cell *cell)
{
    return has_samples(cell) && cell->totals.first_number <= incident->sampled;
}

/* No queued message refers to it. */
static bool is_idle(const struct cell *cell)
{
    return !cell->totals.queued && !cell->totals.held;
}

bool compact_keeps(const struct detector *d, const struct cell *cell)
{
    const struct incident *incident = cell->retired ? &d->incident[cell->incident - 1] : NULL;

    return incident && is_idle(cell) &&
           (incident->remainder == (uint32_t)(cell - d->cell) + 1 ||
            compact_has_sample(incident, cell));
}

/* Finds the SAMPLED_CELLS earliest cells with samples by insertion into a short sorted array. */
void compact_begin(struct detector *d, struct incident *incident)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1, count = 0;
    uint64_t first[SAMPLED_CELLS + 1];

    for (uint32_t i = d->scope[incident->scope].first; i; i = d->cell[i - 1].next) {
        const struct cell *cell = &d->cell[i - 1];
        if (cell->incident != number || !has_samples(cell))
            continue;
        uint32_t at = count;
        for (; at > 0 && first[at - 1] > cell->totals.first_number; at--)
            first[at] = first[at - 1];
        first[at] = cell->totals.first_number;
        count += count < SAMPLED_CELLS;
    }
    if (!incident->sampled) /* one that was reopened keeps its first samples */
        incident->sampled = count ? first[count - 1] : 0;
    for (uint32_t i = d->scope[incident->scope].first; i; i = d->cell[i - 1].next)
        incident->unmerged +=
            d->cell[i - 1].incident == number && !compact_has_sample(incident, &d->cell[i - 1]);
}

bool cell_named(struct cell *cell, struct named *ret)
{
    struct lists *lists = cell_lists_make(cell);

    if (lists)
        *ret = (struct named){&lists->clients,
                              &lists->networks,
                              &lists->senders,
                              &lists->sender_domains,
                              &cell->rest->recipient_domains,
                              &lists->hosts,
                              &lists->refused_by,
                              &lists->refused_domains,
                              &lists->said};
    return lists != NULL;
}

static void drop_samples(struct detector *d, struct cell *cell)
{
    for (uint32_t i = 0; i < cell->rest->sample_count; i++)
        intern_put(d->texts, cell->rest->sample[i].message_id);
    cell->rest->sample_count = 0;
}

/* The first cell that nothing needs becomes the remainder. Its own names move into its tallies, to
 * which those of the other cells are added. */
static void begin_remainder(struct detector *d, struct cell *cell)
{
    struct cell_rest *rest = cell->rest;
    struct named named;

    if (cell_named(cell, &named))
        cell_add_names(cell, d->texts, &named);
    d->texts->listed -= cell_name_bytes(cell);
    intern_put(d->texts, rest->domain);
    intern_put(d->texts, rest->sender);
    intern_put(d->texts, rest->host_name);
    rest->domain = rest->sender = rest->host_name = NULL;
    d->texts->listed += cell_name_bytes(cell);
    drop_samples(d, cell);
}

/* Adds the cell's names and totals to the remainder; the caller frees the cell. */
static void merge_cell(struct detector *d, struct incident *incident, struct cell *cell)
{
    struct cell *remainder = &d->cell[incident->remainder - 1];
    struct named named;

    totals_add(&remainder->totals, &cell->totals);
    if (!once_build(d, remainder) || !once_build(d, cell)) /* memory is short: without names */
        return;
    if (cell_named(remainder, &named))
        cell_add_names(cell, d->texts, &named);
    cell_take_forwarder(d, remainder, cell->rest->forwarder);
}

bool incidents_may_relate(const struct detector *d, const struct incident *a,
                          const struct incident *b)
{
    uint32_t slack = (uint32_t)(d->settings->alert.end_after / US_PER_S);

    return a != b && a->state != INCIDENT_FREE && b->state != INCIDENT_FREE && !a->withdrawn &&
           !b->withdrawn && a->host_name == b->host_name &&
           (a->kind != b->kind || a->cause != b->cause || a->kind == KIND_ACCOUNT_ABUSE) &&
           b->raised_s <= a->last_s + slack && a->raised_s <= b->last_s + slack;
}

static bool once_has_client(const struct detector *d, const struct once *once,
                            const struct tally *clients)
{
    struct span address = client_address(intern_span(once->client));
    struct intern *client = address.len ? intern_get(d->texts, address) : NULL;
    bool has = client && tally_has(clients, client);

    intern_put(d->texts, client);
    return has;
}

static bool has_client(const struct detector *d, const struct cell *cell,
                       const struct tally *clients)
{
    if (cell->once)
        return once_has_client(d, cell->once, clients);
    if (cell->rest->client && tally_has(clients, cell->rest->client))
        return true;
    const struct tally *own = &cell_lists(cell)->clients;
    for (uint32_t c = 0; c < own->count; c++)
        if (tally_has(clients, own->entry[c].text))
            return true;
    return false;
}

void incidents_sharing(const struct detector *d, const struct incident *incident,
                       const struct tally *clients, bool *ret_shares)
{
    bool *open = calloc((size_t)d->incident_count + 1, sizeof(*open)); /* not decided yet */
    uint32_t undecided = 0;

    for (uint32_t i = 0; open && i < d->incident_count; i++)
        undecided += open[i] = incidents_may_relate(d, incident, &d->incident[i]);
    for (uint32_t i = 0; undecided && i < d->cell_count; i++) {
        const struct cell *cell = &d->cell[i];
        if (!cell->key || !cell->incident || !open[cell->incident - 1] ||
            !has_client(d, cell, clients))
            continue;
        ret_shares[cell->incident - 1] = true;
        open[cell->incident - 1] = false;
        undecided--;
    }
    free(open);
}

/* Beyond the bound further relations are not recorded. */
static void relate(struct incident *incident, const struct incident *other)
{
    if (incident->related_count < RELATED_MAX)
        incident->related[incident->related_count++] = other->number;
}

static void relate_all(struct detector *d, struct incident *incident, const struct tally *clients)
{
    bool *shares = calloc((size_t)d->incident_count + 1, sizeof(*shares));

    if (shares)
        incidents_sharing(d, incident, clients, shares);
    for (uint32_t i = 0; shares && i < d->incident_count; i++)
        if (shares[i]) {
            relate(incident, &d->incident[i]);
            relate(&d->incident[i], incident);
        }
    free(shares);
}

/* All names of the incident's cells, in the tallies of a cell that is none of them. */
static void collect_names(struct detector *d, const struct incident *incident, struct cell *all)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;
    struct named named;

    if (!cell_named(all, &named))
        return;
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key && d->cell[i].incident == number && once_build(d, &d->cell[i]))
            cell_add_names(&d->cell[i], d->texts, &named);
}

/* Kept names are scattered over the heap, and each one pins a page. So only the most frequent
 * clients and domains stay. What depended on the others (counts, related incidents) is recorded
 * before they go. */
static void finish(struct detector *d, struct incident *incident)
{
    struct cell *cell = &d->cell[incident->remainder - 1];
    struct lists *remainder = once_build(d, cell) ? cell_lists_make(cell) : NULL;
    struct cell_rest rest = {0};
    struct cell all = {.rest = &rest};

    if (!remainder)
        return;
    collect_names(d, incident, &all);
    const struct lists *names = cell_lists(&all);
    incident->compacted = true;
    incident->compacted_clients = names->clients.count;
    incident->compacted_domains = names->sender_domains.count;
    if (remainder->clients.count > TALLY_MAX)
        relate_all(d, incident, &names->clients);
    cell_clear(d, &all);
    tally_keep(&remainder->clients, d->texts, TALLY_MAX);
    tally_keep(&remainder->sender_domains, d->texts, TALLY_MAX);
}

void compact_undo(struct detector *d, struct incident *incident)
{
    struct cell_rest rest = {0};
    struct cell all = {.rest = &rest};

    if (!incident->compacted)
        return;
    collect_names(d, incident, &all);
    incident->compacted = false;
    incident->base_clients += incident->compacted_clients - cell_lists(&all)->clients.count;
    cell_clear(d, &all);
}

/* One cell less is left to merge. */
static void count_merged(struct detector *d, struct incident *incident)
{
    if (--incident->unmerged == 0 && incident->remainder && incident->state == INCIDENT_ENDED)
        finish(d, incident);
}

/* The cell is not on the list any more. */
static void compact_cell(struct detector *d, struct incident *incident, struct cell *cell)
{
    if (compact_keeps(d, cell))
        return;
    if (!incident->remainder) {
        incident->remainder = (uint32_t)(cell - d->cell) + 1;
        if (once_build(d, cell)) /* else memory is short: it stays as it came */
            begin_remainder(d, cell);
    } else {
        merge_cell(d, incident, cell);
        cell->incident = 0; /* the remainder has its counts */
        cell_free(d, cell);
    }
    count_merged(d, incident);
}

/* A part at a time, so that no single sweep bears all that a flood left. */
void compact_some(struct detector *d, struct incident *incident)
{
    uint32_t last = incident->last, looks = LOOKS_MIN + incident->unmerged / LOOKS_SHARE;

    for (uint32_t i = incident->first, next; i && looks; i = i == last ? 0 : next, looks--) {
        struct cell *cell = &d->cell[i - 1];
        next = cell->next;
        cell_unlist(d, cell);
        if (is_idle(cell))
            compact_cell(d, incident, cell);
        else
            cell_list(d, cell); /* it has mail in the queue: later */
    }
}

static bool names_a_client(const struct cell *cell)
{
    return cell->once ? client_address(intern_span(cell->once->client)).len > 0
                      : cell->rest->client != NULL;
}

/* Moves the cell's counts to its incident: into the remainder if there is one, otherwise into the
 * incident's base, where names are lost but clients are still counted. */
static void keep_counts(struct detector *d, struct cell *cell)
{
    struct incident *incident = &d->incident[cell->incident - 1];
    bool is_remainder = incident->remainder == (uint32_t)(cell - d->cell) + 1;

    if (is_remainder)
        incident->remainder = 0;
    if (incident->remainder) {
        merge_cell(d, incident, cell);
    } else {
        totals_add(&incident->base, &cell->totals);
        uint32_t clients = cell_lists(cell)->clients.count;
        if (!incident->compacted)
            incident->base_clients += clients ? clients : names_a_client(cell);
    }
    if (cell->retired && !is_remainder && !compact_has_sample(incident, cell))
        count_merged(d, incident);
}

void compact_evict(struct detector *d, struct cell *cell)
{
    if (cell->incident)
        keep_counts(d, cell);
    cell_free(d, cell);
}
