/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "detect/detector.h"
#include "track/tracker_ids.h"

static void trace_verdict(const struct judge *judge, const struct message *m,
                          const struct recipient *r, enum verdict verdict, int kind)
{
    char id[QUEUE_ID_TEXT_MAX];

    trace_say(judge->trace, TRACE_JUDGE, "%s %s %.*s: %s%s%s%s%s; root %s",
              queue_id_print(m->id, id), r ? "recipient at" : "notice to",
              SPAN_ARG(intern_span(r ? r->text : m->who)), verdict_text(verdict),
              kind >= 0 ? ", evidence of " : "", kind >= 0 ? kind_name((enum kind)kind) : "",
              r ? "" : ", cause ", r ? "" : cause_name((enum cause)m->cause),
              origin_name((enum origin)m->root));
}

static void report(struct judge *judge, const struct message *m, const struct recipient *r,
                   enum verdict verdict, int kind)
{
    judge->verdicts[verdict]++;
    if (trace_wants(judge->trace, TRACE_JUDGE))
        trace_verdict(judge, m, r, verdict, kind);
    if (judge->on_verdict)
        judge->on_verdict(judge->on_verdict_ctx, m, r, verdict, kind);
}

static struct cell_ref cell_of(const struct message *m)
{
    return (struct cell_ref){m->cell, m->cell_serial};
}

const struct incident *judge_incident_of(const struct judge *judge, const struct message *m)
{
    return detector_incident_of(judge->detector, cell_of(m));
}

void judge_forget_answers(struct judge *judge)
{
    classifier_reset(&judge->classifier);
    clients_reset(&judge->clients);
}

void judge_set_site(struct judge *judge, struct site *site)
{
    judge_forget_answers(judge);
    judge->classifier.site = judge->clients.site = site;
}

/* Several queue files of one message (before and after a content filter, requeued) count once. */
static struct message *whole_of(struct judge *judge, struct message *m)
{
    struct message *whole = m->whole.slot ? tracker_deref(judge->tracker, m->whole) : NULL;

    return whole ? whole : m;
}

/* Takes its queue file out of its cell's queued count. */
static void leave(struct judge *judge, struct message *m)
{
    if (message_has(m, MESSAGE_IN_CELL))
        detector_queue(judge->detector, cell_of(m), -1, m->state == MESSAGE_HELD ? -1 : 0);
    m->flags &= (uint32_t)~MESSAGE_IN_CELL;
}

/* Its evidence is in that cell now. True if that cell must add its queue file to its count. */
static bool enter(struct judge *judge, struct message *m, struct cell_ref ref)
{
    bool same = m->cell == ref.cell && m->cell_serial == ref.serial;

    if (!ref.cell || (same && message_has(m, MESSAGE_IN_CELL)))
        return false;
    leave(judge, m);
    m->cell = ref.cell;
    m->cell_serial = ref.serial;
    m->flags |= MESSAGE_COUNTED;
    if (m->state == MESSAGE_GONE)
        return false;
    m->flags |= MESSAGE_IN_CELL;
    return true;
}

static void join(struct judge *judge, struct message *m, struct cell_ref ref)
{
    if (enter(judge, m, ref))
        detector_queue(judge->detector, ref, 1, m->state == MESSAGE_HELD);
}

static void observe(struct judge *judge, struct message *m, struct recipient *r,
                    struct observation *o)
{
    struct message *whole = whole_of(judge, m);
    struct intern *sender = m->sender;

    if (o->at_s > judge->present_s)
        o->at_s = judge->present_s;
    o->host = hosts_host(m->source);
    o->client = intern_span(m->client);
    o->uid = m->uid;
    o->id = whole->id;
    o->message_id = tracker_message_id(judge->tracker, whole);
    if (!o->sender.len)
        o->sender = intern_span(sender);
    /* Messages to victims are counted per recipient: each has a cell of its own. */
    bool victim = o->kind == KIND_BACKSCATTER_VICTIM;
    o->first = victim || !message_has(whole, MESSAGE_COUNTED);
    o->queued = !victim && m->state != MESSAGE_GONE;
    o->held = m->state == MESSAGE_HELD;
    if (message_has(m, MESSAGE_IN_CELL))
        o->counted_in = cell_of(m);
    struct cell_ref ref = detector_observe(judge->detector, o);
    if (r && ref.cell)
        r->flags |= RECIPIENT_COUNTED;
    if (victim || !ref.cell)
        return;
    whole->flags |= MESSAGE_COUNTED;
    enter(judge, m, ref); /* detector_observe has counted its queue file */
}

static bool is_autoreply(struct judge *judge, const struct message *m)
{
    if (m->sender || !message_has(m, MESSAGE_HAS_SENDER))
        return false;
    if (m->root == ORIGIN_LOCAL)
        return true;
    return m->root == ORIGIN_TRUSTED && clients_find(&judge->clients, m->client)->is_self;
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
        return is_autoreply(judge, m) ? KIND_BACKSCATTER_SOURCE : KIND_LOCAL_ABUSE;
    case ORIGIN_TRUSTED:
        return is_autoreply(judge, m) ? KIND_BACKSCATTER_SOURCE : KIND_TRUSTED_RELAY;
    default:
        return -1;
    }
}

