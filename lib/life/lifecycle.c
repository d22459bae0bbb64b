/* SPDX-License-Identifier: MIT */
#include "life/lifecycle.h"

#include "judge/accounts.h"
#include "judge/replies.h"
#include "life/lifecycle_accept.h"
#include "life/lifecycle_delivery.h"
#include "life/lifecycle_state.h"
#include "life/link_early.h"
#include "life/link_fleet.h"
#include "life/link_hop.h"
#include "life/link_keys.h"
#include "life/link_proxy.h"
#include "life/link_release.h"
#include "life/link_return.h"
#include "life/link_taken.h"
#include "life/own_names.h"
#include "site/proofs.h"
#include "track/tracker_ids.h"

/* Postfix makes message-ids for mail from this host only; whose it is may not be known yet. */
static bool may_be_own(const struct message *m)
{
    return !message_has(m, MESSAGE_BEGAN) || m->origin == ORIGIN_BOUNCE ||
           message_has(m, MESSAGE_PICKED_UP | MESSAGE_FROM_HERE);
}

static void apply_message_id(struct lifecycle *life, uint16_t source, const struct record *rec,
                             uint32_t hash)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    /* A different message-id: a notice reuses the queue ID of a message whose end was not seen. */
    if (m && m->state == MESSAGE_QUEUED && m->message_id_hash && m->message_id_hash != hash) {
        lifecycle_end(life, m);
        m = NULL;
    }
    m = lifecycle_go_to(life, m, source, rec->id, LIFECYCLE_TEXT);
    if (!m)
        return;
    tracker_set_message_id(life->tracker, m, rec->message_id, hash);
    life->hosts->host[hosts_host(m->source)].fronts |= HOST_TELLS_IDS;
    if (rec->message_id.len <= 2) /* "<>" */
        m->flags |= MESSAGE_NO_ID;
    else if (may_be_own(m) && proof_own_message_id(rec->message_id, m->id).len) {
        m->flags |= MESSAGE_OWN_ID;
        own_names_of_id(life, m);
    }
    link_early_known(life, m);
    link_return_named(life, m);
    if (site_has_fleet(life->site) && clients_of(&life->judge->clients, m)->is_fleet)
        link_fleet_arrived(life, m);
}

static bool is_probe_sender(struct span sender)
{
    return span_starts(sender, SPAN("double-bounce@"));
}

/* True if it is a login's or a uid's, or may still turn out to be. */
static bool may_flood(const struct message *m)
{
    return !message_has(m, MESSAGE_RESOLVED) || m->root == ORIGIN_ACCOUNT ||
           m->root == ORIGIN_LOCAL;
}

/* True if a program on this host, or near by, may have written it, itself or through a filter. */
static bool may_be_reply(const struct message *m)
{
    return m->origin == ORIGIN_LOCAL || m->origin == ORIGIN_FILTER ||
           (m->origin == ORIGIN_TRUSTED && (m->is_near || message_has(m, MESSAGE_FROM_HERE)));
}

static void see_sender_of_login(struct lifecycle *life, struct span login, struct span sender)
{
    if (site_see_sender_of_login(life->site, login, sender))
        accounts_changed(life->judge, login);
}

/* To so many, at most, a person has his mail sent on by an alias or a .forward. */
enum { SENT_ON_FEW = 10 };

static void apply_active(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = lifecycle_message_for(life, source, rec->id, LIFECYCLE_ACTIVE);

    if (!m || message_has(m, MESSAGE_HAS_SENDER))
        return;
    if (rec->sender.len)
        m->sender = intern_make(life->tracker->texts, rec->sender);
    /* A client can claim any sender. */
    if (m->origin == ORIGIN_NONE && is_probe_sender(rec->sender))
        m->flags |= MESSAGE_PROBE;
    m->flags |= MESSAGE_HAS_SENDER;
    if (message_has(m, MESSAGE_BARE))
        own_names_of_sender(life, m);
    if (m->origin == ORIGIN_ACCOUNT)
        see_sender_of_login(life, intern_span(message_who(m, WHO_LOGIN)), rec->sender);
    link_return_sender(life, m);
    if (message_has(m, MESSAGE_CLAIMED) && message_has(m, MESSAGE_FROM_HERE))
        link_taken_look(life, m);
    uint32_t nrcpt =
        rec->recipient_count < UINT32_MAX ? (uint32_t)rec->recipient_count : UINT32_MAX;
    if (m->origin == ORIGIN_NONE)
        m->nrcpt = nrcpt;
    m->flags |= nrcpt > SENT_ON_FEW ? MESSAGE_MANY : 0;
    if (m->sender && (!message_has(m, MESSAGE_RESOLVED) || m->root == ORIGIN_OUTSIDE))
        replies_may_come(life->judge, m);
    if (nrcpt == 1 && may_be_reply(m))
        m->cause = CAUSE_AUTOREPLY;
    if (may_flood(m) && nrcpt > m->recipient_count)
        tracker_expect(life->tracker, m, nrcpt, life->clock_s);
    lifecycle_judge_ready(life, m);
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
    if (m) {
        link_early_set_notice(life, c, m, rec->notice);
        return;
    }
    c->cause = (uint8_t)classifier_notice_cause(NULL, rec->notice);
    c->origin = ORIGIN_BOUNCE;
    c->flags |= MESSAGE_BEGAN;
    life->counters.children++;
    early_links_keep(life, (struct early_link){.kind = EARLY_NOTICE,
                                               .source = source,
                                               .parent = rec->id,
                                               .child = rec->link,
                                               .notice = (uint8_t)rec->notice});
}

