/* SPDX-License-Identifier: MIT */
/*
 * Cells keep their slots, and scopes the order of their cells. A full table then evicts what it
 * would have evicted without the restart.
 */
#include "engine/snapshot_cells.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/once.h"
#include "detect/scope.h"
#include "engine/snapshot_lists.h"
#include "engine/snapshot_texts.h"
#include "engine/stages.h"

/* CELLS_MAX: no count beyond it is believed. A free slot takes FREE_CELL_BYTES. */
enum { CELLS_MAX = 1 << 24, FREE_CELL_BYTES = 1 };

/* --- pieces ----------------------------------------------------------------------------------- */

void write_totals(struct writer *w, const struct totals *t)
{
    const uint64_t numbers[] = {t->messages, t->recipients,   t->sent,      t->deferred,
                                t->bounced,  t->notices,      t->undecided, t->queued,
                                t->held,     t->first_number, t->familiar,  t->usual};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        write_u64(w, numbers[i]);
    write_u32(w, t->first_s);
    write_u32(w, t->last_s);
    write_id(w, t->first_id);
}

void read_totals(struct reader *r, struct totals *t)
{
    uint64_t *const numbers[] = {&t->messages, &t->recipients,   &t->sent,      &t->deferred,
                                 &t->bounced,  &t->notices,      &t->undecided, &t->queued,
                                 &t->held,     &t->first_number, &t->familiar,  &t->usual};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        *numbers[i] = read_u64(r);
    t->first_s = read_u32(r);
    t->last_s = read_u32(r);
    t->first_id = read_id(r);
}

/* The seldom counted measures are there together or not at all, so that the same state gives the
 * same bytes again. */
void write_counts(struct writer *w, const struct counts *counts, int measures)
{
    write_u8(w, counts->rest != NULL);
    for (int i = 0; i < (counts->rest ? measures : 1); i++) {
        write_window(w, &counts_of(counts, i)->now);
        write_window(w, &counts_of(counts, i)->day);
        write_u64(w, counts_of(counts, i)->run);
    }
}

void read_counts(struct reader *r, struct counts *counts, int measures)
{
    bool has_rest = read_below(r, read_u8(r), 2, "unknown measures were counted");

    for (int i = 0; i < (has_rest ? measures : 1) && !r->failed; i++) {
        struct count *count = counts_make(counts, i);
        if (!count) {
            read_fail(r, SNAPSHOT_NO_MEMORY);
            return;
        }
        read_window(r, &count->now);
        read_window(r, &count->day);
        count->run = read_u64(r);
    }
}

static void write_network(struct writer *w, const struct network *net)
{
    write_u8(w, net->prefix);
    write_bytes(w, (const char *)net->base.byte, sizeof(net->base.byte));
}

static void read_network(struct reader *r, struct network *net)
{
    net->prefix = (uint8_t)read_below(r, read_u8(r), 129, "a network has an impossible prefix");
    const char *at = read_bytes(r, sizeof(net->base.byte));
    if (at)
        memcpy(net->base.byte, at, sizeof(net->base.byte));
}

/* --- cells ------------------------------------------------------------------------------------ */

static void write_once(struct writer *w, const struct once *once)
{
    write_text(w, once->client);
    write_text(w, once->recipient_domain);
    write_text(w, once->host_name);
    write_u32(w, once->begun_s);
    write_u32(w, once->uid);
    write_u8(w, (uint8_t)(once->foreign_sender | once->unseen_sender << 1 | once->maybe_ours << 2));
    write_u32(w, once->sender_len);
    write_u32(w, once->message_id_len);
    write_bytes(w, once->text, (size_t)once->sender_len + once->message_id_len);
}

static void write_rest(struct writer *w, const struct cell_rest *rest)
{
    write_counts(w, &rest->counts, MEASURES);
    write_u32(w, rest->earlier.cell);
    write_u32(w, rest->earlier.serial);
    write_text(w, rest->client);
    write_text(w, rest->client_name);
    write_text(w, rest->domain);
    write_text(w, rest->sender);
    write_text(w, rest->account);
    write_text(w, rest->recipient);
    write_text(w, rest->recipient_domain);
    write_text(w, rest->forwarder);
    write_text(w, rest->host_name);
    write_u32(w, rest->uid);
    write_network(w, &rest->network);
    write_u8(w, (uint8_t)((rest->lists != NULL) | rest->has_two_logins << 1));
    if (rest->lists)
        write_lists(w, rest->lists);
    write_tally(w, &rest->recipient_domains);
    write_u8(w, (uint8_t)rest->sample_count);
    for (uint32_t i = 0; i < rest->sample_count; i++) {
        write_id(w, rest->sample[i].id);
        write_text(w, rest->sample[i].message_id);
        write_u32(w, rest->sample_s[i]);
    }
}

