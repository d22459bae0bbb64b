/* SPDX-License-Identifier: MIT */
#include "life/lifecycle_internal.h"

#include "judge/judge.h"

enum { HOPS_MAX = 64 };

struct transition {
    enum message_state to;
    bool fresh; /* the record is a new message's: the old one ends here */
};

#define STAY(state)                                                                                \
    {                                                                                              \
        MESSAGE_##state, false                                                                     \
    }
#define FRESH                                                                                      \
    {                                                                                              \
        MESSAGE_NEW, true                                                                          \
    }

/* Logs of several processes interleave: a message-id or a delivery may come late, and is then the
 * old message's; an acceptance never is. */
static const struct transition transitions[MESSAGE_STATE_COUNT][EVENT_COUNT] = {
    [MESSAGE_NEW] = {[EVENT_ACCEPT] = FRESH,
                     [EVENT_TEXT] = STAY(NEW),
                     [EVENT_ACTIVE] = STAY(QUEUED),
                     [EVENT_DELIVERY] = STAY(QUEUED),
                     [EVENT_END] = STAY(GONE),
                     [EVENT_HOLD] = STAY(HELD),
                     [EVENT_RELEASE] = STAY(QUEUED)},
    [MESSAGE_QUEUED] = {[EVENT_ACCEPT] = FRESH,
                        [EVENT_TEXT] = STAY(QUEUED),
                        [EVENT_ACTIVE] = STAY(QUEUED),
                        [EVENT_DELIVERY] = STAY(QUEUED),
                        [EVENT_END] = STAY(GONE),
                        [EVENT_HOLD] = STAY(HELD),
                        [EVENT_RELEASE] = STAY(QUEUED)},
    [MESSAGE_HELD] = {[EVENT_ACCEPT] = FRESH,
                      [EVENT_TEXT] = STAY(HELD),
                      [EVENT_ACTIVE] = STAY(QUEUED),
                      [EVENT_DELIVERY] = STAY(HELD),
                      [EVENT_END] = STAY(GONE),
                      [EVENT_HOLD] = STAY(HELD),
                      [EVENT_RELEASE] = STAY(QUEUED)},
    [MESSAGE_GONE] = {[EVENT_ACCEPT] = FRESH,
                      [EVENT_TEXT] = FRESH,
                      [EVENT_ACTIVE] = FRESH,
                      [EVENT_DELIVERY] = STAY(GONE),
                      [EVENT_END] = STAY(GONE),
                      [EVENT_HOLD] = STAY(GONE),
                      [EVENT_RELEASE] = STAY(GONE)},
};

const char *state_name(enum message_state state)
{
    static const char *const names[] = {"accepted", "queued", "on hold", "gone"};

    _Static_assert(sizeof(names) / sizeof(*names) == MESSAGE_STATE_COUNT, "a name for each");
    return names[state];
}

/* Without qmgr's from= nothing is known of the sender, which matters: it is waited for while the
 * message lives. */
bool lifecycle_is_ready(const struct message *m)
{
    return message_has(m, MESSAGE_RESOLVED) &&
           (message_has(m, MESSAGE_HAS_SENDER | MESSAGE_WAITED) || m->state == MESSAGE_GONE);
}

/* Judges what there is to judge of it. */
static void judge_ready(struct lifecycle *life, struct message *m)
{
    if (!lifecycle_is_ready(m))
        return;
    if (m->origin == ORIGIN_BOUNCE && !message_has(m, MESSAGE_NOTICED))
        judge_notice(life->judge, m);
    for (uint16_t i = 0; i < m->recipient_count; i++) {
        struct recipient *r = &message_recipients(m)[i];
        if (!(r->flags & (RECIPIENT_JUDGED | RECIPIENT_HANDED)))
            judge_recipient(life->judge, m, r);
    }
}

void lifecycle_resolve(struct lifecycle *life, struct message *m, enum origin root)
{
    m->root = root;
    m->flags |= MESSAGE_RESOLVED;
    if (root == ORIGIN_UNKNOWN)
        life->counters.unattributed++;
    judge_ready(life, m);
}

/* Takes over what the chain's first message says of itself. False while the parent does not know
 * itself. */
bool lifecycle_inherit(struct lifecycle *life, struct message *m)
{
    struct message *parent = tracker_deref(life->tracker, m->parent);

    if (!parent)
        return false;
    if (!message_has(parent, MESSAGE_RESOLVED))
        return false;
    intern_put(life->tracker->texts, m->client);
    m->client = intern_ref(parent->client);
    if (parent->root == ORIGIN_LOCAL)
        m->uid = parent->uid;
    if (m->origin != ORIGIN_BOUNCE) {
        intern_put(life->tracker->texts, m->who);
        m->who = intern_ref(parent->who);
    }
    lifecycle_resolve(life, m, parent->root);
    return true;
}

/* The root for want of anything better. Parents first; two messages may name each other, so that
 * the way up has to end. */
