/* SPDX-License-Identifier: MIT */
#include "life/lifecycle_core.h"

#include "base/hash.h"
#include "judge/notices.h"
#include "life/hops.h"

enum { SETTLE_MAX = 64 };

/* The verdict depends on the sender, which only qmgr's from= tells: wait for that record as long as
 * the message is in the queue. */
bool lifecycle_is_ready(const struct message *m)
{
    return message_has(m, MESSAGE_RESOLVED) &&
           (message_has(m, MESSAGE_HAS_SENDER | MESSAGE_WAITED) || m->state == MESSAGE_GONE);
}

void lifecycle_index_ref(struct lifecycle *life, struct message_ref ref, uint64_t key)
{
    if (!link_index_add(&life->links, life->tracker, ref, key))
        life->counters.links_overwritten++;
}

static void wake(struct lifecycle *life, struct message_ref parent, int hops)
{
    uint64_t key = lifecycle_key_of_children(parent);

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        struct message *c = link_index_take(&life->links, life->tracker, key, &at);
        if (!c || !lifecycle_is_child_of(c, parent))
            continue;
        if (message_has(c, MESSAGE_RESOLVED))
            lifecycle_judge_ready(life, c);
        else
            lifecycle_inherit(life, c);
        if (message_has(c, MESSAGE_CHILDREN) && hops < HOPS_MAX)
            wake(life, tracker_ref(c), hops + 1);
    }
}

void lifecycle_wake_children(struct lifecycle *life, struct message_ref parent)
{
    wake(life, parent, 0);
}

/* True while the cause of a notice may still change: the record of the recipient that bounced may
 * be logged later, or wait for the hops before. */
static bool waits_for_cause(struct lifecycle *life, const struct message *notice)
{
    struct message *of = tracker_deref(life->tracker, notice->parent);
    bool bounced = false;

    if (notice->origin != ORIGIN_BOUNCE || !of || message_has(notice, MESSAGE_WAITED) ||
        (notice->cause != CAUSE_RELAYED && notice->cause != CAUSE_OTHER))
        return false;
    for (uint16_t i = 0; i < of->recipient_count; i++) {
        const struct recipient *r = &message_recipients(of)[i];
        bounced |= r->status == STATUS_BOUNCED;
        if (r->status == STATUS_BOUNCED && !(r->flags & (RECIPIENT_JUDGED | RECIPIENT_HANDED)))
            return true;
    }
    return !bounced && !message_has(of, MESSAGE_EXPIRED) && message_has(of, MESSAGE_BEGAN);
}

bool lifecycle_must_wait_for_cause(struct lifecycle *life, const struct message *m)
{
    const struct message *of = tracker_deref(life->tracker, m->parent);

    return of && message_has(of, MESSAGE_WAITING) && !message_has(m, MESSAGE_NOTICED) &&
           waits_for_cause(life, m);
}

/* Leaves m what is its own: its uid, and who brought it. */
static void take_back_root(struct lifecycle *life, struct message *m)
{
    m->uid = hops_own_uid(m);
    hops_take_back_client(life->judge, m);
    intern_put(life->tracker->texts, m->who);
    m->who = NULL;
}

/* One of the messages that m came of turned out to be somebody else's. A login or a uid goes with
 * the root that it belongs to; who brought m stays. */
static void inherit_again(struct lifecycle *life, struct message *m, int hops)
{
    struct message *before = tracker_deref(life->tracker, m->parent);

    if (!before || m->origin != ORIGIN_FILTER || hops == HOPS_MAX)
        return;
    inherit_again(life, before, hops + 1);
    hops_count_with(m, before);
    if (m->root == before->root && m->client == before->client &&
        (m->root != ORIGIN_LOCAL || m->uid == before->uid))
        return;
    if (message_who_is(m) != WHO_BRINGER)
        take_back_root(life, m);
    lifecycle_inherit(life, m);
}

