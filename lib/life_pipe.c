/* SPDX-License-Identifier: MIT */
/*
 * Content filters without SMTP: a program gets mail from pipe(8) and gives it back by sendmail(1),
 * as Postfix's FILTER_README shows it first. No record names the new queue file. What the two have
 * in common is the message-id and the recipient, and that the one was delivered by pipe(8) before
 * the other is delivered at all. The same message-id for somebody else is no filter's doing: it is
 * what Sieve redirects, a list sends out, or a local user wants to pass for another's.
 */
#include "life_inside.h"

void life_pipe_done(struct life *life)
{
    for (uint32_t i = 0; i < LIFE_PIPED; i++)
        text_put(life->tracker->texts, life->piped[i].service);
    memset(life->piped, 0, sizeof(life->piped));
}

static struct life_piped *set_of(struct life *life, uint32_t message_id_hash)
{
    return &life->piped[message_id_hash % (LIFE_PIPED / LIFE_PIPED_WAYS) * LIFE_PIPED_WAYS];
}

/* Keeps it in mind as one that may come back; the oldest of its set is forgotten. */
void life_piped_to(struct life *life, struct message *m, struct span service)
{
    struct life_piped *set = set_of(life, m->message_id_hash);
    struct message_ref ref = tracker_ref(m);
    uint32_t last = 0;

    if (!message_has(m, MESSAGE_HAS_ID_TEXT))
        return;
    while (last < LIFE_PIPED_WAYS - 1 && set[last].ref.serial != ref.serial)
        last++;
    text_put(life->tracker->texts, set[last].service);
    memmove(set + 1, set, last * sizeof(*set));
    set[0] = (struct life_piped){.ref = ref, .message_id_hash = m->message_id_hash};
    if (!site_is_filter_service(life->site, service))
        set[0].service = text_get(life->tracker->texts, service);
    m->flags |= MESSAGE_PARENT;
}

/* The recipient of `m` that the record's was when the program got it. */
static struct recipient *same_recipient(const struct life *life, struct message *m,
                                        const struct record *rec)
{
    uint64_t seed = life->tracker->seed;
    struct recipient *r = tracker_recipient(m, (uint32_t)hash_nocase(rec->recipient, seed));

    if (!r && rec->orig_recipient.len)
        r = tracker_recipient(m, (uint32_t)hash_nocase(rec->orig_recipient, seed));
    return r && r->status == STATUS_SENT ? r : NULL;
}

bool life_came_back(struct life *life, struct message *c, const struct record *rec)
{
    struct life_piped *set = set_of(life, c->message_id_hash);
    struct recipient *r = NULL;
    struct message *m = NULL;
    uint32_t i = 0;

    if (c->origin != ORIGIN_LOCAL || c->parent.slot || !message_has(c, MESSAGE_HAS_ID_TEXT))
        return false;
    for (; i < LIFE_PIPED_WAYS && !r; i++) {
        m = set[i].message_id_hash == c->message_id_hash ? tracker_deref(life->tracker, set[i].ref)
                                                         : NULL;
        if (m && m != c && hosts_of(life->hosts, m->source) == hosts_of(life->hosts, c->source))
            r = same_recipient(life, m, rec);
    }
    if (!r)
        return false;
    r->flags |= RECIPIENT_HANDED;
    life_set_parent(life, c, m, ORIGIN_FILTER);
    c->flags &= (uint16_t)~MESSAGE_RESOLVED;
    if (!life_inherit(life, c))
        tracker_wait(life->tracker, c, life->clock_s);
    site_learn_filter_service(life->site, text_span(set[i - 1].service));
    return true;
}
