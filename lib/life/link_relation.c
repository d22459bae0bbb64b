/* SPDX-License-Identifier: MIT */
#include "life/link_relation.h"

#include "base/mail_address.h"
#include "life/hops.h"
#include "life/link_keys.h"
#include "site/site_doors.h"

/* RETURN_SLACK_S: two processes may log in either order. DESCENT_MAX: filters in a row. */
enum { RETURN_SLACK_S = 2, DESCENT_MAX = 8 };

bool relation_may_be_child(const struct message *m)
{
    if (message_has(m, MESSAGE_RETURNED) || m->parent.slot)
        return false;
    if (message_has(m, MESSAGE_PICKED_UP))
        return m->origin == ORIGIN_LOCAL;
    return (message_has(m, MESSAGE_FROM_HERE) || m->is_near) &&
           (m->origin == ORIGIN_TRUSTED || m->origin == ORIGIN_OUTSIDE);
}

bool relation_came_without_id(const struct message *m)
{
    return message_has(m, MESSAGE_NO_ID | MESSAGE_OWN_ID);
}

uint64_t relation_key(const struct lifecycle *life, const struct message *c, uint64_t recipient)
{
    return relation_came_without_id(c) ? link_key_of_sender(life, c, recipient)
                                       : link_key(c, recipient);
}

bool relation_is_descendant(struct lifecycle *life, const struct message *p,
                            const struct message *c)
{
    for (int hops = 0; p && hops < DESCENT_MAX; hops++) {
        p = tracker_deref(life->tracker, p->parent);
        if (p == c)
            return true;
    }
    return false;
}

/* Of two that came from here in one second, the first line tells which was first, unless Postfix
 * made the message-id for p: all others got it from there. */
static bool is_later(const struct message *p, const struct message *c)
{
    return p->begun_s >= c->begun_s && p->serial > c->serial &&
           message_has(p, MESSAGE_PICKED_UP | MESSAGE_FROM_HERE) && !message_has(p, MESSAGE_OWN_ID);
}

static bool came_in_time(struct lifecycle *life, const struct message *p, const struct message *c)
{
    return p->begun_s <= c->begun_s + RETURN_SLACK_S && message_has(p, MESSAGE_BEGAN) &&
           !relation_is_descendant(life, p, c);
}

/* Nothing on this host took it, so that nothing from this host came of it but what a reply
 * named. */
static bool has_left(const struct lifecycle *life, struct message *c)
{
    bool here = false;

    for (uint16_t i = 0; i < c->recipient_count; i++) {
        const struct recipient *r = &message_recipients(c)[i];
        here |= r->flags & RECIPIENT_HERE ? !site_door_is_near(life->site, r->door)
                                          : r->flags & RECIPIENT_HANDED && r->status != STATUS_SENT;
    }
    return c->recipient_count && !here;
}

/* Within a second, what left was last, whichever line was first; so was what went on as another
 * than p, which is no descendant of c. */
bool relation_may_be_parent(struct lifecycle *life, const struct message *p, struct message *c)
{
    return came_in_time(life, p, c) && (!is_later(p, c) || has_left(life, c));
}

static struct recipient *match_hash(struct message *p, uint64_t hash)
{
    struct recipient *found = tracker_recipient(p, hash);

    return found && found->flags & RECIPIENT_HERE ? found : NULL;
}

struct recipient *relation_match(struct message *p, const struct recipient *r)
{
    struct recipient *found = match_hash(p, r->hash);

    return found && !(r->door && found->door == r->door) ? found : NULL;
}

uint64_t relation_orig(const struct lifecycle *life, const struct recipient *r)
{
    uint64_t hash = r->flags & RECIPIENT_ADDRESS
                        ? hash_nocase(intern_span(r->text), life->tracker->seed)
                        : r->hash;

    return hash == r->hash ? 0 : hash;
}

/* A mailbox does not forward mail to itself. */
static bool is_for_the_same_mailbox(struct message *p, struct message *c)
{
    for (uint16_t i = 0; i < c->recipient_count; i++)
        if (match_hash(p, message_recipients(c)[i].hash) &&
            !relation_match(p, &message_recipients(c)[i]))
            return true;
    return false;
}

static uint32_t count_here(struct message *p)
{
    uint32_t n = 0;

    for (uint16_t i = 0; i < p->recipient_count; i++)
        n += (message_recipients(p)[i].flags & RECIPIENT_HERE) != 0;
    return n;
}

