/* SPDX-License-Identifier: MIT */
#include "life.h"

#include "judge.h"

enum { DUPLICATE_S = 2, QUEUED_AS_MAX = 8, LINK_SLACK_S = 2, HOPS_MAX = 64 };

enum event {
    EVENT_ACCEPT, /* client=, uid= */
    EVENT_TEXT,   /* message-id= */
    EVENT_ACTIVE,
    EVENT_DELIVERY,
    EVENT_END,
    EVENT_HOLD,
    EVENT_RELEASE,
    EVENT_COUNT
};

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
static bool is_ready(const struct message *m)
{
    return message_has(m, MESSAGE_RESOLVED) &&
           (message_has(m, MESSAGE_HAS_SENDER | MESSAGE_WAITED) || m->state == MESSAGE_GONE);
}

/* Judges what there is to judge of it. */
static void judge_ready(struct life *life, struct message *m)
{
    if (!is_ready(m))
        return;
    if (m->origin == ORIGIN_BOUNCE && !message_has(m, MESSAGE_NOTICED))
        judge_notice(life->judge, m);
    for (uint16_t i = 0; i < m->recipient_count; i++) {
        struct recipient *r = &message_recipients(m)[i];
        if (!(r->flags & (RECIPIENT_JUDGED | RECIPIENT_HANDED)))
            judge_recipient(life->judge, m, r);
    }
}

static void resolve(struct life *life, struct message *m, enum origin root)
{
    m->root = root;
    m->flags |= MESSAGE_RESOLVED;
    if (root == ORIGIN_UNKNOWN)
        life->counters.unattributed++;
    judge_ready(life, m);
}

/* Takes over what the chain's first message says of itself. False while the parent does not know
 * itself. */
static bool inherit(struct life *life, struct message *m)
{
    struct message *parent = tracker_deref(life->tracker, m->parent);

    if (!parent)
        return false;
    if (!message_has(parent, MESSAGE_RESOLVED))
        return false;
    text_put(life->tracker->texts, m->client);
    m->client = text_ref(parent->client);
    m->uid = parent->uid;
    if (m->origin != ORIGIN_BOUNCE) {
        text_put(life->tracker->texts, m->who);
        m->who = text_ref(parent->who);
    }
    resolve(life, m, parent->root);
    return true;
}

/* The root for want of anything better. Parents first; two messages may name each other, so that
 * the way up has to end. */
static void settle_root(struct life *life, struct message *m, int hops)
{
    struct message *parent = tracker_deref(life->tracker, m->parent);

    if (m->origin == ORIGIN_NONE)
        m->origin = ORIGIN_UNKNOWN;
    if (parent && parent != m && !message_has(parent, MESSAGE_RESOLVED) && hops < HOPS_MAX)
        settle_root(life, parent, hops + 1);
    if (message_has(m, MESSAGE_RESOLVED))
        return;
    if (!m->parent.slot && m->origin == ORIGIN_TRUSTED)
        resolve(life, m, ORIGIN_TRUSTED);
    else if (!inherit(life, m))
        resolve(life, m, ORIGIN_UNKNOWN);
}

/* Its wait is over, or the log is: what is known now has to do. */
static void stop_waiting(struct life *life, struct message *m)
{
    if (!message_has(m, MESSAGE_RESOLVED))
        settle_root(life, m, 0);
    m->flags |= MESSAGE_WAITED;
    judge_ready(life, m);
}

static void end_message(struct life *life, struct message *m)
{
    if (m->state == MESSAGE_GONE)
        return;
    judge_gone(life->judge, m);
    m->state = MESSAGE_GONE;
    judge_ready(life, m);
    tracker_finish(life->tracker, m, life->clock_s);
}

/* Makes room for a new message under the same key. */
static void end_life(struct life *life, struct message *m)
{
    if (m->state != MESSAGE_GONE)
        life->counters.reused++;
    stop_waiting(life, m);
    tracker_forget(life->tracker, m);
}