static void apply_end(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);
    /* qmgr finds a file missing that postsuper -h has moved. */
    bool on_hold = m && m->state == MESSAGE_HELD && rec->type == RECORD_MISSING;

    if (m)
        m->last_s = life->now_s;
    if (m && !on_hold) {
        if ((rec->type == RECORD_REFUSED || rec->type == RECORD_TAKEN) && m->state == MESSAGE_NEW)
            m->flags |= MESSAGE_NOTICED; /* a cancelled notice must not be counted */
        lifecycle_leave_queue(life, m);
        if (message_has(m, MESSAGE_PARENT))
            link_release(life, m);
    }
}

static void apply_taken(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    if (m && m->state == MESSAGE_NEW && !message_has(m, MESSAGE_HAS_SENDER)) {
        m->sender = rec->sender.len ? intern_make(life->tracker->texts, rec->sender) : NULL;
        m->flags |= MESSAGE_HAS_SENDER;
    }
    apply_end(life, source, rec);
    m = tracker_find(life->tracker, source, rec->id);
    if (m)
        link_taken_gone(life, m);
}

static void see_header(struct lifecycle *life, uint16_t source, const struct record *rec)
{
    mail_headers_see(&life->judge->headers, life->tracker, source, rec, life->now_s);
}

static void apply_hold(struct lifecycle *life, uint16_t source, const struct record *rec,
                       enum lifecycle_event event)
{
    struct message *m = tracker_find(life->tracker, source, rec->id);

    if (m && lifecycle_go_to(life, m, source, rec->id, event))
        link_early_known(life, m);
    else if (!m && event == LIFECYCLE_HOLD)
        early_links_keep(
            life, (struct early_link){.kind = EARLY_HOLD, .source = source, .parent = rec->id});
}

void lifecycle_refused(struct lifecycle *life, const struct record *rec)
{
    lifecycle_learn(life, rec->refused_domain, proof_class_of_refusal(rec), PROOF_BY_REFUSAL, 0);
}

/* The classifier keeps a domain that isn't among its latest among the texts (classify.c). */
void lifecycle_prefetch_slot(const struct lifecycle *life, uint16_t source,
                             const struct record *rec, const struct record_hash *hash)
{
    if (rec->type == RECORD_CLIENT)
        interns_prefetch_slot(life->tracker->texts, (uint32_t)hash->text);
    else if (rec->type == RECORD_MESSAGE_ID)
        link_index_prefetch(&life->links,
                            link_key_of_id(tracker_id_of_hash(hash->text), source, 0));
    else if (rec->program != PROGRAM_SMTP)
        site_prefetch_mailbox(life->site, hash->text);
    else
        interns_prefetch_slot(life->tracker->texts, hash->domain);
}

void lifecycle_prefetch(const struct lifecycle *life, uint16_t source, const struct record *rec,
                        const struct record_hash *hash)
{
    if (rec->type == RECORD_CLIENT)
        interns_prefetch_entry(life->tracker->texts, (uint32_t)hash->text);
    else if (rec->type == RECORD_MESSAGE_ID)
        link_index_prefetch_entry(&life->links,
                                  link_key_of_id(tracker_id_of_hash(hash->text), source, 0));
    else if (rec->program == PROGRAM_SMTP)
        interns_prefetch_entry(life->tracker->texts, hash->domain);
}

void lifecycle_prefetch_more(const struct lifecycle *life, const struct record *rec,
                             uint32_t id_hash)
{
    bool may_return = rec->type == RECORD_DELIVERY && rec->program != PROGRAM_SMTP;
    const struct message *m = may_return ? tracker_peek(life->tracker, id_hash) : NULL;

    if (!m)
        return;
    link_index_prefetch_entry(&life->links, link_key(m, 0));
}

