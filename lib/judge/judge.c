/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "base/hash.h"
#include "detect/detector.h"
#include "judge/accounts.h"
#include "judge/connectors.h"
#include "judge/counting.h"
#include "judge/lists.h"
#include "judge/notices.h"
#include "judge/own_copies.h"
#include "judge/pipes.h"
#include "judge/replies.h"
#include "judge/scattered.h"
#include "judge/senders.h"
#include "judge/trusted_senders.h"
#include "parse/refused_by.h"

const struct incident *judge_incident_of(const struct judge *judge, const struct message *m)
{
    return detector_incident_of(judge->detector, counting_cell_of(m));
}

void judge_forget_answers(struct judge *judge)
{
    classifier_reset(&judge->classifier);
    clients_reset(&judge->clients);
}

void judge_done(struct judge *judge)
{
    judge_forget_answers(judge);
    answers_done(&judge->answers);
    familiar_done(&judge->familiar);
    undecided_done(&judge->undecided);
    refused_done(&judge->refused, judge->classifier.texts);
    mail_headers_done(&judge->headers, judge->tracker->texts);
}

void judge_set_site(struct judge *judge, struct site *site)
{
    judge_forget_answers(judge);
    hosts_set_site(judge->hosts, site);
    judge->classifier.site = judge->clients.site = site;
}

void judge_taken_by_program(struct judge *judge, const struct message *m, const struct recipient *r,
                            uint64_t orig)
{
    lists_take(judge, m, r->hash, r->at_s);
    if (orig)
        lists_take(judge, m, orig, r->at_s);
    if (m->root == ORIGIN_OUTSIDE)
        answers_taken(&judge->answers, hosts_host(m->source), tracker_ref(m), r->at_s);
}

/* Nobody is told that a notice was refused; and what one of ours is told is no backscatter. */
static bool may_be_told(struct classifier *c, const struct message *m)
{
    struct span sender = intern_span(m->sender);

    if (!sender.len)
        return !message_has(m, MESSAGE_HAS_SENDER);
    return classifier_class_of(c, sender) != CLASS_OURS || mail_address_is_srs(sender);
}

void judge_refused(struct judge *judge, const struct message *m, const struct recipient *r,
                   const struct record *rec, bool filter)
{
    struct classifier *c = &judge->classifier;
    char text[REFUSED_BY_MAX], domain[REFUSED_BY_MAX];

    if (!may_be_told(c, m) || rec->address_is_cut)
        return;
    enum address_class class = classifier_address_class(c, rec, filter);
    struct intern *by = intern_get(c->texts, refused_by_print(rec, class, text)),
                  *of = intern_get(c->texts, refused_by_domain(rec, class, domain));
    if (by && of)
        refused_add(&judge->refused, c->texts, tracker_ref(m), r->hash, by, of);
    intern_put(c->texts, by);
    intern_put(c->texts, of);
}

/* The kind that mail to the outside is evidence of, by where it came from; -1 if none. */
static int kind_of(struct judge *judge, const struct message *m)
{
    switch (m->root) {
    case ORIGIN_OUTSIDE:
        return KIND_OPEN_RELAY;
    case ORIGIN_ACCOUNT:
        return KIND_ACCOUNT_ABUSE;
    case ORIGIN_LOCAL:
        return replies_is_automatic(judge, m) ? KIND_BACKSCATTER_SOURCE : KIND_LOCAL_ABUSE;
    case ORIGIN_TRUSTED:
        return replies_is_automatic(judge, m) ? KIND_BACKSCATTER_SOURCE : KIND_TRUSTED_RELAY;
    default:
        return -1;
    }
}

/* Mail of a login or a uid can be judged without knowing our domains: what smtp(8) takes to a
 * foreign server has left, and so have autoreplies. A stranger's mail may do so legitimately, where
 * we are a gateway. */
static enum domain_class class_of(struct judge *judge, const struct message *m,
                                  const struct recipient *r)
{
    bool left = r->class == CLASS_UNKNOWN && r->flags & RECIPIENT_LEFT;
    bool known = m->root == ORIGIN_ACCOUNT || m->root == ORIGIN_LOCAL;

    return left && (known || replies_is_automatic(judge, m)) ? CLASS_OUTSIDE
                                                             : (enum domain_class)r->class;
}

/* Postfix may add recipients to mail from outside, and the log doesn't say which. */
static bool may_be_copied(const struct judge *judge, const struct message *m)
{
    return m->root == ORIGIN_OUTSIDE && site_has_fact(judge->classifier.site, SITE_BCC_MAPS);
}

