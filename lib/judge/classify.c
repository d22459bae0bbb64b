/* SPDX-License-Identifier: MIT */
#include "judge/classify.h"

#include "parse/refused_by.h"
#include "site/site_doors.h"

void classifier_reset(struct classifier *c)
{
    for (int i = 0; i < CLASSIFIER_MEMOS; i++) {
        intern_put(c->texts, c->memo[i].domain);
        c->memo[i].domain = NULL;
    }
}

/* Kept out of recall, which is called for every delivery and mostly remembers. */
__attribute__((noinline)) static struct class_memo *
look_up(struct classifier *c, struct class_memo *memo, struct span domain)
{
    uint64_t generation = site_generation(c->site);

    if (generation != c->generation) {
        classifier_reset(c);
        c->generation = generation;
    }
    intern_put(c->texts, memo->domain);
    memo->domain = intern_get(c->texts, domain);
    memo->class = site_class(c->site, domain);
    memo->proof = PROOF_NONE;
    if (site_is_proved(c->site, domain, PROOF_BY_SOCKET))
        memo->proof =
            site_is_proved(c->site, domain, PROOF_CERTAIN) ? PROOF_CERTAIN : PROOF_BY_SOCKET;
    return memo;
}

/* The domain's text and class. The memo owns the text, which is good until the next call. */
static struct class_memo *recall(struct classifier *c, struct span domain)
{
    unsigned mixed = domain.len < 2
                         ? 0
                         : (unsigned)domain.len * 31 + (uint8_t)domain.at[0] * 7u +
                               (uint8_t)domain.at[domain.len / 2] * 3u + (uint8_t)domain.at[1];
    struct class_memo *memo = &c->memo[mixed % CLASSIFIER_MEMOS];
    if (c->generation == site_generation(c->site) && memo->domain &&
        span_equal(intern_span(memo->domain), domain))
        return memo;
    return look_up(c, memo, domain);
}

bool classifier_is_proved(struct classifier *c, struct span domain, enum proof proof)
{
    return recall(c, domain)->proof >= proof;
}

enum domain_class classifier_class_of(struct classifier *c, struct span address)
{
    return recall(c, mail_address_domain(address))->class;
}

bool classifier_is_foreign_sender(struct classifier *c, struct span address)
{
    /* Most are ours, and their domain is remembered. SRS hides another in the address. */
    bool is_ours = classifier_class_of(c, address) == CLASS_OURS && !mail_address_is_srs(address);

    return !is_ours && site_is_foreign_sender(c->site, address);
}

/* "user%victim.example@ours", "victim.example!user@ours": the sender of the mail, and not an alias
 * of the site, chose where it goes from here. */
