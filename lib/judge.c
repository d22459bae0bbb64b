/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include "detector.h"

const char *verdict_text(enum verdict verdict)
{
    static const char *const texts[] = {
        [VERDICT_NONE] = "not judged yet",
        [VERDICT_RELAYED] = "mail to the outside",
        [VERDICT_NOTICE] = "a notice to a stranger",
        [VERDICT_VICTIM] = "null-sender mail from outside for one of ours",
        [VERDICT_AUTOREPLY] = "an automatic reply to a stranger",
        [VERDICT_RECIPIENT_OURS] = "the recipient is ours",
        [VERDICT_RELAY_DOMAIN] = "we are a gateway for the recipient's domain",
        [VERDICT_FORWARDED] = "forwarding: it came for one of ours",
        [VERDICT_RETURNED] = "a notice on its way back through us (SRS)",
        [VERDICT_HANDED] = "handed to another message of this host or to a content filter",
        [VERDICT_PROBE] = "an address verification probe",
        [VERDICT_NOTICE_TO_US] = "the notice goes to one of ours",
        [VERDICT_NOTICE_TO_SENDER_WE_KNOW] = "the notice goes to a sender who logged in here",
        [VERDICT_NOTICE_POSTMASTER] = "a copy for the postmaster",
        [VERDICT_UNKNOWN_ORIGIN] = "its acceptance is not in the log: nobody can be blamed for it",
        [VERDICT_UNKNOWN_DOMAINS] = "our own domains are not known: nothing is alleged",
    };

    _Static_assert(sizeof(texts) / sizeof(*texts) == VERDICT_COUNT, "a text for each");
    return texts[verdict];
}

/* "SRS0=...@ours": a rewritten sender; mail to it goes back where the message came from. */
static bool is_srs(struct span address)
{
    return address.len > 5 && ascii_lower(address.at[0]) == 's' &&
           ascii_lower(address.at[1]) == 'r' && ascii_lower(address.at[2]) == 's' &&
           (address.at[3] == '0' || address.at[3] == '1') &&
           (address.at[4] == '=' || address.at[4] == '+' || address.at[4] == '-');
}

void judge_reset(struct judge *judge)
{
    for (int i = 0; i < JUDGE_MEMOS; i++) {
        text_put(judge->texts, judge->memo[i].domain);
        judge->memo[i].domain = NULL;
    }
}

/* The domain's text and class. The text is the memo's: good until the next call. */
static struct judge_memo *recall(struct judge *judge, struct span domain)
{
    uint64_t generation = site_generation(judge->site);

    if (generation != judge->memo_generation) {
        judge_reset(judge);
        judge->memo_generation = generation;
    }
    unsigned mixed = domain.len < 2 ? 0
                                    : (unsigned)domain.len * 31 + (uint8_t)domain.at[0] * 7u +
                                          (uint8_t)domain.at[domain.len / 2] * 3u +
                                          (uint8_t)domain.at[1];
    struct judge_memo *memo = &judge->memo[mixed % JUDGE_MEMOS];
    if (memo->domain && span_equal(text_span(memo->domain), domain))
        return memo;
    text_put(judge->texts, memo->domain);
    memo->domain = text_get(judge->texts, domain);
    memo->class = site_class(judge->site, domain);
    return memo;
}

static enum class class_of(struct judge *judge, struct span address)
{
    return recall(judge, address_domain(address))->class;
}

/* "user%victim.example@ours", "victim.example!user@ours": the sender of the mail says where it goes
 * from here, and no alias of the site. */
static bool is_routed(struct span address, struct span to)
{
    struct span domain = address_domain(to);
    struct span local = span_head(address, address.len - address_domain(address).len);

    if (!domain.len || !local.len)
        return false;
    local.len -= local.at[local.len - 1] == '@';
    for (size_t i = 0; i + domain.len <= local.len; i++) {
        struct span rest = span_skip(local, i);
        if (!span_equal_nocase(span_head(rest, domain.len), domain))
            continue;
        if (i ? local.at[i - 1] == '%' || local.at[i - 1] == '@'
              : rest.len > domain.len && rest.at[domain.len] == '!')
            return true;
    }
    return false;
}

