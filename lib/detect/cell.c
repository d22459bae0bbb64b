/* SPDX-License-Identifier: MIT */
#include "detect/cell.h"

#include <stdlib.h>

#include "detect/cell_index.h"
#include "detect/said.h"
#include "detect/scope.h"

const struct lists *cell_lists(const struct cell *cell)
{
    static const struct lists none = {0};

    return cell->rest && cell->rest->lists ? cell->rest->lists : &none;
}

struct lists *cell_lists_make(struct cell *cell)
{
    if (!cell->rest->lists)
        cell->rest->lists = calloc(1, sizeof(*cell->rest->lists));
    return cell->rest->lists;
}

static void drop_lists(struct detector *d, struct cell *cell)
{
    struct lists *lists = cell->rest->lists;

    tally_done(&lists->clients, d->texts);
    tally_done(&lists->networks, d->texts);
    tally_done(&lists->senders, d->texts);
    tally_done(&lists->sender_domains, d->texts);
    tally_done(&lists->hosts, d->texts);
    tally_done(&lists->refused_by, d->texts);
    tally_done(&lists->refused_domains, d->texts);
    said_done(&lists->said, d->texts);
    free(lists);
    cell->rest->lists = NULL;
}

void cell_clear(struct detector *d, struct cell *cell)
{
    struct cell_rest *rest = cell->rest;

    tally_done(&rest->recipient_domains, d->texts);
    if (rest->lists)
        drop_lists(d, cell);
    for (uint32_t i = 0; i < rest->sample_count; i++)
        intern_put(d->texts, rest->sample[i].message_id);
    rest->sample_count = 0;
}

void cell_take_forwarder(struct detector *d, struct cell *cell, struct intern *forwarder)
{
    if (cell->rest->forwarder || !forwarder)
        return;
    cell->rest->forwarder = intern_ref(forwarder);
    d->texts->listed += intern_bytes(forwarder->len);
}

uint32_t cell_once_bytes(const struct once *once)
{
    return intern_bytes((uint32_t)sizeof(*once) + once->sender_len + once->message_id_len) +
           (once->client ? intern_bytes(once->client->len) : 0) +
           (once->recipient_domain ? intern_bytes(once->recipient_domain->len) : 0) +
           (once->host_name ? intern_bytes(once->host_name->len) : 0);
}

void cell_once_done(struct detector *d, struct once *once)
{
    d->texts->listed -= cell_once_bytes(once);
    intern_put(d->texts, once->client);
    intern_put(d->texts, once->recipient_domain);
    intern_put(d->texts, once->host_name);
    free(once);
}

enum { NAMES = 9 };

static void list_names(const struct cell_rest *rest, struct intern *ret[NAMES])
{
    struct intern *const names[NAMES] = {
        rest->client,    rest->client_name,      rest->domain,    rest->sender,   rest->account,
        rest->recipient, rest->recipient_domain, rest->host_name, rest->forwarder};

    memcpy(ret, names, sizeof(names));
}

uint32_t cell_name_bytes(const struct cell *cell)
{
    struct intern *names[NAMES];
    uint32_t bytes = 0;

    list_names(cell->rest, names);
    for (int i = 0; i < NAMES; i++)
        bytes += names[i] ? intern_bytes(names[i]->len) : 0;
    return bytes;
}

void cell_release_rest(struct detector *d, struct cell *cell)
{
    struct intern *names[NAMES];

    d->texts->listed -= cell_name_bytes(cell);
    list_names(cell->rest, names);
    for (int i = 0; i < NAMES; i++)
        intern_put(d->texts, names[i]);
    cell_clear(d, cell);
    counts_done(&cell->rest->counts);
    free(cell->rest);
    cell->rest = NULL;
}

/* Drops all that the cell holds; the slot is the caller's business. */
static void release_cell(struct detector *d, struct cell *cell)
{
    if (cell->once)
        cell_once_done(d, cell->once);
    cell->once = NULL;
    if (cell->rest)
        cell_release_rest(d, cell);
}

static struct host_load *load_of(struct detector *d, const struct cell *cell)
{
    return &d->load[scope_host(cell->scope)];
}

/* *first is the list's; *last, too, or NULL where nobody keeps it. */
static void list_remove(struct detector *d, struct cell *cell, uint32_t *first, uint32_t *last)
{
    if (cell->prev)
        d->cell[cell->prev - 1].next = cell->next;
    else
        *first = cell->next;
    if (cell->next)
        d->cell[cell->next - 1].prev = cell->prev;
    else if (last)
        *last = cell->prev;
    cell->next = cell->prev = 0;
    load_of(d, cell)->cells--;
}

