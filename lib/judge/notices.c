/* SPDX-License-Identifier: MIT */
#include "judge/notices.h"

#include "base/hash.h"
#include "detect/detector.h"
#include "judge/counting.h"
#include "judge/senders.h"

/* Whom a notice goes to. CLASS_COUNT: its first delivery will tell. For an unknown domain, it is
 * enough that smtp(8) takes the notice to a foreign server. */
static enum domain_class notice_class(struct judge *judge, struct message *m)
{
    const struct recipient *r = m->recipient_count ? &message_recipients(m)[0] : NULL;
    const struct intern *to = message_who(m, WHO_NOTICE_TO);
    enum domain_class class = to  ? site_sender_class(judge->classifier.site, intern_span(to))
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

/* Of a message that is not in the log, only the notice's delivery tells who sent it. */
static bool goes_to_login(const struct judge *judge, struct message *m)
{
    const struct intern *to = message_who(m, WHO_NOTICE_TO);

    if (to)
        return site_has_login_as(judge->classifier.site, intern_span(to));
    return m->recipient_count &&
           site_has_login(judge->classifier.site, message_recipients(m)[0].hash);
}

/* A login or a program of another host wrote to mailboxes here. That is evidence of nothing there,
 * and whoever sent it is none of ours. */
static bool is_of_anothers_user(struct judge *judge, const struct message *notice)
{
    const struct message *of = tracker_deref(judge->tracker, notice->parent);
    const struct message *before = of ? tracker_deref(judge->tracker, of->parent) : NULL;

    return before && !of->cell && clients_are_strangers(&judge->clients, of, before);
}

/* All its recipients are ours, or of relay domains. */
static bool is_to_us(struct message *m)
{
    for (uint16_t i = 0; i < m->recipient_count; i++) {
        enum domain_class class = (enum domain_class)message_recipients(m)[i].class;
        if (class != CLASS_OURS && class != CLASS_RELAY_DOMAIN)
            return false;
    }
    return m->recipient_count > 0;
}

/* A login wrote to ours, which is evidence of nothing, under a stranger's address. */
static bool is_of_forger(struct judge *judge, const struct message *notice)
{
    struct message *of = tracker_deref(judge->tracker, notice->parent);

    return notice->root == ORIGIN_ACCOUNT && of && is_to_us(of) &&
           sender_is_foreign_to(judge->classifier.site,
                                intern_span(message_who(notice, WHO_NOTICE_TO)),
                                intern_span(message_who(of, WHO_LOGIN)));
}

/* An address that a login uses again and again may well be its owner's, at a provider. */
static bool is_told_often(struct judge *judge, const struct message *notice)
{
    const struct message *of = tracker_deref(judge->tracker, notice->parent);
    const struct intern *to = message_who(notice, WHO_NOTICE_TO),
                        *login = of ? message_who(of, WHO_LOGIN) : NULL;
    uint64_t seed = judge->detector->seed;

    if (notice->root != ORIGIN_ACCOUNT || !login)
        return false;
    uint64_t pair = hash_mix(
        hash_nocase(intern_span(to), seed) ^ hash_nocase(intern_span(login), seed), HASH_ODD_2);
    return !repeats_see(&judge->repeats, pair, notice->last_s);
}

static enum verdict notice_verdict(struct judge *judge, struct message *m)
{
    if (m->cause == CAUSE_NONE)
        return VERDICT_NOTICE_POSTMASTER;
    if (m->root != ORIGIN_OUTSIDE && m->root != ORIGIN_TRUSTED && m->root != ORIGIN_UNKNOWN &&
        !is_of_anothers_user(judge, m) && !is_of_forger(judge, m))
        return VERDICT_NOTICE_TO_SENDER_WE_KNOW;
    enum domain_class to = notice_class(judge, m);
    if (to == CLASS_COUNT)
        return VERDICT_NONE;
    if (to != CLASS_OUTSIDE)
        return to == CLASS_UNKNOWN ? VERDICT_UNKNOWN_DOMAINS : VERDICT_NOTICE_TO_US;
    if (goes_to_login(judge, m))
        return VERDICT_NOTICE_TO_LOGIN;
    const struct intern *asker = message_who(m, WHO_NOTICE_TO);
    bool owed = m->cause == CAUSE_DSN_REQUESTED && asker &&
                !askers_see(&judge->askers, intern_span(asker), intern_span(m->client), m->last_s);
    if (owed)
        return VERDICT_NOTICE_REQUESTED;
    return is_told_often(judge, m) ? VERDICT_NOTICE_TO_SENDER_WE_KNOW : VERDICT_NOTICE;
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

/* The notices that a login's or a program's mail causes belong to what that mail is evidence of. */
static void count_in_its_incident(struct judge *judge, struct message *notice)
{
    const struct message *of = tracker_deref(judge->tracker, notice->parent);

    if (of && (notice->root == ORIGIN_ACCOUNT || notice->root == ORIGIN_LOCAL))
        detector_notice(judge->detector, counting_cell_of(of));
}

/* Who refused what it is about, if that is remembered. */
static void name_refuser(const struct judge *judge, const struct message *notice,
                         struct observation *o)
{
    const struct message *of = tracker_deref(judge->tracker, notice->parent);
    const struct recipient *r = of ? classifier_refused(of) : NULL;
    const struct refused_entry *entry =
        r ? refused_find(&judge->refused, notice->parent, r->hash) : NULL;

    o->refused_by = intern_span(entry ? entry->by : NULL);
    o->refused_domain = intern_span(entry ? entry->domain : NULL);
}

void notices_judge(struct judge *judge, struct message *m)
{
    /* Until it is queued it may still be cancelled (Postfix 3.11 names it before it exists). */
    enum verdict verdict = m->state == MESSAGE_NEW ? VERDICT_NONE : notice_verdict(judge, m);

    if (verdict == VERDICT_NONE)
        return;
    m->flags |= MESSAGE_NOTICED;
    settle_cause(judge, m);
    counting_report(judge, m, NULL, verdict,
                    verdict == VERDICT_NOTICE ? KIND_BACKSCATTER_SOURCE : -1);
    if (verdict == VERDICT_NOTICE_TO_SENDER_WE_KNOW)
        count_in_its_incident(judge, m);
    if (verdict != VERDICT_NOTICE)
        return;
    struct observation o = {.kind = KIND_BACKSCATTER_SOURCE,
                            .cause = (enum cause)m->cause,
                            .at_s = m->last_s,
                            .sender = intern_span(message_who(m, WHO_NOTICE_TO)),
                            .status = STATUS_OTHER,
                            .counts = true,
                            .notice = true};
    if (o.cause != CAUSE_DELAY_NOTICE && o.cause != CAUSE_DSN_REQUESTED)
        name_refuser(judge, m, &o);
    counting_observe(judge, m, NULL, &o);
}

/* A recipient of a notice. The notice itself is the evidence; this adds the delivery status. */
void notices_count_recipient(struct judge *judge, struct message *m, struct recipient *r)
{
    if (!message_has(m, MESSAGE_COUNTED))
        return;
    struct observation o = {.kind = KIND_BACKSCATTER_SOURCE,
                            .cause = (enum cause)m->cause,
                            .at_s = r->at_s,
                            .sender = intern_span(message_who(m, WHO_NOTICE_TO)),
                            .recipient_domain = intern_span(r->text),
                            .status = (enum status)r->status,
                            .notice = true};
    counting_observe(judge, m, r, &o);
}