static struct message *begin(struct life *life, uint16_t source, struct queue_id id)
{
    struct message *m = tracker_add(life->tracker, source, id, life->now_s);

    if (m)
        life->counters.begun++;
    else
        life->counters.no_memory++;
    return m;
}

/* The message a record is about, made where there is none (m is NULL); NULL when memory is short. */
static struct message *go_to(struct life *life, struct message *m, uint16_t source,
                             struct queue_id id, enum event event)
{
    if (m && transitions[m->state][event].fresh) {
        end_life(life, m);
        m = NULL;
    }
    if (!m) {
        m = begin(life, source, id);
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

static struct message *message_for(struct life *life, uint16_t source, struct queue_id id,
                                   enum event event)
{
    return go_to(life, tracker_find(life->tracker, source, id), source, id, event);
}

static bool is_same_acceptance(const struct message *m, const struct record *rec)
{
    if (rec->type == RECORD_PICKUP)
        return m->origin == ORIGIN_LOCAL && m->uid == rec->uid;
    return span_equal(text_span(m->client), rec->client);
}

/* An acceptance takes over a message that is there when its own later records came first (it waits
 * for an origin), or when the line is there twice. */
static struct message *accepted(struct life *life, uint16_t source, const struct record *rec,
                                bool *ret_again)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    *ret_again = false;
    if (m && m->origin == ORIGIN_NONE && message_has(m, MESSAGE_WAITING)) {
        m->last_s = life->now_s;
        return m;
    }
    if (m && m->state == MESSAGE_NEW && m->begun_s + DUPLICATE_S >= life->now_s &&
        message_has(m, MESSAGE_BEGAN) && is_same_acceptance(m, rec)) {
        *ret_again = true;
        return m;
    }
    return go_to(life, m, source, rec->id, EVENT_ACCEPT);
}

/* The message with that ID on the same host, in whichever instance. */
static struct message *find_on_host(struct life *life, uint16_t source, struct queue_id id)
{
    const struct host *host = hosts_of(life->hosts, source);
    struct message *m = tracker_find(life->tracker, source, id);