/* Mail of a login or a uid can be judged without knowing our domains: what smtp(8) takes to a
 * foreign server has left. A stranger's mail may do so legitimately, where we are a gateway. */
static enum domain_class class_of(const struct message *m, const struct recipient *r)
{
    bool known = m->root == ORIGIN_ACCOUNT || m->root == ORIGIN_LOCAL;

    return r->class == CLASS_UNKNOWN && r->flags & RECIPIENT_LEFT && known ? CLASS_OUTSIDE
                                                                           : r->class;
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

/* What a recipient of this message is evidence of. */
static enum verdict verdict_of(struct judge *judge, const struct message *m,
                               const struct recipient *r, int *ret_kind)
{
    enum domain_class class = class_of(m, r);

    *ret_kind = -1;
    if (message_has(m, MESSAGE_PROBE) || r->status == STATUS_PROBED)
        return VERDICT_PROBE;
    if (r->flags & RECIPIENT_RETURNED)
        return VERDICT_RETURNED;
    if (r->class == CLASS_OURS && m->root == ORIGIN_OUTSIDE && !m->sender &&
        message_has(m, MESSAGE_HAS_SENDER) && r->flags & RECIPIENT_ADDRESS &&
        m->origin != ORIGIN_FORWARD) {
        *ret_kind = KIND_BACKSCATTER_VICTIM;
        return VERDICT_VICTIM;
    }
    if (r->flags & RECIPIENT_FORWARDED || (m->origin == ORIGIN_FORWARD && class != CLASS_OURS))
        return VERDICT_FORWARDED;
    if (class == CLASS_OURS)
        return VERDICT_RECIPIENT_OURS;
    if (class == CLASS_RELAY_DOMAIN)
        return VERDICT_RELAY_DOMAIN;
    if (class == CLASS_UNKNOWN)
        return VERDICT_UNKNOWN_DOMAINS;
    if (may_be_copied(judge, m) && copies_has(&judge->copies, r))
        return VERDICT_COPY;
    if (m->root == ORIGIN_OUTSIDE && site_has_fact(judge->classifier.site, SITE_NO_ORIG_TO))
        return VERDICT_MAYBE_FORWARDED;
    *ret_kind = kind_of(judge, m);
    if (*ret_kind < 0)
        return VERDICT_UNKNOWN_ORIGIN;
    return *ret_kind == KIND_BACKSCATTER_SOURCE ? VERDICT_AUTOREPLY : VERDICT_RELAYED;
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
        detector_status(judge->detector, cell_of(whole), (enum status)other->status,
                        (enum status)r->status, r->at_s);
    other->flags &= (uint8_t)~RECIPIENT_COUNTED;
    r->flags |= RECIPIENT_COUNTED;
    join(judge, m, cell_of(whole));
    return true;
}

/* A recipient of a notice. The notice itself is the evidence; this adds the delivery status. */
static void count_notice_recipient(struct judge *judge, struct message *m, struct recipient *r)
{
    if (!message_has(m, MESSAGE_COUNTED))
        return;
    struct observation o = {.kind = KIND_BACKSCATTER_SOURCE,
                            .cause = (enum cause)m->cause,
                            .at_s = r->at_s,
                            .sender = intern_span(m->who),
                            .recipient_domain = intern_span(r->text),
                            .status = (enum status)r->status,
                            .notice = true};
    observe(judge, m, r, &o);
}

static void observe_recipient(struct judge *judge, struct message *m, struct recipient *r, int kind)
{
    struct observation o = {.kind = (enum kind)kind,
                            .at_s = r->at_s,
                            .recipient_domain = intern_span(r->text),
                            .status = (enum status)r->status,
                            .counts = true};

    o.null_sender = message_has(m, MESSAGE_HAS_SENDER) && !m->sender;
    o.foreign_sender = kind == KIND_TRUSTED_RELAY && m->sender &&
                       site_is_foreign_sender(judge->classifier.site, intern_span(m->sender));
    if (kind == KIND_ACCOUNT_ABUSE)
        o.account = intern_span(m->who);
    if (kind == KIND_BACKSCATTER_VICTIM) {
        o.recipient = intern_span(r->text);
        o.recipient_domain = mail_address_domain(o.recipient);
    }
    if (kind == KIND_BACKSCATTER_SOURCE) {
        o.cause = CAUSE_AUTOREPLY;
        o.notice = true;
    }
    observe(judge, m, r, &o);
}

void judge_recipient(struct judge *judge, struct message *m, struct recipient *r)
{
    int kind = -1;
    enum verdict verdict;

    struct message *whole = whole_of(judge, m);

    r->flags |= RECIPIENT_JUDGED;
    if (whole->origin == ORIGIN_BOUNCE) {
        struct recipient *same = tracker_recipient(whole, r->hash);
        if (same) /* what another instance or a filter passed on has left for it, too */
            same->flags |= r->flags & RECIPIENT_LEFT;
        if (!message_has(whole, MESSAGE_NOTICED))
            judge_notice(judge, whole);
        count_notice_recipient(judge, whole, r);
        return;
    }
    bool counted = counted_before(judge, m, whole, r);
    if (r->cause == CAUSE_RELAYED &&
        (r->flags & RECIPIENT_FORWARDED || m->origin == ORIGIN_FORWARD))
        r->cause = CAUSE_FORWARD_REFUSED;
    if (counted)
        return;
    verdict = verdict_of(judge, m, r, &kind);
    report(judge, m, r, verdict, kind);
    if (kind >= 0)
        observe_recipient(judge, m, r, kind);
    look_for_copies(judge, m, r);
}

/* Whom a notice goes to. CLASS_COUNT: its first delivery will tell. For an unknown domain, it is
 * enough that smtp(8) takes the notice to a foreign server. */
static enum domain_class notice_class(struct judge *judge, struct message *m)
{
    const struct recipient *r = m->recipient_count ? &message_recipients(m)[0] : NULL;
    enum domain_class class = m->who
                                  ? site_sender_class(judge->classifier.site, intern_span(m->who))
                              : r ? (enum domain_class)r->class
                                  : CLASS_COUNT;

