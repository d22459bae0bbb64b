/* SPDX-License-Identifier: MIT */
#include "detect/same_account.h"

#include "detect/cell.h"
#include "detect/cell_index.h"
#include "detect/cell_names.h"
#include "detect/scope.h"

/* Under what an account is counted on a host. */
struct place {
    struct cell *cell; /* NULL: nothing of it now */
    uint64_t key, level;
};

static struct place place_of(struct detector *d, uint16_t host, struct span account)
{
    const struct observation o = {.kind = KIND_ACCOUNT_ABUSE, .host = host, .account = account};
    struct names n = {0};
    struct place ret;

    ret.cell = cell_find(d, &o, &n, &ret.key);
    ret.level = names_level_key(d, &o, &n, ret.key, KEY_ACCOUNT);
    return ret;
}

static void rename_cell(struct detector *d, struct cell *cell, const struct place *to,
                        struct span account)
{
    struct intern *name = intern_get(d->texts, names_cut(account));

    if (name) { /* else it keeps the other */
        d->texts->listed -= cell_name_bytes(cell);
        intern_put(d->texts, cell->rest->account);
        cell->rest->account = name;
        d->texts->listed += cell_name_bytes(cell);
    }
    cell->key = to->key;
    cell->level[0] = to->level;
    cell->rest->has_two_logins = true;
}

/* With its earlier runs, which are parked. */
static void rename_runs(struct detector *d, const struct place *from, const struct place *to,
                        struct span account)
{
    struct cell *earlier = cell_earlier(d, from->cell);

    cell_index_remove(d, from->cell);
    rename_cell(d, from->cell, to, account);
    cell_index_add(d, from->cell);
    for (; earlier; earlier = cell_earlier(d, earlier))
        rename_cell(d, earlier, to, account);
}

static bool has_incident(const struct detector *d, uint16_t host, uint64_t level)
{
    for (uint32_t i = 0; i < d->incident_count; i++)
        if (d->incident[i].state != INCIDENT_FREE && d->incident[i].key == level &&
            d->incident[i].scope == scope_number(host, KIND_ACCOUNT_ABUSE, CAUSE_NONE))
            return true;
    return false;
}

/* Open ones, and those that may open again. */
static void rename_incidents(struct detector *d, uint16_t host, uint64_t from, uint64_t to,
                             struct span account)
{
    for (uint32_t i = 0; i < d->incident_count; i++) {
        struct incident *incident = &d->incident[i];
        struct intern *name = NULL;
        if (incident->state != INCIDENT_FREE && incident->key == from &&
            incident->scope == scope_number(host, KIND_ACCOUNT_ABUSE, CAUSE_NONE))
            name = intern_get(d->texts, names_cut(account));
        if (!name)
            continue;
        intern_put(d->texts, incident->key_text);
        incident->key_text = name;
        incident->key = to;
        if (incident->common[0]) /* it has ended */
            incident->common[0] = to;
    }
}

bool detector_same_account(struct detector *d, struct span login, struct span account)
{
    bool ok = true;

    for (uint16_t host = 0; host < d->hosts->host_count; host++) {
        if (!d->load[host].cells && !d->load[host].open)
            continue;
        struct place from = place_of(d, host, login), to = place_of(d, host, account);
        bool had = from.cell || has_incident(d, host, from.level);
        if (had && (to.cell || has_incident(d, host, to.level))) {
            ok = false;
            continue;
        }
        if (from.cell)
            rename_runs(d, &from, &to, account);
        if (had)
            rename_incidents(d, host, from.level, to.level, account);
    }
    return ok;
}

bool detector_knows_account(struct detector *d, struct span account)
{
    for (uint16_t host = 0; host < d->hosts->host_count; host++) {
        struct place place = place_of(d, host, account);
        if (place.cell || has_incident(d, host, place.level))
            return true;
    }
    return false;
}