void lifecycle_judge_recipient(struct lifecycle *life, struct message *m, struct recipient *r)
{
    if (r->flags & (RECIPIENT_JUDGED | RECIPIENT_HANDED) || !lifecycle_is_ready(m))
        return;
    struct hops_undo wrong = {0};
    enum hops_say say = waits_for_cause(life, m) ? HOPS_WAIT : hops_tell(life->judge, m, r, &wrong);
    if (say == HOPS_WAIT) {
        tracker_wait(life->tracker, m, life->clock_s);
        return;
    }
    if (say == HOPS_UNDO) {
        lifecycle_refuse_link(life, wrong.before, wrong.m,
                              "another sender, or more recipients than a filter adds");
        lifecycle_unlink(life, wrong.m);
    }
    if (say != HOPS_KNOWN)
        inherit_again(life, m, 0);
    if (r->flags & RECIPIENT_JUDGED) /* with all others of its message */
        return;
    judge_recipient(life->judge, m, r);
    if (r->status == STATUS_BOUNCED && message_has(m, MESSAGE_CHILDREN))
        lifecycle_wake_children(life, tracker_ref(m));
}

void lifecycle_judge_ready(struct lifecycle *life, struct message *m)
{
    if (!lifecycle_is_ready(m))
        return;
    if (m->origin == ORIGIN_BOUNCE && !message_has(m, MESSAGE_NOTICED)) {
        if (waits_for_cause(life, m)) {
            tracker_wait(life->tracker, m, life->clock_s);
            return;
        }
        notices_judge(life->judge, m);
    }
    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (!(message_recipients(m)[i].flags & RECIPIENT_JUDGED)) /* most are, by now */
            lifecycle_judge_recipient(life, m, &message_recipients(m)[i]);
}

void lifecycle_resolve(struct lifecycle *life, struct message *m, enum origin root)
{
    m->root = root;
    m->flags |= MESSAGE_RESOLVED;
    if (root == ORIGIN_UNKNOWN)
        life->counters.unattributed++;
    lifecycle_judge_ready(life, m);
    if (message_has(m, MESSAGE_CHILDREN))
        lifecycle_wake_children(life, tracker_ref(m));
}

/* A notice names whom it goes to: who sent the mail is known from what it is a notice of. */
static struct intern *who_sent(struct lifecycle *life, const struct message *m)
{
    if (m->origin == ORIGIN_BOUNCE)
        m = tracker_deref(life->tracker, m->parent);
    return m ? m->who : NULL;
}

bool lifecycle_inherit(struct lifecycle *life, struct message *m)
{
    struct message *parent = tracker_deref(life->tracker, m->parent);

    if (!parent || !message_has(parent, MESSAGE_RESOLVED))
        return false;
    if (m->origin == ORIGIN_FILTER)
        hops_count_with(m, parent);
    if (m->origin == ORIGIN_FILTER && m->is_near && !message_has(m, MESSAGE_RESOLVED))
        hops_come_from(life->site, m, parent);
    bool kept = hops_keep_bringer(m, parent);
    intern_put(life->tracker->texts, m->client);
    m->client = intern_ref(parent->client);
    if (parent->root == ORIGIN_LOCAL && message_has(m, MESSAGE_RETURNED))
        hops_keep_uid(life->tracker->texts, m);
    if (parent->root == ORIGIN_LOCAL)
        m->uid = parent->uid;
    else if (!message_has(m, MESSAGE_PICKED_UP))
        m->uid = 0;
    if (m->origin != ORIGIN_BOUNCE && parent->root != ORIGIN_LOCAL && !kept) {
        intern_put(life->tracker->texts, m->who);
        m->who = intern_ref(who_sent(life, parent));
    }
    lifecycle_resolve(life, m, parent->root);
    return true;
}

/* It came from this host and names a client (orig_client=) from which no mail is known that it may
 * have come of. Where filters' mail is otherwise known from the front, a program here has named
 * somebody else. */
static void check_named_client(struct lifecycle *life, struct message *m)
{
    if (m->parent.slot || !m->is_named ||
        !(life->hosts->host[hosts_host(m->source)].fronts & HOST_FRONTED))
        return;
    lifecycle_refuse_link(life, NULL, m, "no mail from the client that it names came in");
    m->is_named = false;
    hops_take_back_client(life->judge, m);
    m->origin = (uint8_t)hops_own_origin(life->judge, m);
}

/* Settles for the best root known so far, parents first. Two messages may name each other, hence
 * the bound. */