    for (uint16_t i = 0; !m && i < host->source_count; i++)
        m = tracker_find(life->tracker, host->source[i], id);
    return m;
}

static void set_parent(struct life *life, struct message *child, struct message *parent,
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
        life->link(life->link_ctx, parent->source, parent->id, child->source, child->id);
}

static bool comes_from_itself(const struct life *life, struct span address)
{
    struct address a;

    return address_parse(address, &a) && site_is_own_address(life->site, &a);
}

static void apply_client(struct life *life, uint16_t source, const struct record *rec)
{
    bool again;
    struct message *m = accepted(life, source, rec, &again);
    struct address a;

    if (!m || again)
        return;
    bool known = address_parse(rec->client_address, &a);
    m->flags |= MESSAGE_BEGAN;
    m->client = text_get(life->tracker->texts, rec->client);
    if (rec->account.len) {
        m->origin = ORIGIN_ACCOUNT;
        m->who = text_get(life->tracker->texts, rec->account);
        resolve(life, m, ORIGIN_ACCOUNT);
        return;
    }
    m->origin = known && site_trusts(life->site, &a) ? ORIGIN_TRUSTED : ORIGIN_OUTSIDE;
    /* Without a login there is no free text in the record: from this host it is Postfix's own word. */
    bool linked = queue_id_is_set(rec->link) && known &&
                  (site_may_xforward(life->site, &a) || site_is_own_address(life->site, &a));
    struct message *parent = linked ? find_on_host(life, source, rec->link) : NULL;
    if (parent && parent != m) {
        set_parent(life, m, parent, ORIGIN_FILTER);
    } else if (linked && site_is_own_address(life->site, &a)) {
        m->origin = ORIGIN_FILTER; /* a hop of a message that the log does not hold */
        resolve(life, m, ORIGIN_UNKNOWN);
        return;
    }
    /* Mail from the host itself may be a hop of another message: the line that says so comes when
     * that one is delivered. */
    if (m->origin == ORIGIN_FILTER ||
        (m->origin == ORIGIN_TRUSTED && site_is_own_address(life->site, &a)))
        tracker_wait(life->tracker, m, life->clock_s);
    else
        resolve(life, m, (enum origin)m->origin);
}

/* Requeued mail takes its recipients along: its next attempt may come long after the old ID is
 * forgotten, and what was counted is not counted again. */
static void take_recipients(struct life *life, struct message *m, struct message *old)
{
    for (uint16_t i = 0; i < old->recipient_count; i++) {
        struct recipient *r = &message_recipients(old)[i];
        struct recipient *copy = tracker_recipient(m, r->hash)
                                     ? NULL
                                     : tracker_add_recipient(life->tracker, m, r->hash);
        if (!copy)
            continue;
        *copy = *r;
        text_ref(copy->text);
        r->flags &= (uint8_t)~RECIPIENT_COUNTED;
    }
    struct message *whole = tracker_deref(life->tracker, old->whole);
    m->flags |= (whole ? whole->flags : 0) & MESSAGE_COUNTED;
    m->whole = (struct message_ref){0, 0};
}

static void apply_pickup(struct life *life, uint16_t source, const struct record *rec)
{
    bool again;
    struct message *m = accepted(life, source, rec, &again);

    if (!m || again)
        return;
    m->flags |= MESSAGE_BEGAN;
    m->uid = (uint32_t)rec->uid;
    m->origin = ORIGIN_LOCAL;
    if (!queue_id_is_set(rec->link)) {
        resolve(life, m, ORIGIN_LOCAL);
        return;
    }
    /* postsuper -r: pickup names the mail owner's uid, which sent nothing. */
    struct message *old = tracker_find(life->tracker, source, rec->link);
    m->origin = ORIGIN_REQUEUE;
    if (old && old != m) {
        set_parent(life, m, old, ORIGIN_REQUEUE);
        m->begun_s = old->begun_s;
        m->cell = old->cell;
        m->cell_serial = old->cell_serial;
        judge_goes_on(life->judge, m, old);
        take_recipients(life, m, old);
        /* What it is does not change: a notice stays one, and forwarded mail forwarded. */
        if (old->origin == ORIGIN_BOUNCE || old->origin == ORIGIN_FORWARD) {
            m->origin = old->origin;
            m->cause = old->cause;
            m->who = text_ref(old->who);
            m->flags |= old->flags & MESSAGE_NOTICED;
        }
        if (inherit(life, m))
            return;
        tracker_wait(life->tracker, m, life->clock_s);
        return;
    }
    resolve(life, m, ORIGIN_UNKNOWN);
}

static void apply_message_id(struct life *life, uint16_t source, const struct record *rec)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    /* Another message's, on a key whose end was not seen: a notice that takes the ID again. */
    if (m && m->state == MESSAGE_QUEUED && message_has(m, MESSAGE_HAS_ID_TEXT) &&
        m->message_id_hash != (uint32_t)hash_bytes(rec->message_id, life->tracker->seed)) {
        end_life(life, m);
        m = NULL;
    }
    m = go_to(life, m, source, rec->id, EVENT_TEXT);
    if (m)
        tracker_set_message_id(life->tracker, m, rec->message_id);
}

static bool is_probe_sender(struct span sender)
{
    return span_starts(sender, SPAN("double-bounce@"));
}

static void apply_active(struct life *life, uint16_t source, const struct record *rec)
{
    struct message *m = message_for(life, source, rec->id, EVENT_ACTIVE);

    if (!m || message_has(m, MESSAGE_HAS_SENDER))
        return;
    if (rec->sender.len)
        m->sender = text_make(rec->sender);
    /* A client's sender is anybody's word. */
    if (m->origin == ORIGIN_NONE && is_probe_sender(rec->sender))
        m->flags |= MESSAGE_PROBE;
    m->flags |= MESSAGE_HAS_SENDER;
    judge_ready(life, m);
}

