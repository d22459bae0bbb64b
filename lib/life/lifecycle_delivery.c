/* SPDX-License-Identifier: MIT */
/* What delivery records say: where a message went, how it fared, and which others it became. */
#include "life/lifecycle_delivery.h"

#include <libpsl.h>

#include "life/link_pipe.h"

enum { QUEUED_AS_MAX = 8, LINK_SLACK_S = 2 };

/* local(8): "forwarded as NEWID". */
static void link_forward(struct lifecycle *life, struct message *m, struct queue_id id)
{
    struct message *c;
    struct message_ref self = tracker_ref(m);

    if (queue_id_equal(m->id, id))
        return;
    c = tracker_find(life->tracker, m->source, id);
    if (c && c->origin == ORIGIN_FORWARD && c->parent.slot == self.slot)
        return;
    c = lifecycle_child_for(life, m->source, id);
    m = tracker_deref(life->tracker, self);
    if (!c || !m)
        return;
    lifecycle_set_parent(life, c, m, ORIGIN_FORWARD, "forwarded as");
    lifecycle_inherit(life, c);
}

/* Why the message that a reply names can't be the one that went out on this hop, or NULL: a reply is
 * anybody's text. It must have come from this host (or, before Postfix 2.8, seem to come from the
 * same client), hold the same message-id and have been accepted while this one was delivered. */
static const char *why_not_hop(const struct lifecycle *life, const struct message *m,
                               const struct message *c, struct span relay_address)
{
    struct span address = client_address(intern_span(c->client));

    if (c->origin == ORIGIN_OUTSIDE || c->origin == ORIGIN_TRUSTED) {
        if (!lifecycle_comes_from_itself(life, address) && !span_equal(address, relay_address) &&
            c->client != m->client)
            return "it did not come from this host";
    } else if (c->origin != ORIGIN_FILTER || c->parent.slot != tracker_ref(m).slot) {
        return "its origin is known";
    }
    if (c->message_id_hash != m->message_id_hash && c->message_id_hash && m->message_id_hash)
        return "another message-id";
    if (c->begun_s + LINK_SLACK_S < m->begun_s || c->begun_s > life->now_s + LINK_SLACK_S)
        return "it was not accepted while the other was delivered";
    return NULL;
}

static bool link_hop(struct lifecycle *life, struct message *m, struct queue_id id,
                     struct span relay)
{
    struct message *c = lifecycle_find_on_host(life, m->source, id);

    if (!c || c == m)
        return false;
    const char *why_not = why_not_hop(life, m, c, relay);
    if (why_not) {
        lifecycle_refuse_link(life, m, c, why_not);
        return false;
    }
    if (message_has(c, MESSAGE_RESOLVED)) {
        /* Before 2.8 the child shows the client itself, and was judged at once. */
        if (c->origin != ORIGIN_FILTER)
            life->counters.late_links++;
        return true;
    }
    lifecycle_set_parent(life, c, m, ORIGIN_FILTER, "queued as");
    lifecycle_inherit(life, c);
    return true;
}

/* Mail that goes to an address of this host has not left it. True where it was handed on: to
 * messages that the reply names, or to a filter that may have swallowed it. */
