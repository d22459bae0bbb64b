/* SPDX-License-Identifier: MIT */
#include "life/link_hop.h"

#include "life/early_links.h"
#include "life/lifecycle_state.h"
#include "life/link_fleet.h"
#include "life/link_forgotten.h"
#include "life/link_return.h"
#include "track/tracker_ids.h"

enum { QUEUED_AS_MAX = 8, LINK_SLACK_S = 2 };

/* smtpd(8) or pickup(8) took it in, as the log shows. local(8) makes its own. */
static bool is_brought(const struct message *c)
{
    return c->origin == ORIGIN_OUTSIDE || c->origin == ORIGIN_TRUSTED ||
           c->origin == ORIGIN_ACCOUNT || c->origin == ORIGIN_LOCAL;
}

void link_hop_forwarded(struct lifecycle *life, struct message *m, struct queue_id id,
                        struct span forwarder)
{
    struct message *c;
    struct message_ref self = tracker_ref(m);

    if (queue_id_equal(m->id, id))
        return;
    c = tracker_find(life->tracker, m->source, id);
    if (c && c->origin == ORIGIN_FORWARD && c->parent.slot == self.slot)
        return;
    if (c && is_brought(c) && (c->state != MESSAGE_GONE || c->begun_s >= m->begun_s)) {
        lifecycle_refuse_link(life, m, c, "a client or a user here brought it");
        return;
    }
    c = lifecycle_child_for(life, m->source, id);
    m = tracker_deref(life->tracker, self);
    if (!c || !m)
        return;
    lifecycle_set_parent(life, c, m, ORIGIN_FORWARD, "forwarded as");
    if (!c->who) /* a login's mail gets that instead */
        c->who = intern_get(life->tracker->texts, forwarder);
    link_fleet_began(life, c);
    lifecycle_inherit(life, c);
}

static bool has_other_id(const struct message *m, const struct message *c)
{
    return c->message_id_hash != m->message_id_hash && c->message_id_hash && m->message_id_hash &&
           !message_has(m, MESSAGE_NO_ID) && !message_has(c, MESSAGE_NO_ID | MESSAGE_OWN_ID);
}

/* A machine near by brought it, though not the one that answered: behind one address, a balancer's
 * or a cluster's for a service, there may be several. */
static bool is_of_neighbours(const struct message *c, struct span relay_address)
{
    struct address a;

    return c->is_near && address_parse(relay_address, &a) && address_is_private(&a);
}

/* By its message-id, c was linked to what m may have come of, as its delivery was logged before
 * m's: of filters in a row, the last may answer first. */
static bool is_linked_past(const struct message *m, const struct message *c)
{
    return c->origin == ORIGIN_FILTER && message_has(c, MESSAGE_RETURNED) && c->parent.slot &&
           c->parent.slot != tracker_ref(m).slot && !message_has(m, MESSAGE_NO_ID) &&
           c->message_id_hash == m->message_id_hash && m->message_id_hash &&
           span_equal(intern_span(c->sender), intern_span(m->sender));
}

/* c seemed to be what came back of mail that is forgotten, by SMTP. The message-id and recipient of
 * that may have come again. */
static bool is_of_forgotten(const struct message *c)
{
    return link_forgotten_is(c) && message_has(c, MESSAGE_CLAIMED) &&
           !message_has(c, MESSAGE_PICKED_UP);
}

/* Why the message that a reply names can't be the one that went out on this hop; NULL if it can. It
 * must have come from this host (or show the same client, as before Postfix 2.8), have the same
 * message-id, and have been accepted while this one was being delivered. */