/* A child that is named by its parent's record: there already, or not yet. */
static struct message *child_for(struct life *life, uint16_t source, struct queue_id id)
{
    struct message *c = tracker_find(life->tracker, source, id);

    if (c && c->origin != ORIGIN_NONE) {
        if (c->origin == ORIGIN_UNKNOWN) {
            life->counters.late_links++;
            return NULL;
        }
        end_life(life, c);
        c = NULL;
    }
    if (c)
        return c;
    c = begin(life, source, id);
    if (c)
        tracker_wait(life->tracker, c, life->clock_s);
    return c;
}

/* local(8): "forwarded as NEWID". */
static void link_forward(struct life *life, struct message *m, struct queue_id id)
{
    struct message *c;
    struct message_ref self = tracker_ref(m);

    if (queue_id_equal(m->id, id))
        return;
    c = tracker_find(life->tracker, m->source, id);
    if (c && c->origin == ORIGIN_FORWARD && c->parent.slot == self.slot)
        return;
    c = child_for(life, m->source, id);
    m = tracker_deref(life->tracker, self);
    if (!c || !m)
        return;
    set_parent(life, c, m, ORIGIN_FORWARD);
    inherit(life, c);
}

/* Whether the message that a reply names can be the one that went out on this hop: a reply is
 * anybody's text. It must have come from this host (or, before Postfix 2.8, seem to come from the
 * same client), hold the same message-id and have been accepted while this one was delivered. */
static bool fits_hop(const struct life *life, const struct message *m, const struct message *c,
                     struct span relay_address)
{
    struct span client = text_span(c->client);
    ptrdiff_t open = span_find_last(client, '[');
    struct span address = open < 0 ? SPAN_NONE : span_skip(client, (size_t)open + 1);

    if (address.len)
        address.len--;
    if (c->origin == ORIGIN_OUTSIDE || c->origin == ORIGIN_TRUSTED) {
        if (!comes_from_itself(life, address) && !span_equal(address, relay_address) &&
            c->client != m->client)
            return false;
    } else if (c->origin != ORIGIN_FILTER ||
               c->parent.slot != tracker_ref(m).slot) {
        return false;
    }
    return (c->message_id_hash == m->message_id_hash || !c->message_id_hash ||
            !m->message_id_hash) &&
           c->begun_s + LINK_SLACK_S >= m->begun_s && c->begun_s <= life->now_s + LINK_SLACK_S;
}

static bool link_hop(struct life *life, struct message *m, struct queue_id id, struct span relay)
{
    struct message *c = find_on_host(life, m->source, id);

    if (!c || c == m)
        return false;
    if (!fits_hop(life, m, c, relay)) {
        life->counters.doubtful_links++;
        return false;
    }
    if (message_has(c, MESSAGE_RESOLVED)) {
        /* Before 2.8 the child shows the client itself, and was judged at once. */
        if (c->origin != ORIGIN_FILTER)
            life->counters.late_links++;
        return true;
    }
    set_parent(life, c, m, ORIGIN_FILTER);
    inherit(life, c);
    return true;
}

/* Mail that goes to an address of this host has not left it. True where it was handed on: to
 * messages that the reply names, or to a filter that may have swallowed it. */
