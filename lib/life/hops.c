/* SPDX-License-Identifier: MIT */
#include "life/hops.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mail_address.h"
#include "judge/lists.h"
#include "site/site_doors.h"

/* ADDED_MAX: Sieve allows 4 redirects per mail (sieve_max_redirects). */
enum { ADDED_MAX = 10, TOP_HOPS_MAX = 64 };

/* --- who brought it --------------------------------------------------------------------------- */

void hops_keep_uid(struct interns *texts, struct message *m)
{
    char text[sizeof("4294967295")];

    if (m->who || !message_has(m, MESSAGE_PICKED_UP))
        return;
    int len = snprintf(text, sizeof(text), "%" PRIu32, m->uid);
    m->who = intern_get(texts, span_of(text, (size_t)len));
}

uint32_t hops_own_uid(const struct message *m)
{
    struct span text = intern_span(message_who(m, WHO_OWN_UID));
    uint64_t uid;

    return message_has(m, MESSAGE_PICKED_UP) && span_take_number(&text, &uid) ? (uint32_t)uid
                                                                              : m->uid;
}

static bool is_of_another_host(const struct message *m, const struct message *parent)
{
    return parent && hosts_host(m->source) != hosts_host(parent->source);
}

/* Nobody logged in for it, so there is room for the machine near by, or the other host. */
static bool has_room_for_bringer(const struct message *m, const struct message *parent,
                                 enum origin root)
{
    return ((m->is_near && message_has(m, MESSAGE_RETURNED)) || is_of_another_host(m, parent)) &&
           m->origin != ORIGIN_BOUNCE && root != ORIGIN_ACCOUNT && root != ORIGIN_LOCAL;
}

bool hops_keep_bringer(struct message *m, const struct message *parent)
{
    if (!has_room_for_bringer(m, parent, (enum origin)parent->root))
        return false;
    if (!m->who)
        m->who = intern_ref(m->client);
    return true;
}

/* Mail that a machine near by brought back had been delivered there, or to another of its kind.
 * Empty: nobody knows any more. */
static struct span name_of_bringer(struct judge *judge, const struct message *m)
{
    const struct site *site = judge->classifier.site;
    struct message *p = tracker_deref(judge->tracker, m->parent);
    const struct intern *bringer = message_who(m, WHO_BRINGER);

    if (bringer && has_room_for_bringer(m, p, (enum origin)m->root))
        return intern_span(bringer);
    if (is_of_another_host(m, p) && !m->is_near)
        return SPAN_NONE;
    for (uint16_t i = 0; m->is_near && p && i < p->recipient_count; i++) {
        uint8_t door = message_recipients(p)[i].door;
        struct span name = site_door_name(site, door);
        if (site_door_is_near(site, door))
            return span_head(name, (size_t)span_find(name, ']') + 1);
    }
    return SPAN("localhost[127.0.0.1]");
}

void hops_take_back_client(struct judge *judge, struct message *m)
{
    struct interns *texts = judge->tracker->texts;
    struct span name = name_of_bringer(judge, m);

    intern_put(texts, m->client);
    m->client = message_has(m, MESSAGE_PICKED_UP) || !name.len ? NULL : intern_get(texts, name);
}

enum origin hops_own_origin(struct judge *judge, const struct message *m)
{
    return message_has(m, MESSAGE_PICKED_UP)     ? ORIGIN_LOCAL
           : clients_of(&judge->clients, m)->why ? ORIGIN_TRUSTED
                                                 : ORIGIN_OUTSIDE;
}

bool hops_is_of_same_user(const struct message *p, const struct message *c)
{
    enum origin root = (enum origin)(message_has(p, MESSAGE_RESOLVED) ? p->root : p->origin);

    return message_has(c, MESSAGE_PICKED_UP) && root == ORIGIN_LOCAL && p->uid == hops_own_uid(c);
}

static bool goes_where_it_went(struct message *before, struct message *c)
{
    for (uint16_t i = 0; i < c->recipient_count; i++) {
        const struct recipient *r = &message_recipients(c)[i];
        const struct recipient *same = r->door ? tracker_recipient(before, r->hash) : NULL;
        if (same && same->door == r->door)
            return true;
    }
    return false;
}

