/* SPDX-License-Identifier: MIT */
#include "judge/copies.h"

/* Among more recipients than this, a copy can't be told from the rest. */
enum { RECIPIENTS_MAX = 16 };

static bool is_ours(const struct recipient *r)
{
    return r->class == CLASS_OURS || r->flags & RECIPIENT_FORWARDED;
}

static bool has_ours(struct message *m)
{
    const struct recipient *r = message_recipients(m);

    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (r[i].flags & RECIPIENT_JUDGED && is_ours(&r[i]))
            return true;
    return false;
}

/* Few sites have such maps, and a look at every slot tells which address came first: which one is
 * dropped must not depend on hashes. */
struct copies_slot *copies_find(struct copies *copies, uint64_t hash)
{
    for (uint32_t i = 0; i < COPIES_SLOTS; i++)
        if (copies->slot[i].hash == hash)
            return &copies->slot[i];
    return NULL;
}

/* An address that gets copies keeps its slot. */
static struct copies_slot *slot_for(struct copies *copies, const struct recipient *r)
{
    struct copies_slot *slot = copies_find(copies, r->hash);

    if (slot)
        return slot;
    do
        slot = &copies->slot[copies->next++ % COPIES_SLOTS];
    while (copies_slot_is_found(slot));
    *slot = (struct copies_slot){.hash = r->hash};
    return slot;
}

/* True if this makes the address one that gets copies. */
static bool add_together(struct copies *copies, const struct recipient *r)
{
    struct copies_slot *slot = slot_for(copies, r);

    if (copies_slot_is_found(slot))
        return false;
    if (slot->together == COPIES_MIN - 1 && !slot->alone && copies->found == COPIES_MAX)
        return false;
    slot->together += slot->together < COPIES_MIN;
    copies->found += copies_slot_is_found(slot);
    return copies_slot_is_found(slot);
}

static void add_alone(struct copies *copies, const struct recipient *r)
{
    struct copies_slot *slot = slot_for(copies, r);

    copies->found -= copies_slot_is_found(slot);
    slot->alone = 1;
}

/* Counts an outside recipient once: when it is judged, or when the first of ours is judged after
 * it. */
bool copies_see(struct copies *copies, struct message *m, const struct recipient *r)
{
    const struct recipient *other = message_recipients(m);
    bool found = false, first_of_ours = is_ours(r);

    if (m->recipient_count > RECIPIENTS_MAX)
        return false;
    if (!is_ours(r))
        return has_ours(m) && add_together(copies, r);
    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (&other[i] != r && other[i].flags & RECIPIENT_JUDGED && is_ours(&other[i]))
            first_of_ours = false;
    for (uint16_t i = 0; first_of_ours && i < m->recipient_count; i++)
        if (other[i].flags & RECIPIENT_JUDGED && !is_ours(&other[i]))
            found |= add_together(copies, &other[i]);
    return found;
}

void copies_gone(struct copies *copies, struct message *m)
{
    const struct recipient *r = message_recipients(m);

    if (m->recipient_count > RECIPIENTS_MAX || has_ours(m))
        return;
    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (r[i].flags & RECIPIENT_JUDGED && r[i].class == CLASS_OUTSIDE)
            add_alone(copies, &r[i]);
}

bool copies_has(const struct copies *copies, const struct recipient *r)
{
    for (uint32_t i = 0; copies->found && i < COPIES_SLOTS; i++)
        if (copies->slot[i].hash == r->hash)
            return copies_slot_is_found(&copies->slot[i]);
    return false;
}