/* The address that counts: the one the mail came for. */
static struct span judged_recipient(const struct record *rec)
{
    bool has = rec->orig_recipient.at && !is_routed(rec->orig_recipient, rec->recipient);

    return has ? rec->orig_recipient : rec->recipient;
}

/* The class of to= with what the way it takes says of it where the list of names has holes: what a
 * stranger sends outside goes neither into a mailbox nor by the transport of relay_domains. */
static enum class class_by_route(struct judge *judge, const struct record *rec, bool filter)
{
    enum class class = class_of(judge, rec->recipient);

    if (program_has_only_ours(rec->program) || site_is_copy(judge->site, rec->recipient))
        return CLASS_OURS;
    if (class == CLASS_OURS || class == CLASS_RELAY_DOMAIN || filter ||
        !site_may_have_more_domains(judge->site))
        return class;
    if (program_may_have_ours(rec->program))
        return CLASS_OURS;
    return rec->by_relay_service ? CLASS_RELAY_DOMAIN : class;
}

static bool is_same_domain(struct span a, struct span b)
{
    a.len -= a.len && a.at[a.len - 1] == '.';
    b.len -= b.len && b.at[b.len - 1] == '.';
    return span_equal_nocase(a, b);
}

/* The class of the address that counts. One that a table of ours leads to another domain is ours,
 * whether the list of names is told so or not. */
static enum class class_of_judged(struct judge *judge, const struct record *rec, bool filter)
{
    struct span judged = judged_recipient(rec);
    enum class by_route = class_by_route(judge, rec, filter), class;

    if (judged.at == rec->recipient.at || by_route == CLASS_OURS)
        return by_route;
    class = class_of(judge, judged);
    if (class == CLASS_OUTSIDE && site_may_have_more_domains(judge->site) &&
        !is_same_domain(address_domain(judged), address_domain(rec->recipient)))
        return CLASS_OURS;
    return class;
}

void judge_classify(struct judge *judge, const struct message *m, const struct record *rec,
                    struct recipient *r, bool filter)
{
    struct span judged = judged_recipient(rec);
    bool has_orig = judged.at != rec->recipient.at;
    bool null_sender = message_has(m, MESSAGE_HAS_SENDER) && !m->sender;

    r->class = (uint8_t)class_of_judged(judge, rec, filter);
    if (has_orig && r->class != CLASS_OUTSIDE &&
        class_by_route(judge, rec, filter) == CLASS_OUTSIDE)
        r->flags |= RECIPIENT_FORWARDED;
    if (is_srs(judged) && r->class != CLASS_OUTSIDE)
        r->flags |= RECIPIENT_RETURNED;
    if (null_sender && r->class == CLASS_OURS) {
        r->flags |= RECIPIENT_ADDRESS;
        r->text = text_get(judge->texts, judged);
    } else {
        r->text = text_ref(recall(judge, address_domain(rec->recipient))->domain);
    }
}

/* 5.1.x: the address is bad (RFC 3463). */
static bool is_bad_address(struct span dsn)
{
    return span_starts(dsn, SPAN("5.1."));
}

/* Whether a filter refused it that the settings don't name: whoever speaks SMTP at an own address is
 * one, or another instance, whose 5.1.x says the address is bad. LMTP may as well be the mailboxes',
 * which refuse for their own reasons, but not by policy (5.7.x). */
static bool is_refusal_of_filter(const struct judge *judge, const struct record *rec)
{
    struct address a;
    unsigned port;

    if (!record_relay(rec->relay, &a, &port) || !site_is_own_address(judge->site, &a))
        return false;
    return rec->program == PROGRAM_SMTP ||
           (rec->program == PROGRAM_LMTP && span_starts(rec->dsn, SPAN("5.7.")));
}