bool relation_is_mailbox(const struct lifecycle *life, const struct recipient *r)
{
    return (r->flags & (RECIPIENT_HERE | RECIPIENT_HANDED)) == RECIPIENT_HERE &&
           !site_door_is_filter(life->site, r->door);
}

static bool has_mailbox(const struct lifecycle *life, struct message *p)
{
    for (uint16_t i = 0; i < p->recipient_count; i++)
        if (relation_is_mailbox(life, &message_recipients(p)[i]))
            return true;
    return false;
}

uint32_t relation_matches(struct message *p, struct message *c, uint64_t extra)
{
    uint32_t n = extra && match_hash(p, extra);

    for (uint16_t i = 0; i < c->recipient_count; i++)
        n += relation_match(p, &message_recipients(c)[i]) != NULL;
    return n;
}

uint32_t relation_known(struct message *p, struct message *c, uint64_t extra)
{
    uint32_t n = extra && tracker_recipient(p, extra);

    for (uint16_t i = 0; i < c->recipient_count; i++)
        n += tracker_recipient(p, message_recipients(c)[i].hash) != NULL;
    return n;
}

static bool is_still_there(const struct recipient *r)
{
    return r && !r->came_back;
}

bool relation_has_come_back(struct message *p, struct message *c, uint64_t extra)
{
    bool any = extra && is_still_there(match_hash(p, extra));

    for (uint16_t i = 0; i < c->recipient_count; i++)
        any |= is_still_there(relation_match(p, &message_recipients(c)[i]));
    return !any;
}

static void set_came_back(struct recipient *r, bool to)
{
    if (r)
        r->came_back = to;
}

void relation_set_come_back(struct message *p, struct message *c, uint64_t extra, bool to)
{
    if (extra)
        set_came_back(match_hash(p, extra), to);
    for (uint16_t i = 0; i < c->recipient_count; i++)
        set_came_back(relation_match(p, &message_recipients(c)[i]), to);
}

void relation_came_back_before(struct lifecycle *life, const struct message *p, struct recipient *r)
{
    uint64_t key = lifecycle_key_of_children(tracker_ref(p));

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *c = link_index_take(&life->links, life->tracker, key, &at);
        if (!c || !lifecycle_is_child_of(c, tracker_ref(p)) || c->origin != ORIGIN_FILTER)
            continue;
        const struct recipient *same = tracker_recipient(c, r->hash);
        r->came_back |= same || (!message_has(c, MESSAGE_RETURNED) && !c->recipient_count);
        if (same && same->flags & RECIPIENT_COUNTED && !(r->flags & RECIPIENT_JUDGED))
            r->flags |= RECIPIENT_HANDED; /* c counts */
    }
}

static bool has_same_sender(const struct message *p, const struct message *c)
{
    return span_equal(intern_span(p->sender), intern_span(c->sender));
}

/* A program took p, and not a mailbox, and may send it on under that sender: one of ours, or of the
 * domain that p was for. */
static bool is_by_program(struct lifecycle *life, struct message *p, struct span sender)
{
    enum domain_class class = classifier_class_of(&life->judge->classifier, sender);
    struct span domain = mail_address_domain(sender);

    for (uint16_t i = 0; i < p->recipient_count; i++) {
        const struct recipient *r = &message_recipients(p)[i];
        if (r->by_program && relation_is_mailbox(life, r) &&
            (class == CLASS_OURS || class == CLASS_RELAY_DOMAIN ||
             (!(r->flags & RECIPIENT_ADDRESS) && span_equal_nocase(intern_span(r->text), domain))))
            return true;
    }
    return false;
}

/* Mail that is forwarded keeps its sender. Or it gets that of the mailbox that forwards it, or the
 * sender rewritten by SRS, so that SPF holds. A program may give it any sender of ours. */
static bool has_sender_of_forward(struct lifecycle *life, struct message *p,
                                  const struct message *c)
{
    struct span was = intern_span(p->sender), is = intern_span(c->sender);

    if (span_equal(was, is))
        return true;
    if (!is.len)
        return false;
    const struct recipient *own = match_hash(p, hash_nocase(is, life->tracker->seed));
    if ((own && relation_is_mailbox(life, own)) || mail_address_is_srs_of(is, was))
        return true;
    return !mail_address_list(is).len /* of another list */ && is_by_program(life, p, is);
}

/* A program here, or a machine near by, brought both by SMTP: its own mail is not forwarded by what
 * it sent it to, unless that is a list. What p came of may be known later. */