static bool is_handed(struct life *life, struct message *m, const struct record *rec,
                      bool *ret_filter)
{
    struct address a;
    unsigned port;
    bool named = false;

    *ret_filter = false;
    if (rec->program == PROGRAM_PIPE) {
        *ret_filter = site_is_filter_service(life->site, rec->relay);
        return *ret_filter && rec->status != STATUS_BOUNCED;
    }
    if ((rec->program != PROGRAM_SMTP && rec->program != PROGRAM_LMTP) ||
        !record_relay(rec->relay, &a, &port) || !site_is_own_address(life->site, &a))
        return false;
    *ret_filter = site_is_filter(life->site, &a, port);
    if (rec->status == STATUS_SENT) {
        struct span reply = rec->reply;
        struct queue_id id;
        ptrdiff_t open = span_find(rec->relay, '['), close = span_find(rec->relay, ']');
        struct span relay = span_of(rec->relay.at + open + 1, (size_t)(close - open - 1));
        for (int i = 0; i < QUEUED_AS_MAX && record_queued_as(&reply, &id); i++)
            named |= link_hop(life, m, id, relay);
    }
    return named || (*ret_filter && rec->status != STATUS_BOUNCED);
}

/* Whether a filter refused it that the settings don't name: whoever speaks SMTP at an own address is
 * one, or another instance, whose 5.1.x says the address is bad. LMTP may as well be the mailboxes',
 * which refuse for their own reasons, but not by policy (5.7.x). */
static bool is_refusal_of_filter(const struct life *life, const struct record *rec)
{
    struct address a;
    unsigned port;

    if (!record_relay(rec->relay, &a, &port) || !site_is_own_address(life->site, &a))
        return false;
    return rec->program == PROGRAM_SMTP ||
           (rec->program == PROGRAM_LMTP && span_starts(rec->dsn, SPAN("5.7.")));
}

static char agent_of(enum program program)
{
    switch (program) {
    case PROGRAM_LOCAL:
        return 'l';
    case PROGRAM_VIRTUAL:
        return 'v';
    case PROGRAM_LMTP:
        return 'm';
    case PROGRAM_PIPE:
        return 'p';
    default:
        return 0;
    }
}

/* What the log proves about the recipient's domain, before the domain is asked about. A filter's
 * word proves nothing. */
static void learn(struct life *life, const struct record *rec, bool filter)
{
    char agent = agent_of(rec->program);

    /* local(8) and virtual(8) are given mail for ours only, even what they refuse. */
    if (agent && !filter && (rec->status == STATUS_SENT || agent == 'l' || agent == 'v'))
        site_learn_domain(life->site, address_domain(rec->recipient), agent);
}

static void set_status(struct life *life, struct message *m, struct recipient *r,
                       enum status status, enum cause cause)
{
    enum status was = (enum status)r->status;

    if (status == STATUS_BOUNCED)
        r->cause = (uint8_t)cause;
    if (was == status)
        return;
    r->status = (uint8_t)status;
    /* A victim's evidence is in a cell of its own, not in the message's. */
    if ((r->flags & (RECIPIENT_COUNTED | RECIPIENT_ADDRESS)) == RECIPIENT_COUNTED)
        judge_status(life->judge, m, was, status);
}

static void apply_delivery(struct life *life, uint16_t source, const struct record *rec)
{
    struct message *m = message_for(life, source, rec->id, EVENT_DELIVERY);
    bool filter, handed;

    if (!m)
        return;
    if (m->state == MESSAGE_GONE)
        life->counters.late_deliveries++;
    if (!message_has(m, MESSAGE_BEGAN | MESSAGE_TRIED) &&
        (uint64_t)(rec->delay / US_PER_S) < life->now_s)
        m->begun_s = life->now_s - (uint32_t)(rec->delay / US_PER_S);
    m->flags |= MESSAGE_TRIED;
    if (rec->status == STATUS_PROBED)
        m->flags |= MESSAGE_PROBE;
    struct message_ref self = tracker_ref(m);
    handed = is_handed(life, m, rec, &filter);
    learn(life, rec, filter || handed);
    struct queue_id forwarded;
    if (rec->program == PROGRAM_LOCAL && record_forwarded_as(rec->reply, &forwarded)) {
        link_forward(life, m, forwarded);
        m = tracker_deref(life->tracker, self); /* making the child may have evicted it */
        if (!m)
            return;
    }
    uint32_t hash = (uint32_t)hash_nocase(rec->recipient, life->tracker->seed);
    struct recipient *r = tracker_recipient(m, hash);
    enum cause cause = judge_cause(life->judge, m, rec, filter);
    if (cause == CAUSE_OTHER && is_refusal_of_filter(life, rec))
        cause = CAUSE_FILTER_REFUSED;
    if (!r) {
        r = tracker_add_recipient(life->tracker, m, hash);
        if (!r)
            return;
        r->at_s = life->now_s;
        r->status = (uint8_t)rec->status;
        r->cause = (uint8_t)(rec->status == STATUS_BOUNCED ? cause : CAUSE_NONE);
        judge_classify(life->judge, m, rec, r, filter || handed);
        if (handed)
            r->flags |= RECIPIENT_HANDED;
    } else {
        set_status(life, m, r, rec->status, cause);
        if (!handed)
            r->flags &= (uint8_t)~RECIPIENT_HANDED;
    }
    if (!(r->flags & RECIPIENT_JUDGED) && !handed && is_ready(m))
        judge_recipient(life->judge, m, r);
}

