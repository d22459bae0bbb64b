/* SPDX-License-Identifier: MIT */
/*
 * Content filters without SMTP: a program gets mail from pipe(8) and gives it back by sendmail(1),
 * as Postfix's FILTER_README shows it first. No record names the new queue file. What the two have
 * in common is the message-id and the recipient, and that pipe(8) delivered the one before the
 * other is delivered at all.
 *
 * Only a service that the settings name is a filter. To guess one would let a stranger, who writes
 * message-ids and chooses recipients, say whose mail is whose.
 */
#include "life/link_pipe.h"

static uint32_t key_of(const struct lifecycle *life, uint32_t message_id_hash,
                       struct span recipient)
{
    uint64_t seed = life->tracker->seed;

    return (uint32_t)hash_mix(hash_nocase(recipient, seed) ^ message_id_hash, HASH_ODD_1);
}

static struct piped_link *set_of(struct lifecycle *life, uint32_t key)
{
    return &life->piped[key % (PIPED_MAX / PIPED_WAYS) * PIPED_WAYS];
}

void link_pipe_given(struct lifecycle *life, struct message *m, const struct record *rec)
{
    uint32_t key = key_of(life, m->message_id_hash, rec->recipient), last = 0;
    struct piped_link *set = set_of(life, key);

    while (last < PIPED_WAYS - 1 && (set[last].ref.slot != m->slot || set[last].key != key))
        last++;
    memmove(set + 1, set, last * sizeof(*set));
    set[0] = (struct piped_link){tracker_ref(m), key};
    m->flags |= MESSAGE_PARENT;
}

/* The latest message of that id that a filter got for that recipient. */
static struct message *find(struct lifecycle *life, const struct message *c,
                            uint32_t message_id_hash, struct span recipient)
{
    uint32_t key = key_of(life, message_id_hash, recipient);
    const struct piped_link *set = set_of(life, key);

    for (uint32_t i = 0; message_id_hash && recipient.len && i < PIPED_WAYS; i++) {
        struct message *m = set[i].key == key ? tracker_deref(life->tracker, set[i].ref) : NULL;
        if (m && m != c && m->message_id_hash == message_id_hash &&
            hosts_host(m->source) == hosts_host(c->source))
            return m;
    }
    return NULL;
}

/* Mail without a message-id gets one when sendmail(1) brings it: there the sender has to agree. */
static struct message *find_giver(struct lifecycle *life, const struct message *c,
                                  const struct record *rec)
{
    const struct span to[] = {rec->recipient, rec->orig_recipient};
    struct message *m = NULL;

    for (int i = 0; !m && i < 2; i++)
        m = find(life, c, c->message_id_hash, to[i]);
    for (int i = 0; !m && i < 2; i++) {
        m = find(life, c, tracker_id_hash(life->tracker, SPAN("<>")), to[i]);
        if (m && !span_equal(intern_span(m->sender), intern_span(c->sender)))
            m = NULL;
    }
    return m;
}

/* A recipient that no filter was given: it is a local user's mail after all. What was counted until
 * now stays where it is. */
static void take_back(struct lifecycle *life, struct message *c)
{
    intern_put(life->tracker->texts, c->client);
    intern_put(life->tracker->texts, c->who);
    c->client = c->who = NULL;
    c->parent = c->whole = (struct message_ref){0, 0};
    c->flags &= (uint32_t)~MESSAGE_COUNTED;
    c->origin = ORIGIN_LOCAL;
    life->counters.children--;
    lifecycle_refuse_link(life, NULL, c, "a recipient that the filter was not given");
    lifecycle_resolve(life, c, ORIGIN_LOCAL);
}

static bool has_recipient(const struct lifecycle *life, struct message *m, struct span recipient)
{
    uint32_t hash = (uint32_t)hash_nocase(recipient, life->tracker->seed);

    return recipient.len && tracker_recipient(m, hash);
}

/* Whether the record names a recipient that the filter was not given, as far as can be told. */
static bool is_foreign(const struct lifecycle *life, struct message *c, struct message *parent,
                       const struct record *rec)
{
    return parent && parent->recipient_count < life->tracker->limits.recipients &&
           !has_recipient(life, c, rec->recipient) &&
           !has_recipient(life, parent, rec->recipient) &&
           !has_recipient(life, parent, rec->orig_recipient);
}

void link_pipe_returned(struct lifecycle *life, struct message *c, const struct record *rec)
{
    if (!message_has(c, MESSAGE_PICKED_UP))
        return;
    if (c->origin == ORIGIN_FILTER) {
        if (is_foreign(life, c, tracker_deref(life->tracker, c->parent), rec))
            take_back(life, c);
        return;
    }
    /* What goes to a filter has not come from it. */
    bool to_filter = rec->program == PROGRAM_PIPE && site_is_filter_service(life->site, rec->relay);
    bool may_be = c->origin == ORIGIN_LOCAL && !message_has(c, MESSAGE_TRIED) && !to_filter;
    struct message *m = may_be ? find_giver(life, c, rec) : NULL;
    if (!m)
        return;
    lifecycle_set_parent(life, c, m, ORIGIN_FILTER,
                         "pipe service, then pickup: message-id and recipient");
    c->flags &= (uint32_t)~MESSAGE_RESOLVED;
    if (!lifecycle_inherit(life, c))
        tracker_wait(life->tracker, c, life->clock_s);
}