    if (class != CLASS_UNKNOWN)
        return class;
    if (m->cause == CAUSE_RELAYED && m->root == ORIGIN_OUTSIDE)
        return CLASS_OUTSIDE; /* a stranger who relays through us is not one of ours */
    if (r && r->flags & RECIPIENT_LEFT)
        return CLASS_OUTSIDE;
    return !r || r->flags & RECIPIENT_HANDED ? CLASS_COUNT : class;
}

static enum verdict notice_verdict(struct judge *judge, struct message *m)
{
    if (m->cause == CAUSE_NONE)
        return VERDICT_NOTICE_POSTMASTER;
    if (m->root != ORIGIN_OUTSIDE && m->root != ORIGIN_TRUSTED && m->root != ORIGIN_UNKNOWN)
        return VERDICT_NOTICE_TO_SENDER_WE_KNOW;
    enum domain_class to = notice_class(judge, m);
    if (to == CLASS_COUNT)
        return VERDICT_NONE;
    if (to != CLASS_OUTSIDE)
        return to == CLASS_UNKNOWN ? VERDICT_UNKNOWN_DOMAINS : VERDICT_NOTICE_TO_US;
    bool owed = m->cause == CAUSE_DSN_REQUESTED && m->who &&
                !askers_see(&judge->askers, intern_span(m->who), intern_span(m->client), m->last_s);
    return owed ? VERDICT_NOTICE_REQUESTED : VERDICT_NOTICE;
}

/* What the message was linked to since its notice was written may say otherwise; and what a trusted
 * client or an unknown one sent came through no open relay. */
static void settle_cause(struct judge *judge, struct message *m)
{
    struct message *of = tracker_deref(judge->tracker, m->parent);

    if (of && (m->cause == CAUSE_RELAYED || m->cause == CAUSE_OTHER))
        m->cause = (uint8_t)classifier_notice_cause(of, NOTICE_NON_DELIVERY);
    if (m->cause == CAUSE_RELAYED && m->root != ORIGIN_OUTSIDE)
        m->cause = CAUSE_OTHER;
}

void judge_notice(struct judge *judge, struct message *m)
{
    enum verdict verdict = notice_verdict(judge, m);

    /* Until it is queued it may still be cancelled (Postfix 3.11 names it before it exists). */
    if (verdict == VERDICT_NONE || m->state == MESSAGE_NEW)
        return;
    m->flags |= MESSAGE_NOTICED;
    settle_cause(judge, m);
    report(judge, m, NULL, verdict, verdict == VERDICT_NOTICE ? KIND_BACKSCATTER_SOURCE : -1);
    if (verdict != VERDICT_NOTICE)
        return;
    struct observation o = {.kind = KIND_BACKSCATTER_SOURCE,
                            .cause = (enum cause)m->cause,
                            .at_s = m->last_s,
                            .sender = intern_span(m->who),
                            .status = STATUS_OTHER,
                            .counts = true,
                            .notice = true};
    observe(judge, m, NULL, &o);
}

void judge_status(struct judge *judge, struct message *m, enum status was, enum status is)
{
    detector_status(judge->detector, cell_of(m), was, is,
                    m->last_s < judge->present_s ? m->last_s : judge->present_s);
}

void judge_held(struct judge *judge, struct message *m, bool held)
{
    if (message_has(m, MESSAGE_IN_CELL))
        detector_queue(judge->detector, cell_of(m), 0, held ? 1 : -1);
}

void judge_gone(struct judge *judge, struct message *m)
{
    if (may_be_copied(judge, m))
        copies_gone(&judge->copies, m);
    leave(judge, m);
}

void judge_goes_on(struct judge *judge, struct message *m, struct message *old)
{
    if (!message_has(old, MESSAGE_COUNTED))
        return;
    leave(judge, old);
    join(judge, m, cell_of(old));
}
