/* SPDX-License-Identifier: MIT */
/* Counts by key and incidents; the cells are in snapshot_cells.c. */
#include "engine/snapshot_detector.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/cell_index.h"
#include "detect/incidents.h"
#include "detect/key_counts.h"
#include "detect/scope.h"
#include "engine/snapshot_cells.h"
#include "engine/snapshot_texts.h"
#include "engine/stages.h"

/* LEVEL_BYTES: what a count takes at least. */
enum { LEVEL_BYTES = 25 + 8 * KEY_MEASURES + 1 };

/* --- counts by key ---------------------------------------------------------------------------- */

static void write_clients(struct writer *w, const struct key_clients *clients)
{
    write_u8(w, (uint8_t)(clients ? clients->count : 0));
    for (uint32_t i = 0; clients && i < clients->count; i++)
        write_text(w, clients->client[i]);
}

static void read_clients(struct reader *r, struct key_count *level)
{
    uint32_t n = read_below(r, read_u8(r), KEY_CLIENTS_MAX + 1, "a key has too many clients");

    while (n-- && !r->failed) {
        struct intern *client = read_text(r);
        if (!client || client->alone)
            read_fail(r, "a key has an empty client");
        else
            key_count_add_client(&r->p->detector, level, client);
        intern_put(&r->p->texts, client);
    }
}

/* Starts at the slot after an empty one, so that inserting the counts in this order makes the same
 * table again. */
static void write_levels(struct writer *w, const struct detector *d)
{
    uint32_t mask = d->level_size - 1, empty = 0;

    while (d->level[empty].key)
        empty++;
    write_u32(w, d->level_size);
    write_u32(w, d->level_used);
    for (uint32_t q = 1; q <= d->level_size; q++) {
        const struct key_count *level = &d->level[(empty + q) & mask];
        if (!level->key)
            continue;
        write_u64(w, level->key);
        write_u32(w, level->host);
        write_u32(w, level->last_s);
        write_u32(w, level->failed);
        write_u32(w, level->failed_day);
        write_clients(w, level->clients);
        for (int i = 0; i < KEY_MEASURES; i++) {
            write_u32(w, level->latest.now[i]);
            write_u32(w, level->latest.day[i]);
        }
        write_u8(w, level->counts != NULL);
        if (level->counts)
            write_counts(w, level->counts, KEY_MEASURES);
    }
}

/* Sizes that key_counts.c can produce; others would be a way to make the reader allocate a lot. */
static bool is_level_size(uint32_t size, uint32_t used)
{
    return size >= KEY_COUNTS_MIN && (size & (size - 1)) == 0 && used <= size / 2 &&
           (size == KEY_COUNTS_MIN || used >= size / 64);
}

static void read_level_counts(struct reader *r, struct key_count *level)
{
    for (int i = 0; i < KEY_MEASURES; i++) {
        level->latest.now[i] =
            (uint16_t)read_below(r, read_u32(r), UINT16_MAX + 1, "a key has counted too much");
        level->latest.day[i] =
            (uint16_t)read_below(r, read_u32(r), UINT16_MAX + 1, "a key has counted too much");
    }
    if (!read_below(r, read_u8(r), 2, "a key's count is of an unknown form"))
        return;
    level->counts = calloc(1, sizeof(*level->counts));
    if (level->counts)
        read_counts(r, level->counts, KEY_MEASURES);
    else
        read_fail(r, SNAPSHOT_NO_MEMORY);
}

static bool read_levels(struct reader *r, struct detector *d)
{
    uint32_t size = read_u32(r), used = read_count(r, LEVEL_BYTES), mask = size - 1;

    if (r->failed || !is_level_size(size, used))
        return read_fail(r, "its table of wider keys has an impossible size");
    struct key_count *levels = calloc(size, sizeof(*levels));
    if (!levels)
        return read_fail(r, SNAPSHOT_NO_MEMORY);
    free(d->level);
    d->level = levels;
    d->level_size = size;
    for (; d->level_used < used && !r->failed; d->level_used++) {
        uint64_t key = read_u64(r);
        uint32_t at = (uint32_t)key & mask;
        while (levels[at].key && levels[at].key != key)
            at = (at + 1) & mask;
        if (!key || levels[at].key)
            return read_fail(r, "a wider key occurs twice");
        levels[at].key = key;
        levels[at].host = read_below(r, read_u32(r), d->hosts->host_count, "a key has no host");
        levels[at].last_s = read_u32(r);
        levels[at].failed = read_u32(r);
        levels[at].failed_day = read_u32(r);
        read_clients(r, &levels[at]);
        read_level_counts(r, &levels[at]);
    }
    return !r->failed;
}

/* --- incidents -------------------------------------------------------------------------------- */