static void look_for_copies(struct judge *judge, struct message *m, const struct recipient *r)
{
    char id[QUEUE_ID_TEXT_MAX];

    if (!may_be_copied(judge, m) || !copies_see(&judge->copies, m, r))
        return;
    site_warn(judge->classifier.site, "copies?",
              "An outside address gets a copy of mail to our addresses, and recipient_bcc_maps or "
              "sender_bcc_maps is set, so this is not reported as relaying. Message %s shows the "
              "address: if it should get copies, add it to copies_to in [site].",
              queue_id_print(m->id, id));
}

/* Where no settings tell of copies. */
static void look_for_archive(struct judge *judge, struct message *m)
{
    struct site *site = judge->classifier.site;
    uint32_t host = hosts_of(judge->hosts, m->source)->name->hash;
    enum archives_shown shown =
        archives_gone(&judge->archives, site, judge->tracker->seed, m, host);
    char id[QUEUE_ID_TEXT_MAX];

    if (shown == ARCHIVES_NOTHING)
        return;
    if (shown == ARCHIVES_FOUND_LATE)
        judge->reread |= REREAD_FIGURES;
    site_warn(site, "copies?",
              "An outside address gets a copy of all mail, as by always_bcc, and no settings tell "
              "of it, so this is not reported as relaying. Message %s shows the address: if it "
              "should get copies, add it to copies_to in [site]; if not, somebody reads your mail.",
              queue_id_print(m->id, id));
}

/* To the outside, by an alias or a .forward of ours. */
static bool is_sent_on(const struct message *m, const struct recipient *r, enum domain_class class)
{
    return r->flags & RECIPIENT_FORWARDED ||
           (m->origin == ORIGIN_FORWARD && class == CLASS_OUTSIDE);
}

static bool is_of_ours(int kind)
{
    return kind == KIND_ACCOUNT_ABUSE || kind == KIND_LOCAL_ABUSE || kind == KIND_TRUSTED_RELAY;
}

/* A notice of mail that one of ours didn't send: his address is forged elsewhere. */
static bool is_to_victim(const struct message *m, const struct recipient *r)
{
    return r->class == CLASS_OURS && m->root == ORIGIN_OUTSIDE && !m->sender &&
           message_has(m, MESSAGE_HAS_SENDER) && r->flags & RECIPIENT_ADDRESS &&
           m->origin != ORIGIN_FORWARD;
}

/* The recipient is outside, or may be. */
static enum verdict verdict_of_leaving(struct judge *judge, struct message *m,
                                       const struct recipient *r, int *ret_kind)
{
    if (m->root == ORIGIN_OUTSIDE && site_has_fact(judge->classifier.site, SITE_MX_BACKUP) &&
        !site_is_outside(judge->classifier.site, intern_span(r->text)))
        return VERDICT_UNKNOWN_DOMAINS;
    if (may_be_copied(judge, m) && copies_has(&judge->copies, r))
        return VERDICT_COPY;
    if (m->root == ORIGIN_OUTSIDE && site_has_fact(judge->classifier.site, SITE_NO_ORIG_TO))
        return VERDICT_MAYBE_FORWARDED;
    /* Much of it is found all the same: a stranger may look like an office. */
    if (connectors_may_hand_over(judge, m, r)) {
        *ret_kind = KIND_TRUSTED_RELAY;
        return VERDICT_CONNECTOR;
    }
    *ret_kind = kind_of(judge, m);
    if (*ret_kind < 0)
        return VERDICT_UNKNOWN_ORIGIN;
    if (replies_is_answer(judge, m, r) && replies_is_by_program(judge, m))
        *ret_kind = KIND_BACKSCATTER_SOURCE;
    if (is_of_ours(*ret_kind) && own_copies_see(judge, m, r)) {
        *ret_kind = -1;
        return VERDICT_COPY;
    }
    return *ret_kind == KIND_BACKSCATTER_SOURCE ? VERDICT_AUTOREPLY : VERDICT_RELAYED;
}

/* What a recipient of this message is evidence of. */
static enum verdict verdict_of(struct judge *judge, struct message *m, const struct recipient *r,
                               int *ret_kind)
{
    enum domain_class class = class_of(judge, m, r);

    *ret_kind = -1;
    if (message_has(m, MESSAGE_PROBE) || r->status == STATUS_PROBED)
        return VERDICT_PROBE;
    if (r->flags & RECIPIENT_RETURNED)
        return VERDICT_RETURNED;
    if (is_to_victim(m, r)) {
        *ret_kind = KIND_BACKSCATTER_VICTIM;
        return VERDICT_VICTIM;
    }
    if (m->root == ORIGIN_LOCAL && lists_is_post(judge, m))
        return VERDICT_FORWARDED;
    /* Who may write mail here may also write where it goes on to. */
    if (m->root == ORIGIN_LOCAL && message_has(m, MESSAGE_MANY) && is_sent_on(m, r, class)) {
        *ret_kind = kind_of(judge, m);
        return *ret_kind == KIND_LOCAL_ABUSE ? VERDICT_RELAYED : VERDICT_AUTOREPLY;
    }
    if (r->flags & RECIPIENT_FORWARDED || (m->origin == ORIGIN_FORWARD && class != CLASS_OURS))
        return VERDICT_FORWARDED;
    if (class != CLASS_OURS && class != CLASS_OUTSIDE && scattered_is(judge, m, r))
        class = CLASS_OUTSIDE;
    if (class == CLASS_OURS)
        return VERDICT_RECIPIENT_OURS;
    if (m->root == ORIGIN_OUTSIDE && site_is_archive(judge->classifier.site, r->hash))
        return VERDICT_COPY;
    if (class == CLASS_RELAY_DOMAIN) {
        scattered_ask(judge, m, r);
        return VERDICT_RELAY_DOMAIN;
    }
    if (class == CLASS_UNKNOWN)
        return VERDICT_UNKNOWN_DOMAINS;
    return verdict_of_leaving(judge, m, r, ret_kind);
}