static void settle_root(struct lifecycle *life, struct message *m, int hops)
{
    struct message *parent = tracker_deref(life->tracker, m->parent);

    if (m->origin == ORIGIN_NONE)
        m->origin = message_has(m, MESSAGE_PROBE) ? ORIGIN_PROBE : ORIGIN_UNKNOWN;
    if (parent && parent != m && !message_has(parent, MESSAGE_RESOLVED) && hops < HOPS_MAX)
        settle_root(life, parent, hops + 1);
    if (message_has(m, MESSAGE_RESOLVED))
        return;
    if (!m->parent.slot && (m->origin == ORIGIN_TRUSTED || m->origin == ORIGIN_PROBE))
        lifecycle_resolve(life, m, (enum origin)m->origin);
    else if (!lifecycle_inherit(life, m))
        lifecycle_resolve(life, m, ORIGIN_UNKNOWN);
}

/* Its wait is over, or the log is: what is known now has to do. */
static void stop_waiting(struct lifecycle *life, struct message *m)
{
    if (!message_has(m, MESSAGE_RESOLVED))
        settle_root(life, m, 0);
    m->flags |= MESSAGE_WAITED;
    judge_ready(life, m);
}

static void end_message(struct lifecycle *life, struct message *m)
{
    if (m->state == MESSAGE_GONE)
        return;
    judge_gone(life->judge, m);
    m->state = MESSAGE_GONE;
    judge_ready(life, m);
    tracker_finish(life->tracker, m, life->clock_s);
}

/* Makes room for a new message under the same key. */
void lifecycle_end(struct lifecycle *life, struct message *m)
{
    if (m->state != MESSAGE_GONE)
        life->counters.reused++;
    stop_waiting(life, m);
    tracker_forget(life->tracker, m);
}

struct message *lifecycle_begin(struct lifecycle *life, uint16_t source, struct queue_id id)
{
    struct message *m = tracker_add(life->tracker, source, id, life->now_s);

    if (m)
        life->counters.begun++;
    else
        life->counters.no_memory++;
    return m;
}

/* The message a record is about, made where there is none (m is NULL); NULL when memory is
 * short. */
struct message *lifecycle_go_to(struct lifecycle *life, struct message *m, uint16_t source,
                                struct queue_id id, enum event event)
{
    if (m && transitions[m->state][event].fresh) {
        lifecycle_end(life, m);
        m = NULL;
    }
    if (!m) {
        m = lifecycle_begin(life, source, id);
        if (m && event != EVENT_ACCEPT)
            tracker_wait(life->tracker, m, life->clock_s);
    }
    if (!m)
        return NULL;
    enum message_state to = transitions[m->state][event].to;
    if ((to == MESSAGE_HELD) != (m->state == MESSAGE_HELD) && to != MESSAGE_GONE)
        judge_held(life->judge, m, to == MESSAGE_HELD);
    if (to != MESSAGE_GONE)
        m->state = (uint8_t)to;
    m->last_s = life->now_s;
    return m;
}

struct message *lifecycle_message_for(struct lifecycle *life, uint16_t source, struct queue_id id,
                                      enum event event)
{
    return lifecycle_go_to(life, tracker_find(life->tracker, source, id), source, id, event);
}

/* The message with that ID on the same host, in whichever instance. */
struct message *lifecycle_find_on_host(struct lifecycle *life, uint16_t source, struct queue_id id)
{
    const struct host *host = hosts_of(life->hosts, source);
    struct message *m = tracker_find(life->tracker, source, id);

    for (uint16_t i = 0; !m && i < host->source_count; i++)
        m = tracker_find(life->tracker, host->source[i], id);
    return m;
}

void lifecycle_set_parent(struct lifecycle *life, struct message *child, struct message *parent,
                          enum origin origin)
{
    if (!child->parent.slot) /* orig_queue_id= and "queued as" say it twice */
        life->counters.children++;
    child->origin = (uint8_t)origin;
    child->flags |= MESSAGE_BEGAN;
    child->parent = tracker_ref(parent);
    parent->flags |= MESSAGE_PARENT;
    if (origin == ORIGIN_FILTER || origin == ORIGIN_REQUEUE)
        child->whole = parent->whole.slot ? parent->whole : child->parent;
    if (life->link)
        life->link(life->on_link_ctx, parent, child);
}

bool lifecycle_comes_from_itself(const struct lifecycle *life, struct span address)
{
    struct address a;

    return address_parse(address, &a) && site_is_own_address(life->site, &a);
}

static void apply_message_id(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    /* Another message's, on a key whose end was not seen: a notice that takes the ID again. */
    if (m && m->state == MESSAGE_QUEUED && message_has(m, MESSAGE_HAS_ID_TEXT) &&
        m->message_id_hash != tracker_id_hash(life->tracker, rec->message_id)) {
        lifecycle_end(life, m);
        m = NULL;
    }
    m = lifecycle_go_to(life, m, source, rec->id, EVENT_TEXT);
    if (m)
        tracker_set_message_id(life->tracker, m, rec->message_id);
}

static bool is_probe_sender(struct span sender)
{
    return span_starts(sender, SPAN("double-bounce@"));
}

