/* SPDX-License-Identifier: MIT */
#include "detect/grouping_ended.h"

#include "detect/once.h"
#include "detect/rejoin.h"
#include "detect/scope.h"

static bool belongs(const struct grouping *s, const struct incident *incident, int level,
                    uint64_t key)
{
    return rejoin_belongs(s->d, incident, &(struct place){s->scope, level, key, s->now_s});
}

bool grouping_ended_gather(struct grouping *s)
{
    for (uint32_t i = 0; i < s->d->incident_count; i++) {
        struct incident *incident = &s->d->incident[i];
        if (incident->scope != s->scope)
            continue;
        bool keeps = incident->state == INCIDENT_OPEN && rejoin_has_ended(incident);
        if (!keeps && !belongs(s, incident, incident->level, incident->key))
            continue;
        struct incident **earlier = list_add(&s->earlier, sizeof(*earlier), s->d->incident_count);
        if (!earlier)
            return false;
        *earlier = incident;
    }
    return true;
}

static bool has_a_group(const struct grouping *s, const struct incident *incident)
{
    for (int i = 0; i < s->group_count; i++)
        if (s->group[i].into < 0 && belongs(s, incident, s->group[i].level, s->group[i].key))
            return true;
    return false;
}

uint32_t grouping_ended_count(const struct grouping *s, int level, uint64_t key)
{
    uint32_t n = 0;

    for (size_t i = 0; i < s->earlier.count; i++)
        n += belongs(s, grouping_earlier(s, i), level, key) &&
             !has_a_group(s, grouping_earlier(s, i));
    return n;
}

bool grouping_ended_keeps(const struct grouping *s, int level, uint64_t key)
{
    for (size_t i = 0; i < s->earlier.count; i++) {
        const struct incident *incident = grouping_earlier(s, i);
        if (incident->state == INCIDENT_OPEN && incident->level == level && incident->key == key)
            return true;
    }
    return false;
}

bool grouping_ended_on(const struct grouping *s, int level, uint64_t key)
{
    for (size_t i = 0; i < s->earlier.count; i++)
        if (grouping_earlier(s, i)->level == level &&
            belongs(s, grouping_earlier(s, i), level, key))
            return true;
    return false;
}

bool grouping_ended_is_member(const struct grouping *s, const struct group *group)
{
    enum key_type type = scope_key(s->kind, group->level);
    struct cell *cell = &s->d->cell[group->cell];

    if (type != KEY_CLIENT || s->kind != KIND_TRUSTED_RELAY)
        return type != KEY_SENDER;
    return once_build(s->d, cell) &&
           !rejoin_is_own_machine(s->kind, type, intern_span(cell->rest->client));
}