/* The queue file before m, if it isn't the first: what a filter that nobody knew had taken from it
 * was counted there. */
static struct message *file_before(struct judge *judge, struct message *m)
{
    bool is_between = m->origin == ORIGIN_FILTER && m->parent.slot != m->whole.slot;

    return is_between ? tracker_deref(judge->tracker, m->parent) : NULL;
}

/* True if another queue file of the same message has counted this recipient. */
static bool counted_before(struct judge *judge, struct message *m, struct message *whole,
                           struct recipient *r)
{
    struct recipient *other = whole != m ? tracker_recipient(whole, r->hash) : NULL;

    if (other)
        r->flags |= other->flags & (RECIPIENT_FORWARDED | RECIPIENT_RETURNED);
    if (!other || !(other->flags & RECIPIENT_COUNTED)) {
        whole = file_before(judge, m);
        other = whole ? tracker_recipient(whole, r->hash) : NULL;
    }
    if (!other || !(other->flags & RECIPIENT_COUNTED))
        return false;
    if (other->status != r->status && !(other->flags & RECIPIENT_ADDRESS))
        detector_status(judge->detector, counting_cell_of(whole), (enum status)other->status,
                        (enum status)r->status, r->at_s);
    other->flags &= (uint8_t)~RECIPIENT_COUNTED;
    r->flags |= RECIPIENT_COUNTED;
    counting_join(judge, m, counting_cell_of(whole));
    return true;
}

static void observe_recipient(struct judge *judge, struct message *m, struct recipient *r, int kind)
{
    struct observation o = {.kind = (enum kind)kind,
                            .at_s = r->at_s,
                            .recipient_domain = intern_span(r->text),
                            .recipient_domain_text = r->text,
                            .status = (enum status)r->status,
                            .counts = true};
    char account[SITE_LOGIN_MAX];

    o.null_sender = message_has(m, MESSAGE_HAS_SENDER) && !m->sender;
    o.sender_is_default = message_has(m, MESSAGE_BARE);
    if (kind == KIND_TRUSTED_RELAY && m->sender)
        trusted_senders_look(judge, m, r, replies_is_by_program(judge, m), &o);
    if (kind == KIND_LOCAL_ABUSE) {
        uint64_t who = judge->hosts->host[hosts_host(m->source)].name->hash + m->uid * HASH_ODD_2;
        o.repeats = !repeats_see(&judge->repeats, hash_mix(who ^ r->hash, HASH_ODD_1), r->at_s);
        o.forwarder = intern_span(message_who(m, WHO_FORWARDER));
    }
    if (kind == KIND_ACCOUNT_ABUSE) {
        accounts_name(judge, m, &o, account);
        if (o.null_sender && replies_is_receipt(judge, m, r))
            o.null_sender = false;
        o.foreign_sender = m->sender && sender_is_foreign_to(judge->classifier.site,
                                                             intern_span(m->sender), o.account);
    }
    if (kind == KIND_BACKSCATTER_VICTIM) {
        o.recipient = intern_span(r->text);
        o.recipient_domain = mail_address_domain(o.recipient);
        o.recipient_domain_text = NULL;
    }
    if (kind == KIND_BACKSCATTER_SOURCE) {
        o.cause = CAUSE_AUTOREPLY;
        o.notice = true;
        o.day_only = replies_is_vacation(judge, m, r);
    }
    counting_observe(judge, m, r, &o);
}

static void count_delivery(struct judge *judge, enum origin root, const struct recipient *r)
{
    judge->deliveries[root][r->outcome]++;
}

uint64_t judge_deliveries(const struct judge *judge, enum origin root, enum domain_class class,
                          enum status status)
{
    uint64_t sum = 0;

    for (unsigned outcome = 0; outcome <= UINT8_MAX; outcome++) {
        struct recipient r = {.outcome = (uint8_t)outcome};
        if (r.class == class && r.status == status)
            sum += judge->deliveries[root][outcome];
    }
    return sum;
}