bool hops_have_passed(struct judge *judge, const struct message *p, struct message *c)
{
    struct message *before = tracker_deref(judge->tracker, p->parent);

    for (int hops = 0; before && hops < HOPS_MAX; hops++) {
        if (goes_where_it_went(before, c))
            return true;
        before = tracker_deref(judge->tracker, before->parent);
    }
    return false;
}

/* --- how much may be added -------------------------------------------------------------------- */

uint64_t hops_hash_of_list(const struct judge *judge, const struct message *c)
{
    struct span list = mail_address_list(intern_span(c->sender));

    return list.len ? lists_hash(judge, list, mail_address_domain(intern_span(c->sender))) : 0;
}

/* True if that is the list's address, at any of our domains: an alias may lead to localhost. */
static bool is_list(const struct judge *judge, const struct recipient *r, struct span list)
{
    struct span text = intern_span(r->text);

    return r->hash ==
           lists_hash(judge, list, r->flags & RECIPIENT_ADDRESS ? mail_address_domain(text) : text);
}

/* p's recipient that is the list under whose sender c is. */
static const struct recipient *list_in(const struct judge *judge, struct message *p,
                                       struct span list)
{
    for (uint16_t i = 0; i < p->recipient_count; i++)
        if (message_recipients(p)[i].flags & RECIPIENT_HERE &&
            is_list(judge, &message_recipients(p)[i], list))
            return &message_recipients(p)[i];
    return NULL;
}

enum hops_list hops_list_of(struct judge *judge, struct message *p, const struct message *c)
{
    struct span list = mail_address_list(intern_span(c->sender));
    bool person = message_has(c, MESSAGE_PICKED_UP) && lists_is_person(hops_own_uid(c));

    if (!list.len ||
        classifier_class_of(&judge->classifier, intern_span(c->sender)) == CLASS_OUTSIDE)
        return HOPS_NO_LIST;
    if (!p)
        return person ? HOPS_SMALL_LIST : HOPS_LIST;
    const struct recipient *r = list_in(judge, p, list);
    if (!r)
        return HOPS_NO_LIST;
    return person || !r->by_program || r->flags & RECIPIENT_HANDED ||
                   site_door_is_filter(judge->classifier.site, r->door)
               ? HOPS_SMALL_LIST
               : HOPS_LIST;
}

/* The message that m came of in the end. A list's mail to its members is mail of its own. */
static struct message *top_of(struct judge *judge, struct message *m)
{
    for (int hops = 0; hops < TOP_HOPS_MAX; hops++) {
        struct message *before = tracker_deref(judge->tracker, m->parent);
        if (!before || (m->origin != ORIGIN_FILTER && m->origin != ORIGIN_FORWARD) ||
            (m->origin == ORIGIN_FORWARD && hops_list_of(judge, before, m) == HOPS_LIST))
            break;
        m = before;
    }
    return m;
}

static uint32_t count_handed(struct message *m)
{
    uint32_t n = 0;

    for (uint16_t i = 0; i < m->recipient_count; i++)
        n += (message_recipients(m)[i].flags & (RECIPIENT_HERE | RECIPIENT_HANDED)) != 0;
    return n;
}

bool hops_may_add(struct judge *judge, struct message *m, uint32_t n)
{
    struct message *top = top_of(judge, m);
    uint32_t handed = count_handed(top), later = count_handed(m), max;

    handed = handed > later ? handed : later;
    /* Below the end of the counter, lest a mail to many recipients be without a bound. */
    max = handed < (MESSAGE_FORWARDS_MAX - 1) / ADDED_MAX ? handed * ADDED_MAX
                                                          : MESSAGE_FORWARDS_MAX - 1;
    return top->forwards + n <= max;
}

void hops_add(struct judge *judge, struct message *m, uint32_t n)
{
    message_add_forwards(top_of(judge, m), n);
}

/* Whether `before` may have got one more recipient on its way back: a copy (always_bcc). Between
 * hosts at public addresses that no setting names, a stranger with a server of his own can make his
 * mail look as if one had handed it to the other; but only mail for that server goes there. */
static bool may_be_added(struct judge *judge, struct message *before, const struct message *m)
{
    /* Not all of its recipients are known, or an alias of them may have that many members. */
    if (before->recipient_count >= judge->tracker->limits.recipients)
        return true;
    if (clients_are_strangers(&judge->clients, m, before))
        return false;
    if (!before->recipient_count || site_has_fact(judge->classifier.site, SITE_NO_ORIG_TO))
        return true;
    if (!hops_may_add(judge, before, 1))
        return false;
    hops_add(judge, before, 1);
    return true;
}