void cell_unlist(struct detector *d, struct cell *cell)
{
    if (!cell->listed)
        return;
    struct incident *incident = &d->incident[cell->incident - 1];
    list_remove(d, cell, &incident->first, &incident->last);
    cell->listed = false;
    d->listed--;
}

void cell_list(struct detector *d, struct cell *cell)
{
    struct incident *incident = &d->incident[cell->incident - 1];
    uint32_t number = (uint32_t)(cell - d->cell) + 1;

    cell->prev = incident->last;
    if (cell->prev)
        d->cell[cell->prev - 1].next = number;
    else
        incident->first = number;
    incident->last = number;
    cell->listed = true;
    d->listed++;
    load_of(d, cell)->cells++;
}

static void unlink_cell(struct detector *d, struct cell *cell)
{
    if (cell->retired) {
        cell_unlist(d, cell);
        return;
    }
    list_remove(d, cell, &d->scope[cell->scope].first, NULL);
    d->scope[cell->scope].cells--;
    if (!cell->parked)
        cell_index_remove(d, cell);
}

void cell_park(struct detector *d, struct cell *cell)
{
    cell_index_remove(d, cell);
    cell->parked = true;
}

void cell_retire(struct detector *d, struct cell *cell)
{
    unlink_cell(d, cell);
    cell->retired = true;
    cell_list(d, cell);
}

void cell_free(struct detector *d, struct cell *cell)
{
    unlink_cell(d, cell);
    release_cell(d, cell);
    d->kind_cells[scope_kind(cell->scope)]--;
    cell->key = 0;
    cell->incident = 0;
    uint32_t word = (uint32_t)(cell - d->cell) / 64;
    d->cell_taken[word] &= ~((uint64_t)1 << (cell - d->cell) % 64);
    if (word < d->cell_low)
        d->cell_low = word;
    d->cell_used--;
}

/* If only one of the two arrays grows, it is kept: the next attempt finds it large enough. */
static bool grow_cells(struct detector *d)
{
    uint32_t room = d->cell_room ? d->cell_room * 2 : CELLS_MIN;
    struct cell *cell = realloc(d->cell, room * sizeof(*cell));

    if (cell)
        d->cell = cell;
    uint64_t *taken = realloc(d->cell_taken, room / 8);
    if (taken)
        d->cell_taken = taken;
    if (!cell || !taken)
        return false;
    memset(taken + d->cell_room / 64, 0, (room - d->cell_room) / 8);
    d->cell_room = room;
    return true;
}

uint32_t cells_lowest_free(struct detector *d)
{
    while (d->cell_low < d->cell_room / 64 && !~d->cell_taken[d->cell_low])
        d->cell_low++;
    return d->cell_low == d->cell_room / 64
               ? d->cell_room
               : d->cell_low * 64 + (uint32_t)__builtin_ctzll(~d->cell_taken[d->cell_low]);
}

/* Always the lowest free slot: it depends on which cells exist, not on the order in which others
 * were freed. A restored snapshot thus hands out the same slots. */
static struct cell *take_cell(struct detector *d)
{
    uint32_t at = cells_lowest_free(d);
    if (at == d->cell_room && !grow_cells(d))
        return NULL;
    d->cell_taken[at / 64] |= (uint64_t)1 << at % 64;
    if (at == d->cell_count)
        d->cell_count++;
    return &d->cell[at];
}

struct cell *cell_begin(struct detector *d, uint64_t key, const struct observation *o,
                        struct names *n)
{
    uint32_t scope = scope_number(o->host, o->kind, o->cause);

    if (!cell_index_reserve(d))
        return NULL;
    struct cell *cell = take_cell(d);
    if (!cell)
        return NULL;
    *cell = (struct cell){.key = key, .scope = scope, .serial = d->serial++, .fresh = true};
    cell->level[0] =
        o->narrowest ? o->narrowest : names_level_key(d, o, n, key, scope_keys[o->kind][0]);
    for (int i = 1; i < LEVELS_MAX && scope_keys[o->kind][i] != KEY_NONE; i++)
        cell->level[i] = names_level_key(d, o, n, key, scope_keys[o->kind][i]);
    uint32_t number = (uint32_t)(cell - d->cell) + 1;
    cell->next = d->scope[scope].first;
    if (cell->next)
        d->cell[cell->next - 1].prev = number;
    d->scope[scope].first = number;
    d->scope[scope].cells++;
    load_of(d, cell)->cells++;
    hosts_sweep(d->hosts, o->host);
    d->cell_used++;
    d->kind_cells[o->kind]++;
    cell_index_add(d, cell);
    return cell;
}