static const char *why_not_hop(struct lifecycle *life, const struct message *m,
                               const struct message *c, struct span relay_address)
{
    struct span address = client_address(intern_span(c->client));

    if (c->origin == ORIGIN_OUTSIDE || c->origin == ORIGIN_TRUSTED || is_of_forgotten(c)) {
        if (!message_has(c, MESSAGE_FROM_HERE) && !clients_of(&life->judge->clients, c)->is_self &&
            !(address.len && span_equal(address, relay_address)) && c->client != m->client &&
            !is_of_neighbours(c, relay_address))
            return "it did not come from this host";
    } else if (c->origin != ORIGIN_FILTER ||
               (c->parent.slot != tracker_ref(m).slot && !is_linked_past(m, c))) {
        return "its origin is known already";
    }
    if (has_other_id(m, c))
        return "it has a different message-id";
    if (c->begun_s + LINK_SLACK_S < m->begun_s || c->begun_s > life->now_s + LINK_SLACK_S)
        return "it was not accepted while the other was being delivered";
    return NULL;
}

/* The message with that ID that m continued as. Each queue of the host may have one: takes the
 * newest that fits. NULL if none fits, with the reason traced, or if its acceptance may still
 * come. */
static struct message *find_hop(struct lifecycle *life, struct message *m, struct queue_id id,
                                struct span relay, bool *ret_early)
{
    struct message *found = NULL, *misfit = NULL, *c;
    const char *why = NULL, *why_not;
    uint32_t at = 0;

    while ((c = tracker_find_all(life->tracker, m->source, id, &at)) != NULL) {
        if (c == m || c->origin == ORIGIN_NONE)
            continue;
        why_not = why_not_hop(life, m, c, relay);
        if (!why_not && (!found || c->serial > found->serial))
            found = c;
        if (why_not && (!misfit || c->serial > misfit->serial)) {
            misfit = c;
            why = why_not;
        }
    }
    *ret_early = !found && !misfit;
    if (misfit && !found)
        lifecycle_refuse_link(life, m, misfit, why);
    return found;
}

static void keep(struct lifecycle *life, const struct message *m, struct queue_id id,
                 struct span relay)
{
    early_links_keep(life, (struct early_link){.kind = EARLY_HOP,
                                               .source = m->source,
                                               .parent = m->id,
                                               .child = id,
                                               .client = intern_get(life->tracker->texts, relay)});
}

/* ret_early: as find_hop says. */
static bool link_hop(struct lifecycle *life, struct message *m, struct queue_id id,
                     struct span relay, const char *evidence, bool *ret_early)
{
    struct message *c = find_hop(life, m, id, relay, ret_early);

    if (!c)
        return false;
    if (!message_has(c, MESSAGE_RESOLVED)) { /* m's record, once it is noted, wakes it */
        life->counters.lost_returns -= is_of_forgotten(c);
        lifecycle_set_parent(life, c, m, ORIGIN_FILTER, evidence);
    } else if (c->origin != ORIGIN_FILTER && c->client == m->client && !c->parent.slot) {
        /* It names the client itself (orig_client=, or before 2.8): link them to count once. */
        lifecycle_set_parent(life, c, m, ORIGIN_FILTER, evidence);
    } else if (c->origin != ORIGIN_FILTER) {
        life->counters.late_links++;
    } else if (is_linked_past(m, c) && !message_has(m, MESSAGE_RESOLVED)) {
        m->whole = c->whole; /* it may have been counted */
        c->flags &= (uint32_t)~MESSAGE_RETURNED;
        lifecycle_set_parent(life, c, m, ORIGIN_FILTER, evidence);
    }
    return true;
}

/* Of "name[address]:port". Any name may be there, even one that begins with "]". */
static struct span address_of(struct span relay)
{
    struct span rest = span_skip(relay, (size_t)(span_find(relay, '[') + 1));
    ptrdiff_t close = span_find(rest, ']');

    return span_head(rest, close > 0 ? (size_t)close : 0);
}

bool link_hop_queued_as(struct lifecycle *life, struct message *m, const struct record *rec)
{
    struct span reply = rec->reply;
    struct queue_id id;
    struct span relay = address_of(rec->relay);
    bool named = false, early;

    for (int i = 0; i < QUEUED_AS_MAX && record_queued_as(&reply, &id); i++) {
        named |= link_hop(life, m, id, relay, "queued as", &early);
        if (early)
            keep(life, m, id, relay);
    }
    return named;
}