static bool is_of_same_client(const struct message *p, const struct message *c)
{
    if (p->parent.slot || message_has(c, MESSAGE_PICKED_UP))
        return false;
    return c->is_near ? p->is_near && span_equal(client_address(intern_span(p->client)),
                                                 client_address(intern_span(c->client)))
                      : message_has(p, MESSAGE_FROM_HERE) && !p->is_named;
}

/* True if a filter has named another client (orig_client=), which is believed. A client that is
 * this host tells nothing. */
static bool names_another(struct lifecycle *life, const struct message *p, const struct message *c)
{
    struct clients *clients = &life->judge->clients;

    return c->is_named &&
           !span_equal(client_address(intern_span(c->client)),
                       client_address(intern_span(p->client))) &&
           !clients_of(clients, c)->is_self && !clients_of(clients, p)->is_self;
}

/* That recipient was delivered to where c came from: this host, or the same machine. */
static bool is_way_back(struct lifecycle *life, const struct recipient *r, const struct message *c)
{
    if (!(r->flags & RECIPIENT_HERE))
        return false;
    return c->is_near ? site_door_is_at(life->site, r->door, client_address(intern_span(c->client)))
                      : !site_door_is_near(life->site, r->door);
}

/* That recipient was delivered to one machine, and c came from another that takes our mail, too:
 * one node of a mail server redirects what another one took. */
static bool is_way_to_neighbour(struct lifecycle *life, const struct recipient *r,
                                const struct message *c)
{
    return r->flags & RECIPIENT_HERE && c->is_near && site_door_is_near(life->site, r->door) &&
           site_has_door_at(life->site, client_address(intern_span(c->client)));
}

typedef bool way(struct lifecycle *life, const struct recipient *r, const struct message *c);

static bool has_way(way *is_way, struct lifecycle *life, struct message *p, const struct message *c)
{
    for (uint16_t i = 0; i < p->recipient_count; i++)
        if (is_way(life, &message_recipients(p)[i], c))
            return true;
    return false;
}

/* A relay host near by, which brings nothing back. */
static bool is_relay_host(struct site *site, uint8_t door)
{
    return site_door_is_told(site, door) || site_door_leads_away(site, door, 0);
}

/* Behind a balancer's address, smtp(8) reaches filters that bring mail back from their own. */
static bool may_come_back_from_another(struct lifecycle *life, struct message *p,
                                       const struct message *c)
{
    if (!c->is_near || site_has_door_at(life->site, client_address(intern_span(c->client))))
        return false;
    for (uint16_t i = 0; i < p->recipient_count; i++) {
        const struct recipient *r = &message_recipients(p)[i];
        if (r->flags & RECIPIENT_HERE && site_door_is_near_by_smtp(life->site, r->door) &&
            !is_relay_host(life->site, r->door))
            return true;
    }
    return false;
}

bool relation_may_claim(struct lifecycle *life, struct message *o, const struct message *c)
{
    /* Where it goes may tell, whichever line was first. */
    return came_in_time(life, o, c) &&
           (!c->is_near || !message_has(o, MESSAGE_TRIED) ||
            (o->is_near && (o->parent.slot || message_has(o, MESSAGE_CLAIMED))) ||
            has_way(is_way_back, life, o, c) || has_way(is_way_to_neighbour, life, o, c) ||
            may_come_back_from_another(life, o, c));
}

/* A mail server near by forwards what came for one of its own mailboxes. */
static bool may_be_forwarded(struct lifecycle *life, struct message *p, const struct message *c)
{
    for (uint16_t i = 0; c->is_near && i < p->recipient_count; i++) {
        const struct recipient *r = &message_recipients(p)[i];
        bool outside = !(r->flags & RECIPIENT_ADDRESS) && /* a filter has it */
                       site_is_outside(life->site, intern_span(r->text));
        if ((r->class == CLASS_OURS || r->class == CLASS_RELAY_DOMAIN) && !outside &&
            (is_way_back(life, r, c) || is_way_to_neighbour(life, r, c)))
            return true;
    }
    return !c->is_near;
}