enum cause judge_cause(struct judge *judge, const struct message *m, const struct record *rec,
                       bool filter)
{
    enum class to;

    if (rec->status != STATUS_BOUNCED)
        return CAUSE_NONE;
    to = class_by_route(judge, rec, filter);
    if (filter)
        return CAUSE_FILTER_REFUSED;
    if (program_has_only_ours(rec->program))
        return is_bad_address(rec->dsn) ? CAUSE_UNKNOWN_LOCAL_RECIPIENT : CAUSE_OTHER;
    if (to == CLASS_OUTSIDE &&
        (m->origin == ORIGIN_FORWARD || class_of_judged(judge, rec, filter) != CLASS_OUTSIDE))
        return CAUSE_FORWARD_REFUSED;
    if (to == CLASS_OUTSIDE)
        return CAUSE_RELAYED; /* where it came from outside: judge_notice asks again */
    if (!is_bad_address(rec->dsn))
        return is_refusal_of_filter(judge, rec) ? CAUSE_FILTER_REFUSED : CAUSE_OTHER;
    return to == CLASS_RELAY_DOMAIN ? CAUSE_UNKNOWN_RELAY_RECIPIENT
                                    : CAUSE_UNKNOWN_LOCAL_RECIPIENT;
}

enum cause judge_notice_cause(struct message *m, enum notice notice)
{
    enum cause cause = CAUSE_OTHER;

    if (notice == NOTICE_POSTMASTER)
        return CAUSE_NONE;
    if (notice == NOTICE_DELAY)
        return CAUSE_DELAY_NOTICE;
    if (notice == NOTICE_DELIVERY_STATUS)
        return CAUSE_DSN_REQUESTED;
    for (uint16_t i = 0; m && i < m->recipient_count; i++) {
        const struct recipient *r = &message_recipients(m)[i];
        /* What was refused before it was given up had a notice of its own. */
        if (r->status == STATUS_BOUNCED && r->cause != CAUSE_NONE && !message_has(m, MESSAGE_EXPIRED))
            return (enum cause)r->cause;
        /* Given up after days: what matters is whether it should have been taken at all. */
        if (message_has(m, MESSAGE_EXPIRED) && r->status != STATUS_BOUNCED && cause == CAUSE_OTHER)
            cause = r->class == CLASS_OUTSIDE && !(r->flags & RECIPIENT_FORWARDED) &&
                            m->origin != ORIGIN_FORWARD && m->root == ORIGIN_OUTSIDE
                        ? CAUSE_RELAYED
                        : CAUSE_EXPIRED;
    }
    return m && message_has(m, MESSAGE_EXPIRED) && cause == CAUSE_OTHER ? CAUSE_EXPIRED : cause;
}

static void tell(struct judge *judge, const struct message *m, const struct recipient *r,
                 enum verdict verdict, int kind)
{
    judge->verdicts[verdict]++;
    if (judge->heard)
        judge->heard(judge->heard_ctx, m, r, verdict, kind);
}

static struct cell_ref cell_of(const struct message *m)
{
    return (struct cell_ref){m->cell, m->cell_serial};
}

/* Messages that are one (a content filter's two, a requeued one's) count once. */
static struct message *whole_of(struct judge *judge, struct message *m)
{
    struct message *whole = tracker_deref(judge->tracker, m->whole);

    return whole ? whole : m;
}

/* Its queue file is no longer among what its cell has queued. */
static void leave(struct judge *judge, struct message *m)
{
    if (message_has(m, MESSAGE_IN_CELL))
        detector_queue(judge->detector, cell_of(m), -1, m->state == MESSAGE_HELD ? -1 : 0);
    m->flags &= (uint16_t)~MESSAGE_IN_CELL;
}

/* Its queue file belongs to that cell from now on. */
static void join(struct judge *judge, struct message *m, struct cell_ref ref)
{
    bool same = m->cell == ref.cell && m->cell_serial == ref.serial;

    if (!ref.cell || (same && message_has(m, MESSAGE_IN_CELL)))
        return;
    leave(judge, m);
    m->cell = ref.cell;
    m->cell_serial = ref.serial;
    m->flags |= MESSAGE_COUNTED;
    if (m->state == MESSAGE_GONE)
        return;
    m->flags |= MESSAGE_IN_CELL;
    detector_queue(judge->detector, ref, 1, m->state == MESSAGE_HELD);
}

