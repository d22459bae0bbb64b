/* SPDX-License-Identifier: MIT */
#include "life/link_return.h"

#include "base/mail_address.h"

/* FORWARDS_MAX: the redirects that Sieve allows per mail (sieve_max_redirects is 4), and a few. */
enum { RETURN_SLACK_S = 2, FORWARDS_MAX = 10, DESCENT_MAX = 8 };

/* --- who may have come back, from whom -------------------------------------------------------- */

/* Mail that arrived through pickup or from this host, and that no record has explained yet. */
static bool may_be_child(const struct message *m)
{
    if (message_has(m, MESSAGE_RETURNED) || m->parent.slot)
        return false;
    if (message_has(m, MESSAGE_PICKED_UP))
        return m->origin == ORIGIN_LOCAL;
    return message_has(m, MESSAGE_FROM_HERE) &&
           (m->origin == ORIGIN_TRUSTED || m->origin == ORIGIN_OUTSIDE);
}

/* True if it arrived without a message-id. If Postfix has made one for it since, that tells nothing
 * about where the mail came from. */
static bool came_without_id(const struct message *m)
{
    return message_has(m, MESSAGE_NO_ID | MESSAGE_OWN_ID);
}

/* The key by message-id. A recipient (0: none) distinguishes mail of a sender who uses the same
 * message-id again and again. */
static uint32_t key_of(const struct message *m, uint32_t recipient)
{
    uint64_t h = ((uint64_t)recipient << 32) ^ m->message_id_hash;

    return (uint32_t)hash_mix(h ^ hosts_host(m->source), HASH_ODD_1);
}

/* The key by sender and recipient, for mail without a message-id. */
static uint32_t key_of_sender(const struct lifecycle *life, const struct message *m,
                              uint32_t recipient)
{
    uint64_t h = hash_bytes(intern_span(m->sender), life->tracker->seed);

    return (uint32_t)hash_mix(h ^ ((uint64_t)recipient << 32 | hosts_host(m->source)), HASH_ODD_2);
}

/* The i-th newest message under that key; NULL if there is none, or if it is m. */
static struct message *other(struct lifecycle *life, const struct message *m, uint32_t key, int i)
{
    struct message *o = link_index_get(&life->links, life->tracker, key, i);

    return o && o != m && hosts_host(o->source) == hosts_host(m->source) ? o : NULL;
}

/* p came of c: filters in a row give one message-id to more than two messages. */
static bool is_descendant(struct lifecycle *life, const struct message *p, const struct message *c)
{
    for (int hops = 0; p && hops < DESCENT_MAX; hops++) {
        p = tracker_deref(life->tracker, p->parent);
        if (p == c)
            return true;
    }
    return false;
}

/* True if c may still turn out to have come from p. */
static bool may_be_parent(struct lifecycle *life, const struct message *p, const struct message *c)
{
    return p->begun_s <= c->begun_s + RETURN_SLACK_S && message_has(p, MESSAGE_BEGAN) &&
           !is_descendant(life, p, c);
}

/* --- the decision ----------------------------------------------------------------------------- */

static struct recipient *match_hash(struct message *p, uint32_t hash)
{
    struct recipient *found = tracker_recipient(p, hash);

    return found && found->flags & RECIPIENT_HERE ? found : NULL;
}

/* Mail that now goes to a filter did not come back from that filter. */
static struct recipient *match(struct message *p, const struct recipient *r)
{
    struct recipient *found = match_hash(p, r->hash);

    return found && !(r->door && found->door == r->door) ? found : NULL;
}

static uint32_t count_here(struct message *p)
{
    uint32_t n = 0;

    for (uint16_t i = 0; i < p->recipient_count; i++)
        n += (message_recipients(p)[i].flags & RECIPIENT_HERE) != 0;
    return n;
}

/* Those that something other than a filter took: a mailbox, which may forward. */
static uint32_t count_mailboxes(const struct lifecycle *life, struct message *p)
{
    uint32_t n = 0;

    for (uint16_t i = 0; i < p->recipient_count; i++) {
        const struct recipient *r = &message_recipients(p)[i];
        n += r->flags & RECIPIENT_HERE && !site_door_is_filter(life->site, r->door);
    }
    return n;
}

/* extra: the hash of orig_to= in c's record, or 0. */
static uint32_t count_matches(struct message *p, struct message *c, uint32_t extra)
{
    uint32_t n = extra && match_hash(p, extra);

    for (uint16_t i = 0; i < c->recipient_count; i++)
        n += match(p, &message_recipients(c)[i]) != NULL;
    return n;
}