/* taken: something else has come back from another machine in c's place. */
static enum origin relation(struct lifecycle *life, struct message *p, struct message *c,
                            uint64_t extra, bool taken)
{
    uint32_t here = count_here(p), matches = relation_matches(p, c, extra);
    bool known = message_has(p, MESSAGE_HAS_SENDER) && message_has(c, MESSAGE_HAS_SENDER);
    bool same = has_same_sender(p, c), no_id = message_has(p, MESSAGE_NO_ID);

    if (!here || !c->recipient_count || !relation_may_be_parent(life, p, c))
        return ORIGIN_NONE;
    if (no_id ? !relation_came_without_id(c)
              : relation_came_without_id(c) || p->message_id_hash != c->message_id_hash)
        return ORIGIN_NONE;
    if (names_another(life, p, c) || (no_id && p->forwards >= here))
        return ORIGIN_NONE;
    if (!has_way(is_way_back, life, p, c) && (matches || !has_way(is_way_to_neighbour, life, p, c)))
        return matches && known && same && may_come_back_from_another(life, p, c) &&
                       relation_has_come_back(p, c, extra) == taken
                   ? ORIGIN_FILTER
                   : ORIGIN_NONE;
    if (matches && (known ? same : !no_id))
        return hops_have_passed(life->judge, p, c) ? ORIGIN_NONE : ORIGIN_FILTER;
    if (!known || no_id) /* only the recipient could tell */
        return ORIGIN_NONE;
    if (hops_is_of_same_user(p, c) || !may_be_forwarded(life, p, c))
        return ORIGIN_NONE;
    enum hops_list list = hops_list_of(life->judge, p, c);
    if (list == HOPS_LIST)
        return ORIGIN_FORWARD;
    bool some =
        list == HOPS_SMALL_LIST || (has_mailbox(life, p) && !is_for_the_same_mailbox(p, c) &&
                                    has_sender_of_forward(life, p, c));
    return some && !is_of_same_client(p, c) && hops_may_add(life->judge, p, c->recipient_count)
               ? ORIGIN_FORWARD
               : ORIGIN_NONE;
}

enum origin relation_of(struct lifecycle *life, struct message *p, struct message *c,
                        uint64_t extra)
{
    return relation(life, p, c, extra, false);
}

bool relation_may_be_between(struct lifecycle *life, struct message *p, struct message *c,
                             uint64_t extra)
{
    return relation(life, p, c, extra, true) == ORIGIN_FILTER;
}

bool relation_is_only_one(struct lifecycle *life, const struct message *p)
{
    uint64_t key = link_key(p, 0);
    int roots = 0;

    if (message_has(p, MESSAGE_NO_ID))
        return false;
    for (uint32_t at = link_index_first(&life->links, key); at && roots < 2;) {
        const struct message *o = link_index_take(&life->links, life->tracker, key, &at);
        roots += o && o->message_id_hash == p->message_id_hash && !o->is_near &&
                 !message_has(o, MESSAGE_PICKED_UP | MESSAGE_FROM_HERE);
    }
    return roots == 1;
}

static struct span domain_of(const struct recipient *r)
{
    struct span text = intern_span(r->text);

    return r->flags & RECIPIENT_ADDRESS ? mail_address_domain(text) : text;
}

void relation_gave_back(struct lifecycle *life, const struct message *p, const struct message *c,
                        const struct recipient *r)
{
    /* Lines of one second come in any order: what comes after a mailbox was before it. */
    if (!r->door || r->stays || !hops_may_be_from(life->site, r, p, c))
        return;
    if (message_has(c, MESSAGE_PICKED_UP) && !hops_is_of_same_user(p, c))
        site_door_is_brought_back_by(life->site, r->door, hops_own_uid(c));
    if (site_door_is_filter(life->site, r->door) || site_door_keeps(life->site, r->door))
        return;
    if (site_door_is_socket(life->site, r->door))
        site_socket_returns(life->site, r->door, domain_of(r), relation_is_only_one(life, p));
    else
        site_door_returns(life->site, r->door);
}

/* d, which came of p, may have come of c. Of two from machines near by, the first line tells which
 * was first. */
static bool is_after(struct lifecycle *life, struct message *p, struct message *c,
                     struct message *d)
{
    /* What orig_to= of d's record was is not kept. */
    uint64_t extra = relation_matches(p, d, 0) ? 0 : message_recipients(c)[0].hash;

    return d != c && (!c->is_near || d->serial > c->serial) &&
           lifecycle_is_child_of(d, tracker_ref(p)) && message_has(d, MESSAGE_RETURNED) &&
           d->origin == ORIGIN_FILTER && relation_of(life, c, d, extra) == ORIGIN_FILTER;
}

struct message *relation_after(struct lifecycle *life, struct message *p, struct message *c)
{
    uint64_t key = lifecycle_key_of_children(tracker_ref(p));

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *d = link_index_take(&life->links, life->tracker, key, &at);
        if (d && is_after(life, p, c, d))
            return d;
    }
    return NULL;
}