/* Host, kind and cause are in the scope's number. */
static void write_incident(struct writer *w, const struct detector *d,
                           const struct incident *incident)
{
    write_u8(w, (uint8_t)incident->state);
    if (incident->state == INCIDENT_FREE)
        return;
    write_bytes(w, incident->id, sizeof(incident->id));
    write_u32(w, incident->scope);
    write_u8(w, (uint8_t)incident->level);
    write_u64(w, incident->key);
    for (int l = 0; l < LEVELS_MAX; l++)
        write_u64(w, incident->common[l]);
    write_u32(w, incident->raised_s);
    write_u32(w, incident->last_s);
    write_u32(w, incident->ended_s);
    write_u32(w, incident->alerted_s);
    write_u64(w, incident->alerted_recipients);
    write_u64(w, incident->number);
    write_bytes(w, incident->told_as, sizeof(incident->told_as));
    write_u8(w, (uint8_t)(incident->alerted | incident->withdrawn << 1));
    write_totals(w, &incident->base);
    write_u8(w, (uint8_t)incident->crossing.what);
    write_u8(w, (uint8_t)(incident->crossing.in_a_day | incident->crossing.is_shared << 1));
    write_u64(w, incident->crossing.value);
    write_u64(w, incident->crossing.threshold);
    write_u32(w, incident->crossing.window_s);
    write_u32(w, incident->reopened);
    write_u32(w, incident->closed_s);
    write_u64(w, incident->closed_amount);
    write_text(w, incident->close_reason);
    write_u64(w, incident->base_clients);
    write_u64(w, incident->sampled);
    write_u32(w, incident->remainder);
    write_u32(w, incident->unmerged);
    write_u8(w, incident->compacted);
    write_u64(w, incident->compacted_clients);
    write_u64(w, incident->compacted_domains);
    write_u8(w, (uint8_t)incident->related_count);
    for (uint32_t i = 0; i < incident->related_count; i++)
        write_u64(w, incident->related[i]);
    for (uint32_t i = incident->first; i; i = d->cell[i - 1].next)
        write_u32(w, i);
    write_u32(w, 0);
    write_text(w, incident->key_text);
    write_text(w, incident->host_name);
    write_u32(w, incident->narrower_more);
    write_u8(w, (uint8_t)incident->narrower_count);
    for (uint32_t i = 0; i < incident->narrower_count; i++)
        write_text(w, incident->narrower[i]);
}

/* The id must be printable and NUL-terminated, since it goes into names and into the journal. */
static void read_incident_id(struct reader *r, char *id)
{
    const char *at = read_bytes(r, INCIDENT_ID_MAX);
    size_t len = at ? strnlen(at, INCIDENT_ID_MAX) : 0;

    for (size_t i = 0; i < len; i++)
        if (at[i] <= ' ' || at[i] >= 0x7f)
            len = 0;
    if (!at || (at[0] && len == 0) || len == INCIDENT_ID_MAX)
        read_fail(r, "an incident has an impossible id");
    else
        memcpy(id, at, INCIDENT_ID_MAX);
}

static void read_narrower(struct reader *r, struct incident *incident)
{
    uint32_t count = read_below(r, read_u8(r), NARROWER_MAX + 1, "an incident has too many keys");

    for (; incident->narrower_count < count && !r->failed; incident->narrower_count++)
        incident->narrower[incident->narrower_count] = read_text(r);
}

/* A cell is put on the list only once, and only if it is retired and the incident's. */
static void read_listed(struct reader *r, struct detector *d, struct incident *incident)
{
    uint32_t number;

    while ((number = read_u32(r)) != 0 && !r->failed) {
        struct cell *cell = number <= d->cell_count ? &d->cell[number - 1] : NULL;
        if (cell && cell->key && cell->retired && !cell->listed && cell->incident &&
            &d->incident[cell->incident - 1] == incident)
            cell_list(d, cell);
        else
            read_fail(r, "an incident lists a cell that it does not have");
    }
}

static void read_crossing(struct reader *r, struct crossing *crossing)
{
    crossing->what = (enum crossed)read_below(r, read_u8(r), CROSSED_COUNT,
                                              "an incident has crossed no threshold");
    uint32_t rule = read_below(r, read_u8(r), 4, "an incident has an unknown rule");
    crossing->in_a_day = rule & 1;
    crossing->is_shared = rule & 2;
    crossing->value = read_u64(r);
    crossing->threshold = read_u64(r);
    crossing->window_s = read_u32(r);
}

/* Where its cells have been merged into, and which are to be. */
static void read_compacted(struct reader *r, const struct detector *d, struct incident *incident)
{
    incident->base_clients = read_u64(r);
    incident->sampled = read_u64(r);
    incident->remainder = read_below(r, read_u32(r), (uint64_t)d->cell_count + 1,
                                     "an incident refers to a cell that does not exist");
    incident->unmerged = read_u32(r);
    incident->compacted = read_u8(r) != 0;
    incident->compacted_clients = read_u64(r);
    incident->compacted_domains = read_u64(r);
}

static void read_related(struct reader *r, struct incident *incident)
{
    incident->related_count =
        read_below(r, read_u8(r), RELATED_MAX + 1, "an incident is related to too many");
    for (uint32_t i = 0; i < incident->related_count; i++)
        incident->related[i] = read_u64(r);
}