static void settle_root(struct lifecycle *life, struct message *m, int hops)
{
    struct message *parent = tracker_deref(life->tracker, m->parent);

    if (m->origin == ORIGIN_NONE)
        m->origin = message_has(m, MESSAGE_PROBE) ? ORIGIN_PROBE : ORIGIN_UNKNOWN;
    if (parent && parent != m && !message_has(parent, MESSAGE_RESOLVED) && hops < SETTLE_MAX)
        settle_root(life, parent, hops + 1);
    if (message_has(m, MESSAGE_RESOLVED))
        return;
    check_named_client(life, m);
    if (!m->parent.slot && (m->origin == ORIGIN_TRUSTED || m->origin == ORIGIN_PROBE ||
                            m->origin == ORIGIN_LOCAL || m->origin == ORIGIN_OUTSIDE))
        lifecycle_resolve(life, m, (enum origin)m->origin);
    else if (!lifecycle_inherit(life, m))
        lifecycle_resolve(life, m, ORIGIN_UNKNOWN);
}

void lifecycle_stop_waiting(struct lifecycle *life, struct message *m)
{
    if (!message_has(m, MESSAGE_RESOLVED))
        settle_root(life, m, 0);
    m->flags |= MESSAGE_WAITED;
    lifecycle_judge_ready(life, m);
}

static void trace_link(const struct lifecycle *life, const struct message *parent,
                       const struct message *child, const char *what, const char *evidence)
{
    char from[QUEUE_ID_TEXT_MAX], to[QUEUE_ID_TEXT_MAX];

    if (trace_wants(life->trace, TRACE_LINK))
        trace_say(life->trace, TRACE_LINK, "%s -> %s %s: %s",
                  parent ? queue_id_print(parent->id, from) : "(none)",
                  child ? queue_id_print(child->id, to) : "(none)", what, evidence);
}

void lifecycle_refuse_link(struct lifecycle *life, const struct message *parent,
                           const struct message *child, const char *why)
{
    life->counters.doubtful_links++;
    trace_link(life, parent, child, "refused", why);
}

void lifecycle_set_parent(struct lifecycle *life, struct message *child, struct message *parent,
                          enum origin origin, const char *evidence)
{
    if (!child->parent.slot) /* orig_queue_id= and "queued as" may both tell of one link */
        life->counters.children++;
    child->origin = (uint8_t)origin;
    child->flags |= MESSAGE_BEGAN;
    child->flags &= (uint32_t)~MESSAGE_CLAIMED;
    child->parent = tracker_ref(parent);
    parent->flags |= MESSAGE_PARENT | MESSAGE_CHILDREN;
    lifecycle_index(life, child, lifecycle_key_of_children(child->parent));
    if (origin == ORIGIN_FILTER || origin == ORIGIN_REQUEUE)
        hops_come_back(life->site, child, parent);
    if (child->is_named)
        lifecycle_front_seen(life, child);
    trace_link(life, parent, child, origin_name(origin), evidence);
    if (life->on_link)
        life->on_link(life->on_link_ctx, parent, child);
}

void lifecycle_brought_by(struct lifecycle *life, struct message *m, struct intern *client,
                          struct intern *account)
{
    intern_put(life->tracker->texts, m->client);
    m->client = intern_ref(client);
    if (account)
        m->who = intern_ref(account);
    m->origin = account                                     ? ORIGIN_ACCOUNT
                : clients_of(&life->judge->clients, m)->why ? ORIGIN_TRUSTED
                                                            : ORIGIN_OUTSIDE;
    lifecycle_resolve(life, m, (enum origin)m->origin);
}

void lifecycle_loosen(struct lifecycle *life, struct message *c)
{
    take_back_root(life, c);
    c->parent = c->whole = (struct message_ref){0, 0};
    c->flags &= (uint32_t)~MESSAGE_COUNTED;
    life->counters.children--;
}

void lifecycle_unlink(struct lifecycle *life, struct message *c)
{
    lifecycle_loosen(life, c);
    c->flags |= MESSAGE_RETURNED; /* never again */
    c->origin = (uint8_t)hops_own_origin(life->judge, c);
    lifecycle_resolve(life, c, (enum origin)c->origin);
}

void lifecycle_learn(struct lifecycle *life, struct span domain, enum domain_class class,
                     enum proof proof, uint8_t door)
{
    if (trace_wants(life->trace, TRACE_SITE) && site_class(life->site, domain) != class)
        trace_say(life->trace, TRACE_SITE, "%.*s is %s: %s", SPAN_ARG(domain), class_name(class),
                  proof_text(proof));
    site_learn(life->site, domain, class, proof, door);
}