static void observe(struct judge *judge, struct message *m, struct recipient *r,
                    struct observation *o)
{
    struct message *whole = whole_of(judge, m);
    struct text *sender = m->sender;

    if (o->at_s > judge->present_s)
        o->at_s = judge->present_s;
    o->host = judge->hosts->source[m->source].host;
    o->client = text_span(m->client);
    o->uid = m->uid;
    o->id = whole->id;
    o->message_id = tracker_message_id(judge->tracker, whole);
    if (!o->sender.len)
        o->sender = text_span(sender);
    /* A victim's messages are counted by recipient: each has a cell of its own. */
    bool victim = o->kind == KIND_BACKSCATTER_VICTIM;
    o->first = victim || !message_has(whole, MESSAGE_COUNTED);
    struct cell_ref ref = detector_observe(judge->detector, o);
    if (r && ref.cell)
        r->flags |= RECIPIENT_COUNTED;
    if (victim || !ref.cell)
        return;
    whole->flags |= MESSAGE_COUNTED;
    join(judge, m, ref);
}

static bool is_autoreply(const struct judge *judge, const struct message *m)
{
    struct address a;

    if (m->sender || !message_has(m, MESSAGE_HAS_SENDER))
        return false;
    if (m->root == ORIGIN_LOCAL)
        return true;
    return m->root == ORIGIN_TRUSTED && address_parse(client_address(text_span(m->client)), &a) &&
           site_is_own_address(judge->site, &a);
}

/* Which kind mail to the outside is evidence of, by where it came from; -1 for none. */
static int kind_of(const struct judge *judge, const struct message *m)
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

/* DESIGN §1 and §2: what a recipient of this message is evidence of. */
static enum verdict verdict_of(const struct judge *judge, const struct message *m,
                               const struct recipient *r, int *ret_kind)
{
    *ret_kind = -1;
    if (message_has(m, MESSAGE_PROBE) || r->status == STATUS_PROBED)
        return VERDICT_PROBE;
    if (r->flags & RECIPIENT_RETURNED)
        return VERDICT_RETURNED;
    if (r->class == CLASS_OURS && m->root == ORIGIN_OUTSIDE && !m->sender &&
        message_has(m, MESSAGE_HAS_SENDER) && r->flags & RECIPIENT_ADDRESS &&
        m->origin != ORIGIN_BOUNCE && m->origin != ORIGIN_FORWARD) {
        *ret_kind = KIND_BACKSCATTER_VICTIM;
        return VERDICT_VICTIM;
    }
    if (r->flags & RECIPIENT_FORWARDED || (m->origin == ORIGIN_FORWARD && r->class != CLASS_OURS))
        return VERDICT_FORWARDED;
    if (r->class == CLASS_OURS)
        return VERDICT_RECIPIENT_OURS;
    if (r->class == CLASS_RELAY_DOMAIN)
        return VERDICT_RELAY_DOMAIN;
    if (r->class == CLASS_UNKNOWN)
        return VERDICT_UNKNOWN_DOMAINS;
    *ret_kind = kind_of(judge, m);
    if (*ret_kind < 0)
        return VERDICT_UNKNOWN_ORIGIN;
    return *ret_kind == KIND_BACKSCATTER_SOURCE ? VERDICT_AUTOREPLY : VERDICT_RELAYED;
}

/* What the other queue file of the same message has counted is not counted again. */
static bool counted_before(struct judge *judge, struct message *m, struct recipient *r)
{
    struct message *whole = whole_of(judge, m);
    struct recipient *other = whole != m ? tracker_recipient(whole, r->hash) : NULL;

    if (!other)
        return false;
    r->flags |= other->flags & (RECIPIENT_FORWARDED | RECIPIENT_RETURNED);
    if (!(other->flags & RECIPIENT_COUNTED))
        return false;
    if (other->status != r->status && !(other->flags & RECIPIENT_ADDRESS))
        detector_status(judge->detector, cell_of(whole), (enum status)other->status,
                        (enum status)r->status, r->at_s);
    other->flags &= (uint8_t)~RECIPIENT_COUNTED;
    r->flags |= RECIPIENT_COUNTED;
    join(judge, m, cell_of(whole));
    return true;
}