static void apply_notice(struct life *life, uint16_t source, const struct record *rec)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);
    struct message *c = tracker_find(life->tracker, source, rec->link);

    if (queue_id_equal(rec->id, rec->link) || (c && c->origin == ORIGIN_BOUNCE))
        return;
    c = child_for(life, source, rec->link);
    if (!c)
        return;
    m = tracker_find(life->tracker, source, rec->id); /* making c may have evicted it */
    c->cause = (uint8_t)judge_notice_cause(life->judge, m, rec->notice);
    if (!m) {
        c->origin = ORIGIN_BOUNCE;
        c->flags |= MESSAGE_BEGAN;
        life->counters.children++;
        resolve(life, c, ORIGIN_UNKNOWN);
        return;
    }
    m->last_s = life->now_s;
    c->who = text_ref(m->sender);
    set_parent(life, c, m, ORIGIN_BOUNCE);
    inherit(life, c);
}

static void apply_end(struct life *life, uint16_t source, const struct record *rec)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    if (m && !transitions[m->state][EVENT_END].fresh) {
        m->last_s = life->now_s;
        if (rec->type == RECORD_REFUSED && m->state == MESSAGE_NEW)
            m->flags |= MESSAGE_NOTICED; /* a notice that was cancelled was not sent */
        end_message(life, m);
    }
}

static void apply_hold(struct life *life, uint16_t source, const struct record *rec,
                       enum event event)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    if (m)
        go_to(life, m, source, rec->id, event);
}

void life_apply(struct life *life, uint16_t source, const struct record *rec, uint32_t now_s)
{
    struct message *m;

    life->now_s = now_s;
    switch (rec->type) {
    case RECORD_CLIENT:
        apply_client(life, source, rec);
        break;
    case RECORD_PICKUP:
        apply_pickup(life, source, rec);
        break;
    case RECORD_MESSAGE_ID:
        apply_message_id(life, source, rec);
        break;
    case RECORD_ACTIVE:
        apply_active(life, source, rec);
        break;
    case RECORD_DELIVERY:
        apply_delivery(life, source, rec);
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

static void let_go(struct life *life, struct message *m)
{
    stop_waiting(life, m);
    if (m->state == MESSAGE_GONE && !message_has(m, MESSAGE_FINISHED))
        tracker_forget(life->tracker, m);
}

void life_tick(struct life *life, uint32_t now_s)
{
    struct message *m;

    life->now_s = life->clock_s = now_s;
    while ((m = tracker_waited(life->tracker, now_s)) != NULL)
        let_go(life, m);
    tracker_sweep(life->tracker, now_s);
}

void life_finish(struct life *life)
{
    struct message *m;

    while ((m = tracker_waited(life->tracker, UINT32_MAX)) != NULL)
        let_go(life, m);
}
