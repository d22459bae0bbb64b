/* SPDX-License-Identifier: MIT */
#include "detect/rejoin.h"

#include "detect/scope.h"

/* COVER_PERCENT: of its messages lie under a wider key that it is said to have. */
enum { COVER_PERCENT = 90, WITHIN_S = 86400 };

/* At each level above the incident's, the key that nearly all messages of its cells have; 0: there
 * is none. A vote finds the only key that can be, and a second walk counts who has it. */
static void find_common_keys(const struct detector *d, const struct incident *incident,
                             uint64_t ret_key[LEVELS_MAX])
{
    uint32_t number = (uint32_t)(incident - d->incident) + 1,
             first = d->scope[incident->scope].first;
    uint64_t lead[LEVELS_MAX] = {0}, under[LEVELS_MAX] = {0}, all = 0;

    for (uint32_t i = first; i; i = d->cell[i - 1].next) {
        const struct cell *cell = &d->cell[i - 1];
        uint64_t n = cell->incident == number ? cell->totals.messages : 0;
        all += n;
        for (int l = incident->level + 1; n && l < LEVELS_MAX; l++) {
            if (!lead[l])
                ret_key[l] = cell->level[l];
            lead[l] = cell->level[l] == ret_key[l] ? lead[l] + n : lead[l] > n ? lead[l] - n : 0;
        }
    }
    for (uint32_t i = first; i; i = d->cell[i - 1].next) {
        const struct cell *cell = &d->cell[i - 1];
        uint64_t n = cell->incident == number ? cell->totals.messages : 0;
        for (int l = incident->level + 1; n && l < LEVELS_MAX; l++)
            under[l] += cell->level[l] == ret_key[l] ? n : 0;
    }
    for (int l = incident->level + 1; l < LEVELS_MAX; l++)
        if (under[l] * 100 < all * COVER_PERCENT)
            ret_key[l] = 0;
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
    uint64_t key[LEVELS_MAX] = {0};

    if (!alone)
        find_common_keys(d, incident, key);
    incident->common[incident->level] = incident->key;
    for (int l = incident->level + 1; scope_key(incident->kind, l) != KEY_NONE; l++)
        incident->common[l] = has_ended && incident->common[l] != key[l] ? 0 : key[l];
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