/* A recipient of a notice: the notice is the evidence, this is how it fared. */
static void count_notice_recipient(struct judge *judge, struct message *m, struct recipient *r)
{
    if (!message_has(m, MESSAGE_COUNTED))
        return;
    struct observation o = {.kind = KIND_BACKSCATTER_SOURCE,
                            .cause = (enum cause)m->cause,
                            .at_s = r->at_s,
                            .sender = text_span(m->who),
                            .recipient_domain = text_span(r->text),
                            .status = (enum status)r->status,
                            .notice = true};
    observe(judge, m, r, &o);
}

static void observe_recipient(struct judge *judge, struct message *m, struct recipient *r, int kind)
{
    struct observation o = {.kind = (enum kind)kind,
                            .at_s = r->at_s,
                            .recipient_domain = text_span(r->text),
                            .status = (enum status)r->status,
                            .counts = true};

    o.null_sender = message_has(m, MESSAGE_HAS_SENDER) && !m->sender;
    o.foreign_sender = m->sender && class_of(judge, text_span(m->sender)) == CLASS_OUTSIDE;
    if (kind == KIND_ACCOUNT_ABUSE)
        o.account = text_span(m->who);
    if (kind == KIND_BACKSCATTER_VICTIM) {
        o.recipient = text_span(r->text);
        o.recipient_domain = address_domain(o.recipient);
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

    r->flags |= RECIPIENT_JUDGED;
    if (m->origin == ORIGIN_BOUNCE) {
        if (!message_has(m, MESSAGE_NOTICED))
            judge_notice(judge, m);
        count_notice_recipient(judge, m, r);
        return;
    }
    if (counted_before(judge, m, r))
        return;
    verdict = verdict_of(judge, m, r, &kind);
    tell(judge, m, r, verdict, kind);
    if (kind >= 0)
        observe_recipient(judge, m, r, kind);
}

static enum verdict notice_verdict(struct judge *judge, struct message *m)
{
    enum class to;

    if (m->cause == CAUSE_NONE)
        return VERDICT_NOTICE_POSTMASTER;
    if (m->root != ORIGIN_OUTSIDE && m->root != ORIGIN_TRUSTED && m->root != ORIGIN_UNKNOWN)
        return VERDICT_NOTICE_TO_SENDER_WE_KNOW;
    if (m->who)
        to = class_of(judge, text_span(m->who));
    else if (m->recipient_count)
        to = (enum class)message_recipients(m)[0].class;
    else
        return VERDICT_NONE; /* the first delivery will tell */
    if (to == CLASS_UNKNOWN)
        return VERDICT_UNKNOWN_DOMAINS;
    return to == CLASS_OUTSIDE ? VERDICT_NOTICE : VERDICT_NOTICE_TO_US;
}

void judge_notice(struct judge *judge, struct message *m)
{
    enum verdict verdict = notice_verdict(judge, m);

    /* Until it is in the queue it may still be cancelled (3.11 names it before it exists). */
    if (verdict == VERDICT_NONE || m->state == MESSAGE_NEW)
        return;
    m->flags |= MESSAGE_NOTICED;
    tell(judge, m, NULL, verdict, verdict == VERDICT_NOTICE ? KIND_BACKSCATTER_SOURCE : -1);
    if (verdict != VERDICT_NOTICE)
        return;
    if (m->cause == CAUSE_RELAYED && m->root != ORIGIN_OUTSIDE)
        m->cause = CAUSE_OTHER; /* a trusted client's or an unknown one's: no open relay */
    struct observation o = {.kind = KIND_BACKSCATTER_SOURCE,
                            .cause = (enum cause)m->cause,
                            .at_s = m->last_s,
                            .sender = text_span(m->who),
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
    leave(judge, m);
}

void judge_goes_on(struct judge *judge, struct message *m, struct message *old)
{
    if (!message_has(old, MESSAGE_COUNTED))
        return;
    leave(judge, old);
    join(judge, m, cell_of(old));
}