void lifecycle_apply(struct lifecycle *life, uint16_t source, const struct record *rec,
                     uint64_t text_hash, uint32_t now_s)
{
    struct message *m;

    life->now_s = now_s;
    switch (rec->type) {
    case RECORD_CLIENT:
        lifecycle_client(life, source, rec, (uint32_t)text_hash);
        break;
    case RECORD_PROXY_CLIENT:
        if (rec->account.len)
            lifecycle_see_login(life, rec->account);
        link_proxy_client(life, source, rec);
        break;
    case RECORD_CERTIFICATE:
        site_see_certificate(life->site, rec->client_address, rec->of_known_ca);
        break;
    case RECORD_PROXY_ACCEPT:
        link_proxy_accepted(life, source, rec);
        break;
    case RECORD_PICKUP:
        lifecycle_pickup(life, source, rec);
        break;
    case RECORD_MESSAGE_ID:
        apply_message_id(life, source, rec, tracker_id_of_hash(text_hash));
        break;
    case RECORD_ACTIVE:
        apply_active(life, source, rec);
        break;
    case RECORD_DELIVERY:
    case RECORD_CUT:
    case RECORD_AMBIGUOUS:
        lifecycle_delivery(life, source, rec, text_hash);
        break;
    case RECORD_REMOVED:
    case RECORD_MISSING:
    case RECORD_REFUSED:
    case RECORD_REQUEUED:
        apply_end(life, source, rec);
        break;
    case RECORD_TAKEN:
        apply_taken(life, source, rec);
        break;
    case RECORD_FILTERED:
        link_hop_filtered(life, source, rec);
        break;
    case RECORD_NOTICE:
        apply_notice(life, source, rec);
        break;
    case RECORD_SAYS:
        see_header(life, source, rec);
        break;
    case RECORD_HELD:
        if (rec->header != MAIL_HEADER_COUNT)
            see_header(life, source, rec);
        apply_hold(life, source, rec, LIFECYCLE_HOLD);
        break;
    case RECORD_RELEASED:
        apply_hold(life, source, rec, LIFECYCLE_RELEASE);
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

static void let_go(struct lifecycle *life, struct message *m, bool at_end)
{
    if (!at_end && (link_return_must_wait(life, m) || link_fleet_must_wait(life, m) ||
                    lifecycle_must_wait_for_cause(life, m))) {
        tracker_wait(life->tracker, m, life->clock_s);
        return;
    }
    link_return_waited(life, m);
    lifecycle_stop_waiting(life, m);
    own_names_of_probe(life, m);
    if (m->state == MESSAGE_GONE && !message_has(m, MESSAGE_FINISHED))
        tracker_forget(life->tracker, m);
}

/* What should have been tried by now, and was not. Of a message whose recipients are too many to be
 * remembered, nobody knows. It counts in the message's time: that of its line would depend on how
 * far a silent log's clock had gone on. */
static void count_undecided(struct lifecycle *life, uint16_t host, uint32_t due_s)
{
    uint32_t nrcpt;
    struct message *m;

    while ((m = tracker_expected(life->tracker, host, due_s, &nrcpt)) != NULL)
        if (message_has(m, MESSAGE_RESOLVED) && m->state != MESSAGE_GONE &&
            nrcpt > m->recipient_count && m->recipient_count < life->tracker->limits.recipients)
            judge_undecided(life->judge, m, nrcpt - m->recipient_count, m->begun_s);
}

static void stop_waits(struct lifecycle *life, uint16_t host, uint32_t now_s, uint32_t due_s)
{
    struct message *m;

    life->now_s = life->clock_s = now_s;
    while ((m = tracker_waited(life->tracker, host, due_s)) != NULL)
        let_go(life, m, due_s == UINT32_MAX);
    count_undecided(life, host, due_s);
}

void lifecycle_tick(struct lifecycle *life, uint16_t host, uint32_t now_s)
{
    stop_waits(life, host, now_s, now_s);
}

bool lifecycle_init(struct lifecycle *life, struct tracker *tracker, struct site *site,
                    struct judge *judge)
{
    life->tracker = tracker;
    life->site = site;
    life->hosts = judge->hosts;
    life->judge = judge;
    return link_index_init(&life->links, LINK_ENTRIES);
}

void lifecycle_done(struct lifecycle *life)
{
    link_proxy_done(life);
    early_links_done(life);
    link_index_done(&life->links);
}

void lifecycle_finish(struct lifecycle *life, uint16_t host, uint32_t now_s)
{
    stop_waits(life, host, now_s, UINT32_MAX);
}