static void write_cell(struct writer *w, const struct cell *cell)
{
    write_u64(w, cell->key);
    write_u32(w, cell->scope);
    write_u32(w, cell->serial);
    write_u32(w, cell->incident);
    write_u8(w, (uint8_t)(cell->retired | cell->parked << 1 | cell->sender_is_default << 2 |
                          cell->fresh << 3));
    for (int i = 0; i < LEVELS_MAX; i++)
        write_u64(w, cell->level[i]);
    write_totals(w, &cell->totals);
    write_u8(w, cell->once != NULL);
    if (cell->once)
        write_once(w, cell->once);
    else
        write_rest(w, cell->rest);
}

static void read_samples(struct reader *r, struct cell *cell)
{
    uint32_t count = read_below(r, read_u8(r), SAMPLES_MAX + 1, "a cell has too many samples");

    for (; cell->rest->sample_count < count && !r->failed; cell->rest->sample_count++) {
        struct sample *sample = &cell->rest->sample[cell->rest->sample_count];
        sample->id = read_id(r);
        sample->message_id = read_text(r);
        cell->rest->sample_s[cell->rest->sample_count] = read_u32(r);
    }
}

/* The texts are read behind one another, into what they take. */
static void read_once(struct reader *r, struct detector *d, struct cell *cell)
{
    struct intern *client = read_text(r), *recipient_domain = read_text(r);
    struct intern *host_name = read_text(r);
    uint32_t begun_s = read_u32(r), uid = read_u32(r),
             flags = read_below(r, read_u8(r), 8, "evidence has unknown flags");
    uint32_t sender_len = read_below(r, read_u32(r), CELL_TEXT_MAX + 1, "a sender is too long");
    uint32_t id_len = read_below(r, read_u32(r), UINT16_MAX + 1, "a message-id is too long");
    const char *text = read_bytes(r, sender_len + id_len);
    struct once *once = text ? malloc(sizeof(*once) + sender_len + id_len) : NULL;

    if (!once) {
        intern_put(d->texts, client);
        intern_put(d->texts, recipient_domain);
        intern_put(d->texts, host_name);
        read_fail(r, SNAPSHOT_NO_MEMORY); /* what failed before stays the reason */
        return;
    }
    *once = (struct once){.client = client,
                          .recipient_domain = recipient_domain,
                          .host_name = host_name,
                          .begun_s = begun_s,
                          .uid = uid,
                          .foreign_sender = flags & 1,
                          .unseen_sender = flags & 2,
                          .maybe_ours = flags & 4,
                          .sender_len = (uint16_t)sender_len,
                          .message_id_len = (uint16_t)id_len};
    memcpy(once->text, text, sender_len + id_len);
    d->texts->listed += cell_once_bytes(once);
    cell->once = once;
    if (cell->parked || cell->totals.undecided || !once_is_of(scope_kind(cell->scope)))
        read_fail(r, "a cell has more than one piece of evidence");
}

static void read_rest(struct reader *r, struct detector *d, struct cell *cell)
{
    struct cell_rest *rest = calloc(1, sizeof(*rest));

    if (!rest) {
        read_fail(r, SNAPSHOT_NO_MEMORY);
        return;
    }
    cell->rest = rest;
    read_counts(r, &rest->counts, MEASURES);
    rest->earlier.cell = read_u32(r);
    rest->earlier.serial = read_u32(r);
    if (rest->earlier.cell && rest->earlier.serial >= cell->serial)
        read_fail(r, "a cell's earlier run is later"); /* or a ring */
    rest->client = read_text(r);
    rest->client_name = read_text(r);
    rest->domain = read_text(r);
    rest->sender = read_text(r);
    rest->account = read_text(r);
    rest->recipient = read_text(r);
    rest->recipient_domain = read_text(r);
    rest->forwarder = read_text(r);
    rest->host_name = read_text(r);
    rest->uid = read_u32(r);
    d->texts->listed += cell_name_bytes(cell);
    read_network(r, &rest->network);
    uint32_t flags = read_below(r, read_u8(r), 4, "a cell has unknown lists");
    rest->has_two_logins = flags & 2;
    if (flags & 1)
        read_lists(r, cell);
    read_tally(r, &rest->recipient_domains);
    read_samples(r, cell);
}

/* The slot is still zero. Once its key is set, cells_done releases it, even if reading fails. */
static void read_cell(struct reader *r, struct detector *d, struct cell *cell)
{
    cell->key = read_u64(r);
    if (!cell->key) {
        read_fail(r, "a cell has no key");
        return;
    }
    cell->scope = read_below(r, read_u32(r), d->scope_count, "a cell has no scope");
    cell->serial = read_u32(r);
    cell->incident = read_u32(r);
    uint32_t flags = read_below(r, read_u8(r), 16, "a cell has unknown flags");
    cell->retired = flags & 1;
    cell->parked = flags & 2;
    cell->sender_is_default = flags & 4;
    cell->fresh = flags & 8;
    for (int i = 0; i < LEVELS_MAX; i++)
        cell->level[i] = read_u64(r);
    read_totals(r, &cell->totals);
    if (read_below(r, read_u8(r), 2, "a cell is of an unknown form"))
        read_once(r, d, cell);
    else
        read_rest(r, d, cell);
    if (scope_host(cell->scope) >= d->hosts->host_count)
        read_fail(r, "a cell has no host");
    d->cell_used++;
    d->kind_cells[scope_kind(cell->scope)]++;
    d->cell_found += !cell->retired && !cell->parked;
}