bool link_hop_names_one_of_ours(const struct lifecycle *life, const struct message *m,
                                const struct record *rec)
{
    struct span reply = rec->reply;
    struct queue_id id;

    for (int i = 0; i < QUEUED_AS_MAX && record_queued_as(&reply, &id); i++) {
        uint32_t at = 0;
        if (!queue_id_equal(m->id, id) && tracker_find_all(life->tracker, m->source, id, &at))
            return true;
    }
    return false;
}

/* Mail that came from here and may turn out to be another message's: its deliveries will tell, and
 * they are logged under the new ID. */
static void go_on_as(struct lifecycle *life, struct message *m, struct message *c)
{
    c->origin = m->origin;
    c->flags |= m->flags & (MESSAGE_BEGAN | MESSAGE_PICKED_UP | MESSAGE_FROM_HERE);
    c->is_near = m->is_near;
    c->is_named = m->is_named;
    c->begun_s = m->begun_s;
    c->uid = m->uid;
    c->client = intern_ref(m->client);
    c->who = intern_ref(m->who);
    mail_headers_goes_on(&life->judge->headers, life->tracker, c, m);
    link_return_named(life, c);
}

/* MailScanner moves the queue file: OLD continues as NEW, without an acceptance or a message-id. */
static void requeued(struct lifecycle *life, struct message *m, struct queue_id id)
{
    struct message_ref self = tracker_ref(m);
    struct message *c = lifecycle_child_for(life, m->source, id);

    m = tracker_deref(life->tracker, self);
    if (!c || !m)
        return;
    tracker_copy_message_id(life->tracker, c, m);
    if (message_has(m, MESSAGE_CLAIMED)) {
        go_on_as(life, m, c);
        lifecycle_leave_queue(life, m);
        return;
    }
    lifecycle_set_parent(life, c, m, ORIGIN_FILTER, "MailScanner: Requeue");
    lifecycle_leave_queue(life, m);
    lifecycle_inherit(life, c);
    link_return_named(life, c);
}

static bool is_on_hold(const struct message *m)
{
    return message_has(m, MESSAGE_BEGAN) && m->state == MESSAGE_HELD;
}

void link_hop_filtered(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = lifecycle_find_on_host(life, source, rec->id);
    bool amavis = rec->program == PROGRAM_AMAVIS, early = false;

    if (queue_id_equal(rec->id, rec->link))
        return;
    if (m && amavis) {
        if (link_hop(life, m, rec->link, SPAN_NONE, "amavis: queued_as", &early))
            lifecycle_wake_children(life, tracker_ref(m));
        if (early)
            keep(life, m, rec->link, SPAN_NONE);
    } else if (m && is_on_hold(m)) {
        requeued(life, m, rec->link);
    } else if (!m || !message_has(m, MESSAGE_BEGAN) || m->state == MESSAGE_NEW) {
        early_links_keep(life, (struct early_link){.kind = amavis ? EARLY_HOP : EARLY_REQUEUE,
                                                   .source = source,
                                                   .parent = rec->id,
                                                   .child = rec->link});
    }
}

bool link_hop_again(struct lifecycle *life, const struct early_link *link)
{
    struct message *m = lifecycle_find_on_host(life, link->source, link->parent);
    struct message *c = lifecycle_find_on_host(life, link->source, link->child);
    bool early;

    if (!m || (link->kind == EARLY_REQUEUE && !is_on_hold(m)))
        return false;
    if (link->kind == EARLY_REQUEUE) {
        requeued(life, m, link->child);
        return true;
    }
    if (!c || !message_has(c, MESSAGE_BEGAN) || !c->message_id_hash ||
        !m->message_id_hash) /* has_other_id must be able to tell */
        return false;
    if (link_hop(life, m, link->child, intern_span(link->client), "queued as, named before",
                 &early))
        lifecycle_wake_children(life, tracker_ref(m));
    return true;
}