static bool is_routed(struct span address, struct span to)
{
    struct span domain = mail_address_domain(to);
    struct span local = span_head(address, address.len - mail_address_domain(address).len);

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

/* The address to judge: the one that the mail was addressed to. */
static struct span judged_recipient(const struct record *rec)
{
    bool has = rec->orig_recipient.at && !is_routed(rec->orig_recipient, rec->recipient);

    return has ? rec->orig_recipient : rec->recipient;
}

/* A server near by that takes mail for what is certainly outside is a relay host. On a port that is
 * none of mail's it may be a filter, too, until it has shown that it gives nothing back. */
static bool goes_to_relay_host(const struct classifier *c, const struct record *rec)
{
    struct span name = span_skip(rec->relay, (size_t)span_find(rec->relay, '['));

    return record_is_mail_port(rec->hop_port)
               ? site_is_outside(c->site, rec->recipient_domain)
               : site_door_leads_away(c->site, site_door(c->site, name), 0);
}

/* smtp(8) delivered it to a private address that is not this host's own: a server behind this one,
 * or a filter. */
static bool goes_to_private(const struct classifier *c, const struct record *rec)
{
    return rec->program == PROGRAM_SMTP && rec->has_hop && address_is_private(&rec->hop) &&
           !address_is_loopback(&rec->hop) && !site_is_own_address(c->site, &rec->hop) &&
           !goes_to_relay_host(c, rec);
}

/* What pipe(8) runs takes the mail to a provider's API, or by UUCP: no pipe delivers here what is
 * for a mailbox provider's domain. */
static bool is_taken_away(const struct classifier *c, const struct record *rec)
{
    return rec->program == PROGRAM_PIPE &&
           (site_is_outside(c->site, rec->recipient_domain) ||
            site_door_leads_away(c->site, site_door(c->site, rec->relay), 0));
}

/* By the transport of relay_domains; or all mail leaves by it ("* relay:[...]" in transport_maps),
 * which what is certainly for the outside shows. */
static bool goes_to_relay_domain(const struct classifier *c, const struct record *rec)
{
    return rec->by_relay_service && !site_is_outside(c->site, rec->recipient_domain);
}

/* The class of to=. `to` is what the known domains say of it. Where some of them may be missing,
 * the route decides: mail for the outside is not delivered to a mailbox, through the transport of
 * relay_domains, or to a private next hop (unless all mail leaves through a relay host). */
static enum domain_class class_by_route(const struct classifier *c, const struct record *rec,
                                        enum domain_class to, bool filter)
{
    if (program_has_only_ours(rec->program) || site_is_copy(c->site, rec->recipient))
        return CLASS_OURS;
    if (to == CLASS_OURS || to == CLASS_RELAY_DOMAIN || filter ||
        !site_may_have_more_domains(c->site))
        return to;
    if (program_may_have_ours(rec->program))
        return is_taken_away(c, rec) ? to : CLASS_OURS;
    if (goes_to_relay_domain(c, rec) ||
        (goes_to_private(c, rec) && !site_has_fact(c->site, SITE_RELAYHOST)))
        return CLASS_RELAY_DOMAIN;
    return to;
}

static bool is_same_domain(struct span a, struct span b)
{
    a.len -= a.len && a.at[a.len - 1] == '.';
    b.len -= b.len && b.at[b.len - 1] == '.';
    return span_equal_nocase(a, b);
}

/* The class of the address to judge. If one of our tables rewrote it to another domain, it is ours,
 * even if its domain is missing from those we know. */
static enum domain_class class_of_judged(struct classifier *c, const struct record *rec,
                                         enum domain_class to, bool filter)
{
    struct span judged = judged_recipient(rec);
    enum domain_class by_route = class_by_route(c, rec, to, filter), class;

    if (judged.at == rec->recipient.at || by_route == CLASS_OURS)
        return by_route;
    class = classifier_class_of(c, judged);
    if (class == CLASS_OUTSIDE && site_may_have_more_domains(c->site) &&
        !is_same_domain(mail_address_domain(judged), rec->recipient_domain))
        return CLASS_OURS;
    return class;
}

/* Of the address, there is at most the beginning. What smtp(8) takes away is for the outside where
 * nothing sends mail for ours that way. */
static enum domain_class class_of_cut(const struct classifier *c, const struct record *rec)
{
    if (program_has_only_ours(rec->program))
        return CLASS_OURS;
    if (rec->by_relay_service)
        return CLASS_RELAY_DOMAIN;
    bool left = rec->program == PROGRAM_SMTP && !rec->orig_recipient.at &&
                site_takes_outside(c->site, rec->recipient_domain);
    return left ? CLASS_OUTSIDE : CLASS_UNKNOWN;
}

void classifier_recipient(struct classifier *c, const struct message *m, const struct record *rec,
                          struct recipient *r, bool filter)
{
    if (rec->address_is_cut) {
        r->class = (uint8_t)class_of_cut(c, rec);
        r->text = NULL;
        return;
    }
    struct span judged = judged_recipient(rec);
    bool has_orig = judged.at != rec->recipient.at;
    bool may_be_null = !m->sender; /* qmgr's record may come after the first delivery */
    /* What comes later may tell that it is mail that came back, known by that address. */
    bool may_come_back = has_orig && !(message_has(m, MESSAGE_BEGAN) && m->message_id_hash);
    const struct class_memo *memo = recall(c, rec->recipient_domain);
    enum domain_class to = memo->class;

    r->text = intern_ref(memo->domain);
    r->class = (uint8_t)class_of_judged(c, rec, to, filter);
    /* A filter near by gives it back, and then it leaves; so may one that nobody has named. */
    if (has_orig && r->class != CLASS_OUTSIDE &&
        (class_by_route(c, rec, to, filter) == CLASS_OUTSIDE ||
         (to == CLASS_OUTSIDE && (goes_to_private(c, rec) || program_may_have_ours(rec->program)))))
        r->flags |= RECIPIENT_FORWARDED;
    if (mail_address_is_srs(judged) && r->class != CLASS_OUTSIDE)
        r->flags |= RECIPIENT_RETURNED;
    if ((may_be_null || may_come_back) && r->class == CLASS_OURS) {
        r->flags |= RECIPIENT_ADDRESS;
        intern_put(c->texts, r->text);
        r->text = intern_get(c->texts, judged);
    }
}

void classifier_recipient_again(struct classifier *c, struct recipient *r)
{
    if (r->text && r->flags & RECIPIENT_LEFT &&
        !(r->flags & (RECIPIENT_ADDRESS | RECIPIENT_FORWARDED)))
        r->class = (uint8_t)recall(c, intern_span(r->text))->class;
}

/* 5.1.x: the address is bad (RFC 3463), but for 5.1.7 and 5.1.8, which are of the sender's. */
static bool is_bad_address(struct span dsn)
{
    return span_starts(dsn, SPAN("5.1.")) && !span_equal(dsn, SPAN("5.1.7")) &&
           !span_equal(dsn, SPAN("5.1.8"));
}

/* True if a filter that the settings don't name refused it. Whatever speaks SMTP on one of our own
 * addresses is a filter, or another instance, which would answer 5.1.x for a bad address. LMTP may
 * also be the mailbox server, which has its own reasons to refuse, but not policy (5.7.x). */
static bool is_refusal_of_filter(const struct classifier *c, const struct record *rec)
{
    if (!rec->has_hop || !site_is_own_address(c->site, &rec->hop))
        return false;
    return rec->program == PROGRAM_SMTP ||
           (rec->program == PROGRAM_LMTP && span_starts(rec->dsn, SPAN("5.7.")));
}

static bool says(struct span reply, struct span words)
{
    for (size_t i = 0; i + words.len <= reply.len; i++)
        if (span_equal_nocase(span_of(reply.at + i, words.len), words))
            return true;
    return false;
}

/* What a mailbox server without codes of its own says, and Postfix before 2.3. */
static bool says_unknown(struct span reply)
{
    static const struct span words[] = {
        SPAN("user unknown"),      SPAN("unknown user"),       SPAN("no such user"),
        SPAN("mailbox unknown"),   SPAN("user doesn't exist"), SPAN("does not exist"),
        SPAN("recipient unknown"), SPAN("unknown recipient"),  SPAN("no mailbox here by that name"),
        SPAN("no such mailbox"),
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (says(reply, words[i]))
            return true;
    return false;
}

/* Nobody has that address. */
static bool is_unknown_user(const struct record *rec)
{
    bool has_code = rec->dsn.len && !span_equal(rec->dsn, SPAN("5.0.0"));

    return is_bad_address(rec->dsn) || refused_by_table(rec) != ADDRESS_UNKNOWN ||
           (!has_code && says_unknown(rec->reply));
}

/* x.2.2: the mailbox is full (RFC 3463); some only say so. */
static bool is_quota(const struct record *rec)
{
    return rec->dsn.len == 5 &&
           (span_ends(rec->dsn, SPAN(".2.2")) || says(rec->reply, SPAN("quota")));
}

/* What local(8) and cleanup(8) write, and what other mail servers do. */
static bool is_loop(const struct record *rec)
{
    static const struct span words[] = {SPAN("mail forwarding loop"), SPAN("too many hops"),
                                        SPAN("hop count exceeded")};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (says(rec->reply, words[i]))
            return true;
    return false;
}

/* "mail for example.org loops back to myself" is not a loop: DNS leads the mail for a domain here,
 * and no list has that domain. Nothing has left. */
static bool is_misrouted(const struct record *rec)
{
    return rec->program == PROGRAM_SMTP && span_starts(rec->relay, SPAN("none")) &&
           span_starts(rec->reply, SPAN("mail for ")) &&
           span_ends(rec->reply, SPAN(" loops back to myself"));
}

/* Why our own mailboxes, or the servers that we are a gateway for, refused. */
static enum cause cause_of_ours(struct classifier *c, const struct record *rec,
                                enum domain_class to)
{
    if (is_loop(rec))
        return CAUSE_MAIL_LOOP;
    if (is_quota(rec))
        return CAUSE_OVER_QUOTA;
    if (program_has_only_ours(rec->program))
        return is_unknown_user(rec) ? CAUSE_UNKNOWN_LOCAL_RECIPIENT : CAUSE_OTHER;
    if (!is_unknown_user(rec))
        return is_refusal_of_filter(c, rec) ? CAUSE_FILTER_REFUSED : CAUSE_OTHER;
    if (refused_by_table(rec) != ADDRESS_UNKNOWN)
        to = refused_by_table(rec) == ADDRESS_RELAY ? CLASS_RELAY_DOMAIN : CLASS_OURS;
    return to == CLASS_RELAY_DOMAIN || site_is_like_gateway_for(c->site, rec->recipient_domain)
               ? CAUSE_UNKNOWN_RELAY_RECIPIENT
               : CAUSE_UNKNOWN_LOCAL_RECIPIENT;
}

enum cause classifier_cause(struct classifier *c, const struct message *m, const struct record *rec,
                            bool filter)
{
    bool bounced = rec->status == STATUS_BOUNCED;

    if (!bounced && (rec->status != STATUS_DEFERRED || !is_quota(rec)))
        return CAUSE_NONE;
    enum domain_class named = recall(c, rec->recipient_domain)->class;
    enum domain_class to = class_by_route(c, rec, named, filter);
    bool outside = to == CLASS_OUTSIDE && !program_has_only_ours(rec->program) &&
                   refused_by_table(rec) == ADDRESS_UNKNOWN;
    if (!bounced)
        return outside || filter ? CAUSE_NONE : CAUSE_OVER_QUOTA;
    if (filter)
        return CAUSE_FILTER_REFUSED;
    if (is_misrouted(rec))
        return CAUSE_OTHER;
    if (!outside)
        return cause_of_ours(c, rec, to);
    if (m->origin == ORIGIN_FORWARD || class_of_judged(c, rec, named, filter) != CLASS_OUTSIDE)
        return is_loop(rec) ? CAUSE_MAIL_LOOP : CAUSE_FORWARD_REFUSED;
    return CAUSE_RELAYED; /* only if it came from outside, which notices.c checks */
}

enum address_class classifier_address_class(struct classifier *c, const struct record *rec,
                                            bool filter)
{
    enum address_class told = refused_by_table(rec);

    if (told != ADDRESS_UNKNOWN)
        return told;
    if (program_has_only_ours(rec->program))
        return rec->program == PROGRAM_LOCAL ? ADDRESS_LOCAL : ADDRESS_VIRTUAL_MAILBOX;
    told = site_address_class(c->site, rec->recipient_domain);
    if (told != ADDRESS_UNKNOWN)
        return told;
    enum domain_class to = class_by_route(c, rec, recall(c, rec->recipient_domain)->class, filter);
    if (to == CLASS_RELAY_DOMAIN || site_is_like_gateway_for(c->site, rec->recipient_domain))
        return ADDRESS_RELAY;
    return to == CLASS_OUTSIDE ? ADDRESS_OUTSIDE : ADDRESS_UNKNOWN;
}

const struct recipient *classifier_refused(const struct message *m)
{
    const struct recipient *r = m->recipient_room ? m->recipients.many : &m->recipients.only;

    /* A recipient refused before the message expired had a notice of its own. */
    for (uint16_t i = 0; !message_has(m, MESSAGE_EXPIRED) && i < m->recipient_count; i++)
        if (r[i].status == STATUS_BOUNCED && r[i].cause != CAUSE_NONE)
            return &r[i];
    return NULL;
}

static enum cause cause_of_expiry(const struct message *m, const struct recipient *r)
{
    bool relayed = r->class == CLASS_OUTSIDE && !(r->flags & RECIPIENT_FORWARDED) &&
                   m->origin != ORIGIN_FORWARD && m->root == ORIGIN_OUTSIDE;

    if (r->cause != CAUSE_NONE) /* why it was deferred */
        return (enum cause)r->cause;
    return relayed ? CAUSE_RELAYED : CAUSE_EXPIRED;
}

enum cause classifier_notice_cause(struct message *m, enum notice notice)
{
    enum cause cause = CAUSE_OTHER;

    if (notice == NOTICE_POSTMASTER)
        return CAUSE_NONE;
    if (notice == NOTICE_DELAY)
        return CAUSE_DELAY_NOTICE;
    if (notice == NOTICE_DELIVERY_STATUS)
        return CAUSE_DSN_REQUESTED;
    const struct recipient *refused = m ? classifier_refused(m) : NULL;
    if (refused)
        return (enum cause)refused->cause;
    for (uint16_t i = 0; m && i < m->recipient_count; i++) {
        const struct recipient *r = &message_recipients(m)[i];
        /* Returned after days: what matters is whether it should have been accepted at all. */
        if (message_has(m, MESSAGE_EXPIRED) && r->status != STATUS_BOUNCED && cause == CAUSE_OTHER)
            cause = cause_of_expiry(m, r);
    }
    return m && message_has(m, MESSAGE_EXPIRED) && cause == CAUSE_OTHER ? CAUSE_EXPIRED : cause;
}