/* Senders that list managers use: "owner-news", "news-owner", "news-bounces+bob=x",
 * "news-request". */
static bool is_list_sender(struct lifecycle *life, const struct message *c)
{
    static const struct span ends[] = {SPAN("-owner"), SPAN("-bounces"), SPAN("-request"),
                                       SPAN("-bounce"), SPAN("-return")};
    struct span sender = intern_span(c->sender), local = sender;
    ptrdiff_t at = span_find_last(sender, '@'), plus;

    if (at <= 0 || classifier_class_of(&life->judge->classifier, sender) == CLASS_OUTSIDE)
        return false;
    local.len = (size_t)at;
    if (span_starts(local, SPAN("owner-")))
        return true;
    if ((plus = span_find(local, '+')) > 0)
        local.len = (size_t)plus;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (local.len > ends[i].len && span_ends(local, ends[i]))
            return true;
    return false;
}

static bool has_sender(const struct message *m)
{
    return message_has(m, MESSAGE_HAS_SENDER);
}

static bool has_same_sender(const struct message *p, const struct message *c)
{
    return span_equal(intern_span(p->sender), intern_span(c->sender));
}

/* True if a filter has named another client (orig_client=), which is believed. A client that is
 * this host tells nothing. */
static bool names_another(const struct lifecycle *life, const struct message *p,
                          const struct message *c)
{
    struct span its = client_address(intern_span(c->client)),
                before = client_address(intern_span(p->client));

    return message_has(c, MESSAGE_FROM_HERE) && !span_equal(its, before) &&
           !lifecycle_comes_from_itself(life, its) && !lifecycle_comes_from_itself(life, before);
}

/* The origin of c if it came from p; ORIGIN_NONE if it didn't, or if that isn't certain. */
static enum origin relation(struct lifecycle *life, struct message *p, struct message *c,
                            uint32_t extra)
{
    uint32_t here = count_here(p), matches = count_matches(p, c, extra);
    bool known = has_sender(p) && has_sender(c), same = has_same_sender(p, c);
    bool no_id = message_has(p, MESSAGE_NO_ID);

    if (!here || !c->recipient_count || !may_be_parent(life, p, c))
        return ORIGIN_NONE;
    if (no_id ? !came_without_id(c)
              : came_without_id(c) || p->message_id_hash != c->message_id_hash)
        return ORIGIN_NONE;
    if (names_another(life, p, c) || (no_id && p->forwards >= here))
        return ORIGIN_NONE;
    if (matches && (known ? same : !no_id))
        return ORIGIN_FILTER;
    if (!known || no_id) /* only the recipient could tell */
        return ORIGIN_NONE;
    uint32_t most = FORWARDS_MAX * count_mailboxes(life, p);
    if (same && c->recipient_count <= most && p->forwards < most)
        return ORIGIN_FORWARD;
    return is_list_sender(life, c) ? ORIGIN_FORWARD : ORIGIN_NONE;
}

/* The best parent found so far. */
struct finding {
    struct message *parent;
    enum origin origin;
    bool doubtful; /* two fit, and belong to different people */
};

/* Prefers a filter's mail to forwarded mail, and newer to older. Without message-ids, two parents
 * that fit are doubtful, unless both belong to the same client and user. */
static void look_at(struct lifecycle *life, struct message *p, struct message *c, uint32_t extra,
                    struct finding *found)
{
    enum origin origin = p ? relation(life, p, c, extra) : ORIGIN_NONE;

    if (origin == ORIGIN_NONE || p == found->parent)
        return;
    if (found->parent && message_has(p, MESSAGE_NO_ID))
        found->doubtful |= p->client != found->parent->client || p->who != found->parent->who;
    if (!found->parent || (found->origin == ORIGIN_FORWARD && origin == ORIGIN_FILTER)) {
        found->parent = p;
        found->origin = origin;
    }
}

static void look_up(struct lifecycle *life, struct message *c, uint32_t key, uint32_t extra,
                    struct finding *found)
{
    for (int i = 0; i < LINK_WAYS; i++)
        look_at(life, other(life, c, key, i), c, extra, found);
}

static struct message *find_parent(struct lifecycle *life, struct message *c, uint32_t extra,
                                   enum origin *ret)
{
    struct finding found = {.origin = ORIGIN_NONE};
    uint32_t first = c->recipient_count ? message_recipients(c)[0].hash : 0;