bool cell_name(struct detector *d, struct cell *cell, const struct observation *o, struct names *n)
{
    struct cell_rest *rest = malloc(sizeof(*rest));

    if (!rest)
        return false;
    memset(rest, 0, offsetof(struct cell_rest, sample));
    rest->uid = o->uid;
    if (n->client.len) {
        rest->client = intern_get(d->texts, n->client);
        rest->client_name =
            o->client_text ? intern_ref(o->client_text) : intern_get(d->texts, o->client);
    }
    if (scope_keys[o->kind][1] == KEY_NETWORK && names_network(n))
        rest->network = *names_network(n);
    if (scope_keys[o->kind][0] == KEY_SENDER)
        rest->sender = names_sender(d, o->sender);
    if ((o->kind == KIND_OPEN_RELAY || rest->sender) && names_domain(d, n, o).len)
        rest->domain = intern_get(d->texts, n->domain);
    if (names_host(o).len)
        rest->host_name = intern_get(d->texts, o->host_name);
    if (o->kind == KIND_ACCOUNT_ABUSE)
        rest->account = intern_get(d->texts, names_cut(o->account));
    if (o->kind == KIND_BACKSCATTER_VICTIM) {
        rest->recipient = names_lower(d, o->recipient);
        rest->recipient_domain = names_lower(d, mail_address_domain(o->recipient));
    }
    cell->rest = rest;
    d->texts->listed += cell_name_bytes(cell);
    return true;
}

struct cell *cell_make(struct detector *d, uint64_t key, const struct observation *o,
                       struct names *n)
{
    uint64_t refused = d->texts->refused;
    struct cell *cell = cell_begin(d, key, o, n);

    if (!cell || (cell_name(d, cell, o, n) && d->texts->refused == refused))
        return cell;
    cell_free(d, cell); /* there was no room for a text, so it could not be shown */
    return NULL;
}

struct cell *cell_find(struct detector *d, const struct observation *o, struct names *n,
                       uint64_t *ret_key)
{
    *ret_key = o->key ? o->key : names_key(d, o, n, scope_number(o->host, o->kind, o->cause));
    return cell_index_find(d, *ret_key);
}

bool cells_init(struct detector *d)
{
    d->cell_index_size = CELLS_MIN * 2;
    d->cell_index = calloc(d->cell_index_size, sizeof(*d->cell_index));
    return d->cell_index != NULL;
}

void cells_done(struct detector *d)
{
    for (uint32_t i = 0; i < d->cell_count; i++)
        if (d->cell[i].key)
            release_cell(d, &d->cell[i]);
    for (int i = 0; i < DOMAIN_MEMOS; i++) {
        intern_put(d->texts, d->memo[i].domain);
        intern_put(d->texts, d->memo[i].registered);
    }
    free(d->cell);
    free(d->cell_taken);
    free(d->cell_index);
}

struct cell *cell_deref(const struct detector *d, struct cell_ref ref)
{
    if (!ref.cell || ref.cell > d->cell_count)
        return NULL;
    struct cell *cell = &d->cell[ref.cell - 1];
    return cell->key && cell->serial == ref.serial ? cell : NULL;
}

/* What a damaged snapshot calls one may lack the rest. */
struct cell *cell_earlier(const struct detector *d, const struct cell *cell)
{
    struct cell *earlier = cell->rest ? cell_deref(d, cell->rest->earlier) : NULL;

    return earlier && earlier->rest ? earlier : NULL;
}

uint64_t cell_order(uint32_t at_s, struct queue_id id)
{
    return (uint64_t)at_s << (64 - CELL_ORDER_S) |
           hash_mix(id.lo ^ HASH_ODD_1, id.hi ^ HASH_ODD_2) >> CELL_ORDER_S;
}

/* first_s alone can't decide which is first: many observations share a second. */
void totals_add(struct totals *a, const struct totals *b)
{
    if (!a->first_s || (b->first_number && b->first_number < a->first_number)) {
        a->first_s = b->first_s;
        a->first_id = b->first_id;
        a->first_number = b->first_number;
    }
    if (b->last_s > a->last_s)
        a->last_s = b->last_s;
    a->messages += b->messages;
    a->recipients += b->recipients;
    a->sent += b->sent;
    a->deferred += b->deferred;
    a->bounced += b->bounced;
    a->notices += b->notices;
    a->undecided += b->undecided;
    a->familiar += b->familiar;
    a->usual += b->usual;
}