/* All slots, the free ones too. */
static void write_all(struct writer *w, const struct detector *d)
{
    write_u32(w, d->cell_count);
    write_u32(w, d->cell_hand);
    for (uint32_t i = 0; i < d->cell_count; i++) {
        write_u8(w, d->cell[i].key != 0);
        if (d->cell[i].key)
            write_cell(w, &d->cell[i]);
    }
}

/* cell_index_rebuild follows when all is read; until then no cell can be found. */
static bool read_all(struct reader *r, struct detector *d)
{
    uint32_t count =
        read_below(r, read_count(r, FREE_CELL_BYTES), CELLS_MAX + 1, "it has too many cells");

    d->cell_hand = read_u32(r);
    if (!count || r->failed)
        return !r->failed;
    uint32_t room = 64;
    while (room < count)
        room *= 2;
    d->cell = calloc(room, sizeof(*d->cell));
    d->cell_taken = calloc(room / 64, sizeof(*d->cell_taken));
    if (!d->cell || !d->cell_taken)
        return read_fail(r, SNAPSHOT_NO_MEMORY);
    d->cell_room = room;
    for (; d->cell_count < count && !r->failed; d->cell_count++)
        if (read_u8(r)) {
            d->cell_taken[d->cell_count / 64] |= (uint64_t)1 << d->cell_count % 64;
            read_cell(r, d, &d->cell[d->cell_count]);
        }
    return !r->failed;
}

/* --- scopes ----------------------------------------------------------------------------------- */

/* Scopes that were never used are left out: they are all zero. */
static bool is_used(const struct scope *scope)
{
    return scope->first || scope->grouped_s || scope->dirty;
}

static void write_scopes(struct writer *w, const struct detector *d)
{
    uint32_t used = 0;

    for (uint32_t i = 0; i < d->scope_count; i++)
        used += is_used(&d->scope[i]);
    write_u32(w, used);
    for (uint32_t i = 0; i < d->scope_count; i++) {
        const struct scope *scope = &d->scope[i];
        if (!is_used(scope))
            continue;
        write_u32(w, i);
        write_u32(w, scope->grouped_s);
        write_u8(w, scope->dirty);
        write_u32(w, scope->cells);
        for (uint32_t c = scope->first; c; c = d->cell[c - 1].next)
            write_u32(w, c);
    }
}

/* Each cell in the list must belong to this scope and be in no list yet. Since links are rebuilt
 * here, a damaged file can't make a ring. */
static bool read_scope_cells(struct reader *r, struct detector *d, uint32_t number)
{
    struct scope *scope = &d->scope[number];
    uint32_t count = read_count(r, 4), prev = 0;

    if (scope->first)
        return read_fail(r, "a scope occurs twice");
    for (uint32_t n = 0; n < count; n++) {
        uint32_t i = read_below(r, (uint64_t)read_u32(r) - 1, d->cell_count,
                                "a scope refers to a cell that does not exist");
        struct cell *cell = r->failed ? NULL : &d->cell[i];
        if (!cell || !cell->key || cell->retired || cell->scope != number || cell->next ||
            cell->prev || scope->first == i + 1)
            return read_fail(r, "a cell is in the wrong scope");
        cell->prev = prev;
        if (prev)
            d->cell[prev - 1].next = i + 1;
        else
            scope->first = i + 1;
        prev = i + 1;
        scope->cells++;
        d->load[scope_host(number)].cells++;
    }
    return !r->failed;
}

/* Every cell that is not retired must be in the list of its scope. */
static bool read_scopes(struct reader *r, struct detector *d)
{
    uint32_t used = read_count(r, 13), found = 0, retired = 0;

    for (uint32_t i = 0; i < d->cell_count; i++)
        retired += d->cell[i].retired;

    while (used-- && !r->failed) {
        uint32_t number =
            read_below(r, read_u32(r), d->scope_count, "it refers to a scope that does not exist");
        uint32_t grouped_s = read_u32(r);
        bool dirty = read_u8(r) != 0;
        if (r->failed || !read_scope_cells(r, d, number))
            return false;
        d->scope[number].grouped_s = grouped_s;
        d->scope[number].dirty = dirty;
        d->scope[number].near_s = NEAR_UNKNOWN;
        found += d->scope[number].cells;
    }
    return !r->failed && (found + retired == d->cell_used || read_fail(r, "a cell is in no scope"));
}

void write_cells(struct writer *w, const struct detector *d)
{
    write_all(w, d);
    write_scopes(w, d);
}

bool read_cells(struct reader *r, struct detector *d)
{
    return read_all(r, d) && read_scopes(r, d);
}