    look_up(life, c, key_of(c, first), extra, &found);
    if (extra)
        look_up(life, c, key_of(c, extra), extra, &found);
    if (!found.parent)
        look_up(life, c, key_of(c, 0), extra, &found);
    if (!found.parent)
        look_up(life, c, key_of_sender(life, c, first), extra, &found);
    if (!found.parent && extra)
        look_up(life, c, key_of_sender(life, c, extra), extra, &found);
    if (found.doubtful) {
        lifecycle_refuse_link(life, found.parent, c, "no message-id, and two messages fit");
        return NULL;
    }
    *ret = found.origin;
    return found.parent;
}

/* Mail that a mailbox forwards came for one of ours. */
static void mark_forwarded(struct message *c)
{
    for (uint16_t i = 0; i < c->recipient_count; i++) {
        struct recipient *r = &message_recipients(c)[i];
        if (r->class != CLASS_OURS)
            r->flags |= RECIPIENT_FORWARDED;
    }
}

static void add_forwards(struct message *p, uint32_t n)
{
    p->forwards = p->forwards + n < UINT8_MAX ? p->forwards + n : UINT8_MAX;
}

/* A door that returns mail is a filter: delivery to it tells nothing about whose mail it is. */
static void found_filter(struct lifecycle *life, struct message *p, struct message *c)
{
    uint64_t before = site_generation(life->site);

    for (uint16_t i = 0; i < c->recipient_count; i++) {
        const struct recipient *r = match(p, &message_recipients(c)[i]);
        if (r && r->door)
            site_door_returns(life->site, r->door);
    }
    if (site_generation(life->site) == before)
        return;
    for (uint16_t i = 0; i < c->recipient_count; i++)
        classifier_recipient_again(&life->judge->classifier, &message_recipients(c)[i]);
}

static void link_to(struct lifecycle *life, struct message *p, struct message *c,
                    enum origin origin)
{
    bool resolved = message_has(c, MESSAGE_RESOLVED);

    c->flags |= MESSAGE_RETURNED;
    lifecycle_set_parent(life, c, p, origin, "message-id and sender of a message delivered here");
    if (origin == ORIGIN_FORWARD)
        mark_forwarded(c);
    else
        found_filter(life, p, c);
    if (origin == ORIGIN_FORWARD || message_has(p, MESSAGE_NO_ID))
        add_forwards(p, c->recipient_count);
    if (!resolved && !lifecycle_inherit(life, c))
        tracker_wait(life->tracker, c, life->clock_s);
}

/* c has another recipient after its link was found. No mailbox forwards a mail to more than
 * FORWARDS_MAX recipients, and no filter adds that many: beyond it, somebody borrowed a message-id.
 * Then mail from pickup is a local user's own again, and mail by SMTP belongs to its root. */
static void check_added(struct lifecycle *life, struct message *c)
{
    struct message *p = tracker_deref(life->tracker, c->parent);

    if (!p)
        return;
    if (c->origin == ORIGIN_FORWARD)
        mark_forwarded(c);
    else if (message_has(p, MESSAGE_NO_ID))
        add_forwards(p, 1);
    if (is_list_sender(life, c) ||
        c->recipient_count - count_matches(p, c, 0) <= FORWARDS_MAX * count_here(p))
        return;
    lifecycle_refuse_link(life, p, c, "more recipients than a mailbox or filter here adds");
    for (uint16_t i = 0; i < c->recipient_count; i++)
        if (!(message_recipients(c)[i].flags & RECIPIENT_JUDGED))
            message_recipients(c)[i].flags &= (uint8_t)~RECIPIENT_FORWARDED;
    if (message_has(c, MESSAGE_PICKED_UP))
        lifecycle_unlink(life, c);
    else
        c->origin = ORIGIN_FILTER;
}

/* A message is still there that c may have come from, without a message-id and under the same
 * sender: its own deliveries will tell. */
static bool may_have_come_back(struct lifecycle *life, const struct message *c)
{
    for (int i = 0; i < LINK_WAYS; i++) {
        const struct message *p = other(life, c, key_of_sender(life, c, 0), i);
        if (p && p->state != MESSAGE_GONE && may_be_parent(life, p, c))
            return true;
    }
    return false;
}

/* Looks for the message, delivered already, that c came from. */
static void find_link(struct lifecycle *life, struct message *c, uint32_t extra)
{
    enum origin origin = ORIGIN_NONE;
    struct message *p = find_parent(life, c, extra, &origin);

    if (p) {
        link_to(life, p, c, origin);
    } else if (came_without_id(c) && message_has(c, MESSAGE_PICKED_UP) && has_sender(c) &&
               !may_have_come_back(life, c)) {
        c->flags &= (uint32_t)~MESSAGE_CLAIMED;
        lifecycle_resolve(life, c, ORIGIN_LOCAL);
    }
}