static bool is_handed(struct lifecycle *life, struct message *m, const struct record *rec,
                      bool *ret_filter)
{
    struct address a;
    unsigned port;
    bool named = false;

    *ret_filter = false;
    if (rec->program == PROGRAM_PIPE) {
        *ret_filter = site_is_filter_service(life->site, rec->relay);
        if (*ret_filter && rec->status == STATUS_SENT)
            link_pipe_given(life, m, rec);
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

/* "mx1.example.net" on the host mx1. A host called example may have its mail as example.org,
 * though: what somebody registered is a domain. */
static bool is_own_name(const struct lifecycle *life, uint16_t source, struct span domain)
{
    struct span host = intern_span(hosts_of(life->hosts, source)->name);
    ptrdiff_t dot = span_find(host, '.'), first = span_find(domain, '.');
    char above[256];

    if (dot >= 0)
        host.len = (size_t)dot;
    if (first <= 0 || domain.len - (size_t)first > sizeof(above) ||
        !span_equal_nocase(span_head(domain, (size_t)first), host))
        return false;
    domain = span_skip(domain, (size_t)first + 1);
    for (size_t i = 0; i < domain.len; i++)
        above[i] = ascii_lower(domain.at[i]);
    above[domain.len] = '\0';
    return !psl_is_public_suffix(psl_builtin(), above);
}

/* What the log proves about the recipient's domain, before the domain is asked about. A filter's
 * word proves nothing; what has only our mail proves it even by refusing. */
static void learn(struct lifecycle *life, uint16_t source, const struct record *rec, bool filter)
{
    struct span domain = rec->recipient_domain;
    enum proof proof = PROOF_CONFIGURED;

    if (filter)
        return;
    if (program_has_only_ours(rec->program))
        proof = is_own_name(life, source, domain) ? PROOF_OF_HOSTNAME : PROOF_CERTAIN;
    else if (program_may_have_ours(rec->program) && rec->status == STATUS_SENT)
        proof = PROOF_BY_DELIVERY;
    if (proof == PROOF_CONFIGURED)
        return;
    if (trace_wants(life->trace, TRACE_SITE) && site_class(life->site, domain) != CLASS_OURS)
        trace_say(life->trace, TRACE_SITE, "%.*s is ours: %s took its mail%s", SPAN_ARG(domain),
                  program_name(rec->program),
                  proof == PROOF_OF_HOSTNAME ? "; it is the host's own name" : "");
    site_learn_domain(life->site, domain, proof);
}

static void set_status(struct lifecycle *life, struct message *m, struct recipient *r,
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

/* One recipient more than is remembered of a message: it counts when it is final, since only then
 * can it not come again. */
static void deliver_over(struct lifecycle *life, struct message *m, const struct record *rec,
                         struct recipient *r, bool filter)
{
    if ((rec->status != STATUS_SENT && rec->status != STATUS_BOUNCED) || !lifecycle_is_ready(m))
        return;
    classifier_recipient(&life->judge->classifier, m, rec, r, filter);
    judge_recipient(life->judge, m, r);
    intern_put(life->tracker->texts, r->text);
}

void lifecycle_delivery(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = lifecycle_message_for(life, source, rec->id, LIFECYCLE_DELIVERY);
    bool filter, handed;

    if (!m)
        return;
    if (m->state == MESSAGE_GONE)
        life->counters.late_deliveries++;
    if (!message_has(m, MESSAGE_BEGAN | MESSAGE_TRIED) &&
        (uint64_t)(rec->delay / US_PER_S) < life->now_s)
        m->begun_s = life->now_s - (uint32_t)(rec->delay / US_PER_S);
    if (rec->status == STATUS_PROBED)
        m->flags |= MESSAGE_PROBE;
    link_pipe_returned(life, m, rec);
    m->flags |= MESSAGE_TRIED;
    struct message_ref self = tracker_ref(m);
    handed = is_handed(life, m, rec, &filter);
    learn(life, source, rec, filter || handed);
    struct queue_id forwarded;
    if (rec->program == PROGRAM_LOCAL && record_forwarded_as(rec->reply, &forwarded)) {
        link_forward(life, m, forwarded);
        m = tracker_deref(life->tracker, self); /* making the child may have evicted it */
        if (!m)
            return;
    }
    uint32_t hash = (uint32_t)hash_nocase(rec->recipient, life->tracker->seed);
    struct recipient *r = tracker_recipient(m, hash);
    enum cause cause = classifier_cause(&life->judge->classifier, m, rec, filter);
    if (!r) {
        struct recipient new = {.hash = hash,
                                .at_s = life->now_s,
                                .status = (uint8_t)rec->status,
                                .cause =
                                    (uint8_t)(rec->status == STATUS_BOUNCED ? cause : CAUSE_NONE)};
        r = tracker_add_recipient(life->tracker, m, hash);
        if (!r) {
            if (!handed)
                deliver_over(life, m, rec, &new, filter);
            return;
        }
        *r = new;
        classifier_recipient(&life->judge->classifier, m, rec, r, filter || handed);
        if (handed)
            r->flags |= RECIPIENT_HANDED;
    } else {
        set_status(life, m, r, rec->status, cause);
        if (!handed)
            r->flags &= (uint8_t)~RECIPIENT_HANDED;
    }
    if (!(r->flags & RECIPIENT_JUDGED) && !handed && lifecycle_is_ready(m))
        judge_recipient(life->judge, m, r);
}