uint64_t judge_recipients(const struct judge *judge, enum origin root)
{
    uint64_t sum = 0;

    for (unsigned outcome = 0; outcome <= UINT8_MAX; outcome++)
        sum += judge->deliveries[root][outcome];
    return sum;
}

/* Kept out of the way of what happens for every delivery. */
__attribute__((noinline)) void judge_ended_otherwise(struct judge *judge, struct message *m,
                                                     const struct recipient *r)
{
    bool notice = counting_whole_of(judge, m)->origin == ORIGIN_BOUNCE;

    count_delivery(judge, notice ? ORIGIN_BOUNCE : (enum origin)m->root, r);
}

void judge_recipient(struct judge *judge, struct message *m, struct recipient *r)
{
    int kind = -1;
    enum verdict verdict;

    struct message *whole = counting_whole_of(judge, m);

    r->flags |= RECIPIENT_JUDGED;
    if (whole->origin == ORIGIN_BOUNCE) {
        struct recipient *same = tracker_recipient(whole, r->hash);
        if (same) /* what another instance or a filter passed on has left for it, too */
            same->flags |= r->flags & RECIPIENT_LEFT;
        if (!message_has(whole, MESSAGE_NOTICED))
            notices_judge(judge, whole);
        notices_count_recipient(judge, whole, r);
        count_delivery(judge, ORIGIN_BOUNCE, r);
        return;
    }
    bool counted = counted_before(judge, m, whole, r);
    if (r->cause == CAUSE_RELAYED &&
        (r->flags & RECIPIENT_FORWARDED || m->origin == ORIGIN_FORWARD))
        r->cause = CAUSE_FORWARD_REFUSED;
    if (counted)
        return;
    count_delivery(judge, (enum origin)m->root, r);
    verdict = verdict_of(judge, m, r, &kind);
    counting_report(judge, m, r, verdict, kind);
    if (kind >= 0)
        observe_recipient(judge, m, r, kind);
    look_for_copies(judge, m, r);
    if (r->door && r->flags & RECIPIENT_HERE)
        pipes_see(judge, m, r);
}

void judge_undecided(struct judge *judge, struct message *m, uint32_t n, uint32_t at_s)
{
    int kind = kind_of(judge, m);

    if ((kind != KIND_ACCOUNT_ABUSE && kind != KIND_LOCAL_ABUSE) || m->origin == ORIGIN_FORWARD ||
        m->origin == ORIGIN_BOUNCE || message_has(m, MESSAGE_PROBE) || lists_is_post(judge, m) ||
        undecided_find(&judge->undecided, tracker_ref(m)))
        return;
    struct observation o = {
        .kind = (enum kind)kind, .at_s = at_s, .status = STATUS_OTHER, .undecided = n};
    char account[SITE_LOGIN_MAX];

    if (kind == KIND_ACCOUNT_ABUSE)
        accounts_name(judge, m, &o, account);
    struct cell_ref cell = counting_observe(judge, m, NULL, &o);
    const struct undecided_entry entry = {tracker_ref(m), n, o.at_s, cell};
    if (cell.cell)
        undecided_add(&judge->undecided, &entry);
}

void judge_named(struct judge *judge, const struct message *m, uint32_t n)
{
    struct undecided_entry *entry = undecided_find(&judge->undecided, tracker_ref(m));

    if (!entry)
        return;
    n = n < entry->left ? n : entry->left;
    detector_named(judge->detector, entry->cell, n, entry->at_s);
    entry->left -= n;
    if (!entry->left)
        undecided_remove(&judge->undecided, entry);
}

void judge_status(struct judge *judge, struct message *m, enum status was, enum status is)
{
    detector_status(judge->detector, counting_cell_of(m), was, is,
                    m->last_s < judge->present_s ? m->last_s : judge->present_s);
}

void judge_held(struct judge *judge, struct message *m, bool held)
{
    if (message_has(m, MESSAGE_IN_CELL))
        detector_queue(judge->detector, counting_cell_of(m), 0, held ? 1 : -1);
}

void judge_gone(struct judge *judge, struct message *m)
{
    if (may_be_copied(judge, m))
        copies_gone(&judge->copies, m);
    own_copies_gone(judge, m);
    if (archives_may_show(&judge->archives, m) &&
        !site_has_fact(judge->classifier.site, SITE_POSTCONF))
        look_for_archive(judge, m);
    if (judge->undecided.count)
        judge_named(judge, m, UINT32_MAX);
    counting_leave(judge, m);
}

void judge_goes_on(struct judge *judge, struct message *m, struct message *old)
{
    if (!message_has(old, MESSAGE_COUNTED))
        return;
    counting_leave(judge, old);
    counting_join(judge, m, counting_cell_of(old));
}