/* The state is set first, so that detector_done releases the texts even if reading fails. */
static void read_incident(struct reader *r, struct detector *d, struct incident *incident)
{
    uint32_t state =
        read_below(r, read_u8(r), INCIDENT_ENDED + 1, "an incident has an unknown state");

    if (state == INCIDENT_FREE)
        return;
    incident->state = (enum incident_state)state;
    read_incident_id(r, incident->id);
    incident->scope = read_below(r, read_u32(r), d->scope_count, "an incident has no scope");
    incident->host = scope_host(incident->scope);
    incident->kind = scope_kind(incident->scope);
    incident->cause = scope_cause(incident->scope);
    incident->level = (int)read_below(r, read_u8(r), LEVELS_MAX, "an incident has no key");
    incident->key = read_u64(r);
    for (int l = 0; l < LEVELS_MAX; l++)
        incident->common[l] = read_u64(r);
    incident->raised_s = read_u32(r);
    incident->last_s = read_u32(r);
    incident->ended_s = read_u32(r);
    incident->alerted_s = read_u32(r);
    incident->alerted_recipients = read_u64(r);
    incident->number = read_u64(r);
    read_incident_id(r, incident->told_as);
    uint32_t flags = read_below(r, read_u8(r), 4, "an incident has unknown flags");
    incident->alerted = flags & 1;
    incident->withdrawn = flags & 2;
    read_totals(r, &incident->base);
    read_crossing(r, &incident->crossing);
    incident->reopened = read_u32(r);
    incident->closed_s = read_u32(r);
    incident->closed_amount = read_u64(r);
    incident->close_reason = read_text(r);
    read_compacted(r, d, incident);
    read_related(r, incident);
    read_listed(r, d, incident);
    incident->key_text = read_text(r);
    incident->host_name = read_text(r);
    incident->narrower_more = read_u32(r);
    read_narrower(r, incident);
    if (state == INCIDENT_OPEN)
        incidents_opened(d, incident);
    if (!incident->id[0])
        read_fail(r, "an incident has no id");
    if (!incident->host_name || incident->host >= d->hosts->host_count ||
        scope_key(incident->kind, incident->level) == KEY_NONE)
        read_fail(r, "an incident has no key");
}

/* Then checks that cells and incidents agree: the detector follows their numbers unchecked. */
static bool read_incidents(struct reader *r, struct detector *d)
{
    uint32_t count = read_count(r, 1);

    if (count > d->incident_max) { /* the settings allow fewer now: detector_fit evicts later */
        struct incident *incident = calloc(count, sizeof(*incident));
        if (!incident)
            return read_fail(r, SNAPSHOT_NO_MEMORY);
        free(d->incident);
        d->incident = incident;
        d->incident_max = count;
    }
    for (; d->incident_count < count && !r->failed; d->incident_count++)
        read_incident(r, d, &d->incident[d->incident_count]);
    for (uint32_t i = 0; i < d->cell_count && !r->failed; i++) {
        const struct cell *cell = &d->cell[i];
        const struct incident *incident =
            cell->incident && cell->incident <= count ? &d->incident[cell->incident - 1] : NULL;
        enum incident_state state = incident ? incident->state : INCIDENT_FREE;
        if (cell->key && ((cell->incident && (!incident || incident->scope != cell->scope)) ||
                          (cell->retired && state == INCIDENT_FREE) ||
                          (!cell->retired && state == INCIDENT_ENDED) ||
                          (cell->incident && state == INCIDENT_FREE)))
            read_fail(r, "a cell belongs to an incident that does not exist");
    }
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        uint32_t remainder = d->incident[i].remainder;
        if (remainder &&
            (d->cell[remainder - 1].incident != i + 1 || !d->cell[remainder - 1].retired))
            read_fail(r, "an incident holds a cell of another");
    }
    return !r->failed;
}

/* --- all of it -------------------------------------------------------------------------------- */

void write_detector(struct writer *w, const struct detector *d)
{
    const uint64_t *counters = (const uint64_t *)&d->counters;

    for (size_t i = 0; i < sizeof(d->counters) / sizeof(*counters); i++)
        write_u64(w, counters[i]);
    write_u64(w, d->numbers);
    for (uint16_t i = 0; i < d->hosts->host_count; i++) {
        write_u64(w, d->load[i].numbers);
        write_u32(w, d->load[i].at_s);
    }
    write_u32(w, d->serial);
    write_cells(w, d);
    write_levels(w, d);
    write_u32(w, d->incident_count);
    for (uint32_t i = 0; i < d->incident_count; i++)
        write_incident(w, d, &d->incident[i]);
}

bool read_detector(struct reader *r, struct detector *d)
{
    uint64_t *counters = (uint64_t *)&d->counters;

    for (size_t i = 0; i < sizeof(d->counters) / sizeof(*counters); i++)
        counters[i] = read_u64(r);
    d->numbers = read_u64(r);
    for (uint16_t i = 0; i < d->hosts->host_count; i++) {
        d->load[i].numbers = read_u64(r);
        d->load[i].at_s = read_u32(r);
    }
    d->serial = read_u32(r);
    if (!read_cells(r, d) || !read_levels(r, d) || !read_incidents(r, d))
        return false;
    return cell_index_rebuild(d) || read_fail(r, SNAPSHOT_NO_MEMORY);
}
