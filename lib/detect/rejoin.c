/* SPDX-License-Identifier: MIT */
#include "detect/rejoin.h"

#include "detect/scope.h"

/* COVER_PERCENT: of its messages lie under a wider key that it is said to have. */
enum { COVER_PERCENT = 90, WITHIN_S = 86400 };

/* The key at that level that most messages of the incident's cells have, or 0. */
static uint64_t common_key(const struct detector *d, const struct incident *incident, int level)
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1;
    uint64_t key = 0, lead = 0, under = 0, all = 0;

    for (uint32_t i = d->scope[incident->scope].first; i; i = d->cell[i - 1].next) {
        const struct cell *cell = &d->cell[i - 1];
        uint64_t n = cell->incident == number ? cell->totals.messages : 0;
        if (!lead)
            key = cell->level[level];
        lead = cell->level[level] == key ? lead + n : lead > n ? lead - n : 0;
    }
    for (uint32_t i = d->scope[incident->scope].first; i; i = d->cell[i - 1].next) {
        const struct cell *cell = &d->cell[i - 1];
        uint64_t n = cell->incident == number ? cell->totals.messages : 0;
        all += n;
        under += cell->level[level] == key ? n : 0;
    }
    return under * 100 >= all * COVER_PERCENT ? key : 0;
}

bool rejoin_is_own_machine(enum kind kind, enum key_type type, struct span client)
{
    struct address a;

    return kind == KIND_TRUSTED_RELAY && type == KEY_CLIENT && address_parse(client, &a) &&
           address_is_private(&a);
}

bool rejoin_has_ended(const struct incident *incident)
{
    return incident->common[incident->level] != 0;
}

void rejoin_note(struct detector *d, struct incident *incident)
{
    enum key_type type = incident_key_type(incident);
    bool has_ended = rejoin_has_ended(incident);
    bool alone = type == KEY_SENDER ||
                 rejoin_is_own_machine(incident->kind, type, intern_span(incident->key_text));

    incident->common[incident->level] = incident->key;
    for (int l = incident->level + 1; scope_key(incident->kind, l) != KEY_NONE; l++) {
        uint64_t key = alone ? 0 : common_key(d, incident, l);
        incident->common[l] = has_ended && incident->common[l] != key ? 0 : key;
    }
}

void rejoin_widened(struct incident *incident)
{
    incident->common[incident->level] = incident->key;
}

bool rejoin_belongs(const struct detector *d, const struct incident *incident,
                    const struct place *place)
{
    return incident->state == INCIDENT_ENDED && !incident->withdrawn &&
           incident->scope == place->scope && incident->level <= place->level &&
           incident->common[place->level] == place->key &&
           incident->host_name == d->hosts->host[scope_host(place->scope)].name &&
           incident->ended_s + (uint64_t)WITHIN_S >= place->now_s;
}