/* --- whom it came for ------------------------------------------------------------------------- */

/* True if a record of that recipient of `before`, which m came of, may still come: "removed" may
 * come before the last delivery. Of a queue file that MailScanner took, there is none. A stranger
 * gets no time until `before` is forgotten. */
static bool may_be_delivered_yet(const struct judge *judge, const struct message *before,
                                 const struct message *m)
{
    return before->state != MESSAGE_GONE ||
           ((message_has(before, MESSAGE_HAS_SENDER) || message_has(m, MESSAGE_RETURNED)) &&
            !clients_are_strangers(&judge->clients, m, before));
}

static bool is_under_ours(const struct judge *judge, const struct message *m)
{
    return m->sender &&
           site_sender_class(judge->classifier.site, intern_span(m->sender)) == CLASS_OURS;
}

/* smtp_generic_maps makes another of ours of a sender of ours. */
bool hops_has_other_sender(const struct judge *judge, const struct message *a,
                           const struct message *b)
{
    return message_has(a, MESSAGE_HAS_SENDER) && message_has(b, MESSAGE_HAS_SENDER) &&
           !span_equal(intern_span(a->sender), intern_span(b->sender)) &&
           !(is_under_ours(judge, a) && is_under_ours(judge, b));
}

/* It was linked before its sender was known. */
static bool is_anothers(const struct judge *judge, const struct message *m,
                        const struct message *before)
{
    return clients_are_strangers(&judge->clients, m, before) &&
           hops_has_other_sender(judge, m, before);
}

enum hops_say hops_tell(struct judge *judge, struct message *m, struct recipient *r,
                        struct hops_undo *ret)
{
    bool waited = message_has(m, MESSAGE_WAITED);

    for (int hops = 0; m->origin == ORIGIN_FILTER && hops < HOPS_MAX; hops++) {
        struct message *before = tracker_deref(judge->tracker, m->parent);
        const struct recipient *same = before ? tracker_recipient(before, r->hash) : NULL;
        bool returned = message_has(m, MESSAGE_RETURNED);
        if (!before)
            break;
        if (is_anothers(judge, m, before)) {
            *ret = (struct hops_undo){before, m};
            return HOPS_UNDO;
        }
        if (!same && !waited && may_be_delivered_yet(judge, before, m))
            return HOPS_WAIT;
        if (same) {
            r->flags |= same->flags & (RECIPIENT_FORWARDED | RECIPIENT_RETURNED);
        } else if (r->class != CLASS_OURS && !(r->flags & RECIPIENT_FORWARDED)) {
            if (!may_be_added(judge, before, m)) {
                *ret = (struct hops_undo){before, m};
                return HOPS_UNDO;
            }
            if (returned && !hops_is_of_same_user(before, m))
                r->flags |= RECIPIENT_FORWARDED;
        }
        m = before;
    }
    return hops_is_undone(m) ? HOPS_AGAIN : HOPS_KNOWN;
}

bool hops_may_be_from(const struct site *site, const struct recipient *r,
                      const struct message *parent, const struct message *m)
{
    return m->begun_s > parent->begun_s || !site_door_is_told(site, r->door);
}

void hops_come_from(struct site *site, const struct message *m, struct message *parent)
{
    for (uint16_t i = 0; i < parent->recipient_count; i++) {
        const struct recipient *r = &message_recipients(parent)[i];
        if (hops_may_be_from(site, r, parent, m))
            site_door_is_brought_back_from(site, r->door, client_address(intern_span(m->client)));
    }
}

void hops_come_back(struct site *site, struct message *m, struct message *parent)
{
    bool sure = m->begun_s > parent->begun_s || !message_has(m, MESSAGE_RETURNED);

    hops_count_with(m, parent);
    if (m->origin == ORIGIN_FILTER)
        for (uint16_t i = 0; i < parent->recipient_count; i++)
            if (hops_may_be_from(site, &message_recipients(parent)[i], parent, m))
                site_door_gives_back(site, message_recipients(parent)[i].door, sure);
}