/* recipient: the child's to= or orig_to= that is part of the key, or 0. */
static void look_for_children(struct lifecycle *life, struct message *m, uint32_t key,
                              uint32_t recipient)
{
    for (int i = 0; i < LINK_WAYS; i++) {
        struct message *c = other(life, m, key, i);
        enum origin origin =
            c && message_has(c, MESSAGE_CLAIMED) ? relation(life, m, c, recipient) : ORIGIN_NONE;
        if (origin != ORIGIN_NONE)
            link_to(life, m, c, origin);
    }
}

/* m was delivered here to that recipient. What came back may have been accepted, and even
 * delivered, before the record of m's delivery was logged. */
static void delivered_here(struct lifecycle *life, struct message *m, uint32_t recipient)
{
    bool no_id = message_has(m, MESSAGE_NO_ID);
    uint32_t key = no_id ? key_of_sender(life, m, recipient) : key_of(m, recipient);

    m->flags |= MESSAGE_PARENT;
    lifecycle_index(life, m, key);
    look_for_children(life, m, key, recipient);
    if (!no_id)
        look_for_children(life, m, key_of(m, 0), 0);
}

static void index_by_recipient(struct lifecycle *life, const struct message *c, uint32_t recipient)
{
    lifecycle_index(life, c,
                    came_without_id(c) ? key_of_sender(life, c, recipient) : key_of(c, recipient));
}

void link_return_delivered(struct lifecycle *life, struct message *m, const struct recipient *r,
                           uint32_t extra)
{
    if (message_has(m, MESSAGE_RETURNED)) {
        check_added(life, m);
    } else if (message_has(m, MESSAGE_CLAIMED)) {
        find_link(life, m, extra);
        if (message_has(m, MESSAGE_CLAIMED)) {
            index_by_recipient(life, m, r->hash);
            if (extra)
                index_by_recipient(life, m, extra);
        }
    }
    if (r->flags & RECIPIENT_HERE)
        delivered_here(life, m, r->hash);
}

/* --- names ------------------------------------------------------------------------------------ */

void link_return_sender(struct lifecycle *life, struct message *m)
{
    if (message_has(m, MESSAGE_NO_ID))
        lifecycle_index(life, m, key_of_sender(life, m, 0));
    if (!message_has(m, MESSAGE_CLAIMED) || !m->recipient_count)
        return;
    if (came_without_id(m))
        lifecycle_index(life, m, key_of_sender(life, m, message_recipients(m)[0].hash));
    find_link(life, m, 0); /* its deliveries came first, and did not tell without a sender */
}

static void claim(struct lifecycle *life, struct message *c)
{
    c->flags |= MESSAGE_CLAIMED;
    if (!message_has(c, MESSAGE_RESOLVED))
        tracker_wait(life->tracker, c, life->clock_s);
}

void link_return_named(struct lifecycle *life, struct message *m)
{
    uint32_t key = key_of(m, 0);
    bool claimed = false;

    if (!message_has(m, MESSAGE_HAS_ID_TEXT) || !message_has(m, MESSAGE_BEGAN))
        return;
    if (has_sender(m))
        link_return_sender(life, m);
    /* Mail without a message-id may be anyone's until its first recipient is known. */
    bool child = may_be_child(m), without = came_without_id(m);
    for (int i = 0; i < LINK_WAYS && !message_has(m, MESSAGE_NO_ID); i++) {
        struct message *o = other(life, m, key, i);
        if (!o)
            continue;
        claimed |= child && !without && may_be_parent(life, o, m);
        /* Two processes may log within the same second in either order. */
        if (may_be_child(o) && !came_without_id(o) && may_be_parent(life, m, o) &&
            !message_has(o, MESSAGE_TRIED)) {
            o->flags &= (uint32_t) ~(message_has(o, MESSAGE_PICKED_UP) ? MESSAGE_RESOLVED : 0);
            claim(life, o);
        }
    }
    if (!message_has(m, MESSAGE_NO_ID))
        lifecycle_index(life, m, key);
    if (claimed || (child && without))
        claim(life, m);
    else if (child && message_has(m, MESSAGE_PICKED_UP) && !message_has(m, MESSAGE_RESOLVED))
        lifecycle_resolve(life, m, ORIGIN_LOCAL);
}