static void apply_active(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = lifecycle_message_for(life, source, rec->id, EVENT_ACTIVE);

    if (!m || message_has(m, MESSAGE_HAS_SENDER))
        return;
    if (rec->sender.len)
        m->sender = intern_make(rec->sender);
    /* A client's sender is anybody's word. */
    if (m->origin == ORIGIN_NONE && is_probe_sender(rec->sender))
        m->flags |= MESSAGE_PROBE;
    m->flags |= MESSAGE_HAS_SENDER;
    judge_ready(life, m);
}

/* A child that is named by its parent's record: there already, or not yet. */
struct message *lifecycle_child_for(struct lifecycle *life, uint16_t source, struct queue_id id)
{
    struct message *c = tracker_find(life->tracker, source, id);

    if (c && c->origin != ORIGIN_NONE) {
        if (c->origin == ORIGIN_UNKNOWN || c->origin == ORIGIN_PROBE) {
            life->counters.late_links++;
            return NULL;
        }
        lifecycle_end(life, c);
        c = NULL;
    }
    if (c)
        return c;
    c = lifecycle_begin(life, source, id);
    if (c)
        tracker_wait(life->tracker, c, life->clock_s);
    return c;
}

static void apply_notice(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);
    struct message *c = tracker_find(life->tracker, source, rec->link);

    if (queue_id_equal(rec->id, rec->link) || (c && c->origin == ORIGIN_BOUNCE))
        return;
    c = lifecycle_child_for(life, source, rec->link);
    if (!c)
        return;
    m = tracker_find(life->tracker, source, rec->id); /* making c may have evicted it */
    c->cause = (uint8_t)judge_notice_cause(m, rec->notice);
    if (!m) {
        c->origin = ORIGIN_BOUNCE;
        c->flags |= MESSAGE_BEGAN;
        life->counters.children++;
        lifecycle_resolve(life, c, ORIGIN_UNKNOWN);
        return;
    }
    m->last_s = life->now_s;
    c->who = intern_ref(m->sender);
    lifecycle_set_parent(life, c, m, ORIGIN_BOUNCE);
    lifecycle_inherit(life, c);
}

static void apply_end(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    if (m && !transitions[m->state][EVENT_END].fresh) {
        m->last_s = life->now_s;
        if (rec->type == RECORD_REFUSED && m->state == MESSAGE_NEW)
            m->flags |= MESSAGE_NOTICED; /* a notice that was cancelled was not sent */
        end_message(life, m);
    }
}

static void apply_hold(struct lifecycle *life, uint16_t source, const struct record *rec,
                       enum event event)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    if (m)
        lifecycle_go_to(life, m, source, rec->id, event);
}

void lifecycle_apply(struct lifecycle *life, uint16_t source, const struct record *rec,
                     uint32_t now_s)
{
    struct message *m;

    life->now_s = now_s;
    switch (rec->type) {
    case RECORD_CLIENT:
        lifecycle_client(life, source, rec);
        break;
    case RECORD_PROXY_CLIENT:
        link_proxy_client(life, source, rec);
        break;
    case RECORD_PROXY_ACCEPT:
        link_proxy_accepted(life, source, rec);
        break;
    case RECORD_PICKUP:
        lifecycle_pickup(life, source, rec);
        break;
    case RECORD_MESSAGE_ID:
        apply_message_id(life, source, rec);
        break;
    case RECORD_ACTIVE:
        apply_active(life, source, rec);
        break;
    case RECORD_DELIVERY:
        lifecycle_delivery(life, source, rec);
        break;
    case RECORD_REMOVED:
    case RECORD_REFUSED:
    case RECORD_REQUEUED:
        apply_end(life, source, rec);
        break;
    case RECORD_NOTICE:
        apply_notice(life, source, rec);
        break;
    case RECORD_HELD:
        apply_hold(life, source, rec, EVENT_HOLD);
        break;
    case RECORD_RELEASED:
        apply_hold(life, source, rec, EVENT_RELEASE);
        break;
    case RECORD_EXPIRED:
        m = tracker_find(life->tracker, source, rec->id);
        if (m)
            m->flags |= MESSAGE_EXPIRED;
        break;
    default:
        break;
    }
}

static void let_go(struct lifecycle *life, struct message *m)
{
    stop_waiting(life, m);
    if (m->state == MESSAGE_GONE && !message_has(m, MESSAGE_FINISHED))
        tracker_forget(life->tracker, m);
}

void lifecycle_tick(struct lifecycle *life, uint32_t now_s)
{
    struct message *m;

    life->now_s = life->clock_s = now_s;
    while ((m = tracker_waited(life->tracker, now_s)) != NULL)
        let_go(life, m);
}

void lifecycle_done(struct lifecycle *life)
{
    link_proxy_done(life);
}

void lifecycle_finish(struct lifecycle *life)
{
    struct message *m;

    while ((m = tracker_waited(life->tracker, UINT32_MAX)) != NULL)
        let_go(life, m);
}
