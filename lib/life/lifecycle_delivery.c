/* SPDX-License-Identifier: MIT */
#include "life/lifecycle_delivery.h"

#include "judge/scattered.h"
#include "life/lifecycle_state.h"
#include "life/link_away.h"
#include "life/link_fleet.h"
#include "life/link_hop.h"
#include "life/link_keys.h"
#include "life/link_relation.h"
#include "life/link_return.h"
#include "life/way_out.h"
#include "site/proofs.h"
#include "site/providers.h"
#include "site/site_doors.h"
#include "site/site_hops.h"

/* Where the mail went, according to a delivery record. */
struct way {
    bool filter; /* to a content filter, which tells nothing about whose mail it is */
    bool handed; /* to messages that the reply names, or to a filter that may not return it */
    bool here;   /* to something on this host, or near by, from where it may come back */
    /* to a server that is not this host's, or on its way there. A private one may be a relay
     * host, or have our own mailboxes. */
    bool left;
    bool away; /* such a server is named, and is no host of this log, either */
    uint8_t door;
};

static void pipe_way(struct lifecycle *life, const struct record *rec, struct way *ret)
{
    ret->door = site_door(life->site, rec->relay);
    if (rec->status == STATUS_SENT)
        site_door_took(life->site, ret->door);
    ret->filter = site_is_filter_service(life->site, rec->relay) ||
                  site_door_is_filter(life->site, ret->door);
    ret->handed = ret->filter && rec->status != STATUS_BOUNCED;
    ret->left = !ret->filter && site_door_leads_away(life->site, ret->door, life->now_s);
    ret->here =
        rec->status == STATUS_SENT &&
        !(ret->left && site_door_is_one_way(life->site, ret->door,
                                            site_door_is_exit(life->site, ret->door), life->now_s));
}

/* lmtp(8) to a socket: mailboxes, unless the settings, what it takes or what comes back from there
 * tell of a filter. */
static void socket_way(struct lifecycle *life, const struct record *rec, struct way *ret)
{
    struct site *site = life->site;
    struct span domain = rec->recipient_domain;

    ret->door = site_door(site, rec->relay);
    ret->here = rec->status == STATUS_SENT;
    if (ret->here)
        site_socket_takes(site, ret->door,
                          classifier_is_proved(&life->judge->classifier, domain, PROOF_BY_SOCKET)
                              ? SPAN_NONE
                              : domain);
    ret->filter =
        site_is_filter_service(site, proof_socket(rec)) || site_door_is_filter(site, ret->door);
    ret->handed = ret->filter && rec->status != STATUS_BOUNCED;
}

/* "mx.example.net[127.0.0.2]:25": an MX record leads there, not a transport of this site. */
static bool is_by_mx(struct span relay, unsigned port)
{
    ptrdiff_t open = span_find(relay, '[');
    struct span name = span_head(relay, open > 0 ? (size_t)open : 0);
    struct address a;

    return port == 25 && !address_parse(name, &a) && !span_starts(name, SPAN("localhost"));
}

/* smtp(8) and lmtp(8) to an address of this host. Mail that smtp(8) delivers there has not left,
 * whatever listens; mail that lmtp(8) delivers may be in its mailbox. */
static void own_hop_way(struct lifecycle *life, struct message *m, const struct record *rec,
                        struct way *ret)
{
    bool named = rec->status == STATUS_SENT && link_hop_queued_as(life, m, rec);
    bool smtp = rec->program == PROGRAM_SMTP;

    ret->door = site_door(life->site, rec->relay);
    if (rec->status == STATUS_SENT && !named && smtp)
        site_door_took(life->site, ret->door);
    ret->filter = site_is_filter(life->site, &rec->hop, rec->hop_port) ||
                  site_door_is_filter(life->site, ret->door);
    ret->left = smtp && !named && !ret->filter && is_by_mx(rec->relay, rec->hop_port);
    ret->handed = named || (rec->status != STATUS_BOUNCED && !ret->left && (ret->filter || smtp));
    ret->here = rec->status == STATUS_SENT && !named && !ret->left;
    if (named)
        site_door_gives_back(life->site, ret->door, true);
    else if (!ret->left && smtp && !ret->filter && way_out_tunnel(life, m, rec, ret->door)) {
        bool is_exit = site_is_exit(life->site, &rec->hop, rec->hop_port);
        ret->left = true;
        ret->handed = false;
        ret->here &= !site_door_is_one_way(life->site, ret->door, is_exit, life->now_s);
    }
}

/* smtp(8) and lmtp(8) to another machine of the site: a mail server behind this one, the mailbox
 * server or a filter in a container of its own. */
static void near_hop_way(struct lifecycle *life, struct message *m, const struct record *rec,
                         struct way *ret)
{
    bool back = rec->status == STATUS_SENT && link_hop_queued_as(life, m, rec);
    bool named = back || (rec->status == STATUS_SENT && link_fleet_handed_near(life, m, rec));
    bool smtp = rec->program == PROGRAM_SMTP, mail_port = record_is_mail_port(rec->hop_port);
    /* By DNS, anybody can give the address any name. */
    struct span address = span_skip(rec->relay, (size_t)span_find(rec->relay, '['));

    if (mail_port)
        address = span_head(address, (size_t)span_find_last(address, ']') + 1);
    if (!smtp || rec->status == STATUS_SENT)
        ret->door = site_door(life->site, smtp ? address : rec->relay);
    if (rec->status == STATUS_SENT && !named && smtp)
        site_door_took(life->site, ret->door);
    if (back)
        site_door_gives_back(life->site, ret->door, true);
    ret->filter = site_door_is_filter(life->site, ret->door);
    ret->handed = named || (ret->filter && rec->status != STATUS_BOUNCED);
    ret->here = rec->status == STATUS_SENT && !named;
    /* It may be a relay host, which takes what is for the outside: judge.c. */
    ret->away = smtp && !address_is_private(&rec->hop) && !ret->handed;
    ret->left = smtp && (mail_port || ret->away) && !ret->handed;
    if (smtp && !mail_port && !ret->handed)
        ret->left |= way_out_relay_host(life, rec, ret->door);
}

/* No MX record leads there: the site's own settings do. */
static bool is_by_settings(const struct record *rec)
{
    return rec->program == PROGRAM_LMTP || (rec->hop_port && !record_is_mail_port(rec->hop_port));
}

/* The transport "relay" serves relay_domains, unless transport_maps sends everything by it to a
 * relay host ("* relay:[...]"): by the port that clients use, or with mail for what is certainly
 * outside among it. */
static bool serves_relay_domains(struct lifecycle *life, const struct message *m,
                                 const struct record *rec)
{
    static const uint64_t takes_all = 0x72656c6179; /* any number that no hash is likely to be */

    if (site_is_outside(life->site, rec->recipient_domain)) {
        scattered_times(life->judge, m, takes_all, life->now_s);
        return false;
    }
    return rec->hop_port != 587 && rec->hop_port != 465 &&
           scattered_lately(life->judge, m, takes_all, life->now_s) == 0;
}

static struct way way_of(struct lifecycle *life, struct message *m, const struct record *rec)
{
    struct way way = {0};
    bool by_net = rec->program == PROGRAM_SMTP || rec->program == PROGRAM_LMTP;
    bool addressed = by_net && rec->has_hop;

    if (!rec->relay.len) /* cut off */
        way.left = rec->program == PROGRAM_SMTP;
    else if (rec->program == PROGRAM_PIPE)
        pipe_way(life, rec, &way);
    else if (addressed && site_is_own_address(life->site, &rec->hop))
        own_hop_way(life, m, rec, &way);
    else if (rec->program == PROGRAM_SMTP && addressed && site_is_fleet(life->site, &rec->hop)) {
        bool named = rec->status == STATUS_SENT && link_fleet_handed(life, m, rec);
        way.handed = named || rec->status != STATUS_BOUNCED;
    } else if (addressed && (address_is_private(&rec->hop) || is_by_settings(rec))) {
        near_hop_way(life, m, rec, &way);
    } else if (rec->program == PROGRAM_SMTP) {
        bool to_host =
            addressed && rec->status == STATUS_SENT && link_fleet_handed_away(life, m, rec);
        way.away = addressed && !to_host;
        way.left = true;
    } else if (proof_socket(rec).len) {
        socket_way(life, rec, &way);
    } else {
        way.here = rec->status == STATUS_SENT && rec->program != PROGRAM_ERROR &&
                   rec->program != PROGRAM_DISCARD;
    }
    if (rec->by_relay_service && way.left)
        way.left = !serves_relay_domains(life, m, rec);
    return way;
}

static void learn(struct lifecycle *life, uint16_t source, const struct record *rec,
                  const struct way *way)
{
    struct span host = intern_span(hosts_of(life->hosts, source)->name);
    bool elsewhere = (rec->program == PROGRAM_PIPE || rec->program == PROGRAM_LMTP) &&
                     (way->left || site_is_outside(life->site, rec->recipient_domain));
    enum proof proof = way->filter || way->handed || elsewhere || rec->address_is_cut
                           ? PROOF_NONE
                           : proof_of_delivery(rec, host);

    if (proof != PROOF_NONE &&
        !classifier_is_proved(&life->judge->classifier, rec->recipient_domain, proof))
        lifecycle_learn(life, rec->recipient_domain, CLASS_OURS, proof, way->door);
}

static void set_status(struct lifecycle *life, struct message *m, struct recipient *r,
                       enum status status, enum cause cause)
{
    enum status was = (enum status)r->status;

    if (status == STATUS_BOUNCED || status == STATUS_DEFERRED)
        r->cause = (uint8_t)cause;
    if (was == status || status == STATUS_OTHER) /* a record that was cut tells nothing new */
        return;
    r->status = (uint8_t)status;
    if (r->flags & RECIPIENT_JUDGED)
        judge_ended_otherwise(life->judge, m, r);
    /* Evidence of a victim is in a cell of its own, not in the message's. */
    if ((r->flags & (RECIPIENT_COUNTED | RECIPIENT_ADDRESS)) == RECIPIENT_COUNTED)
        judge_status(life->judge, m, was, status);
}

/* A recipient beyond those that are remembered of a message. It is counted when its status is
 * final, as only then it can't be delivered to again. */
static void deliver_over(struct lifecycle *life, struct message *m, const struct record *rec,
                         struct recipient *r, bool filter)
{
    if ((rec->status != STATUS_SENT && rec->status != STATUS_BOUNCED) || !lifecycle_is_ready(m))
        return;
    classifier_recipient(&life->judge->classifier, m, rec, r, filter);
    judge_recipient(life->judge, m, r);
    intern_put(life->tracker->texts, r->text);
}

/* True if the record has shown that the recipient's domain, of which nothing was known, is a public
 * mailbox provider's. */
static bool learn_by_mx(struct lifecycle *life, const struct record *rec, const struct way *way)
{
    ptrdiff_t open = span_find(rec->relay, '[');

    if (!way->away || rec->status != STATUS_SENT || open <= 0 ||
        !provider_has_mx(span_head(rec->relay, (size_t)open)))
        return false;
    lifecycle_learn(life, rec->recipient_domain, CLASS_OUTSIDE, PROOF_BY_MX, 0);
    return true;
}

/* Says whose the recipient is. If its domain is ours only because lmtp or pipe took mail for it,
 * what smtp(8) takes to a stranger's server shows that those deliver nothing here. */
static void classify(struct lifecycle *life, const struct message *m, const struct record *rec,
                     struct recipient *r, const struct way *way)
{
    struct classifier *c = &life->judge->classifier;
    bool filter = way->filter || way->handed;

    classifier_recipient(c, m, rec, r, filter);
    if (r->class == CLASS_UNKNOWN && learn_by_mx(life, rec, way)) {
        intern_put(life->tracker->texts, r->text);
        classifier_recipient(c, m, rec, r, filter);
    }
    if (r->class != CLASS_OURS || !way->away || !site_sent_away(life->site, rec->recipient_domain))
        return;
    if (trace_wants(life->trace, TRACE_SITE))
        trace_say(life->trace, TRACE_SITE, "%.*s is %s: %s", SPAN_ARG(rec->recipient_domain),
                  class_name(CLASS_UNKNOWN), proof_text(PROOF_SENT_AWAY));
    intern_put(life->tracker->texts, r->text);
    classifier_recipient(c, m, rec, r, filter);
}

static uint64_t hash_of_orig(const struct lifecycle *life, const struct record *rec)
{
    return rec->orig_recipient.at ? hash_nocase(rec->orig_recipient, life->tracker->seed) : 0;
}

/* What has taken mail for addresses of ours shows that they exist. */
static void see_mailbox(struct lifecycle *life, const struct record *rec, const struct recipient *r)
{
    if (rec->orig_recipient.at)
        site_see_mailbox(life->site, rec->orig_recipient, hash_of_orig(life, rec), life->clock_s);
    if (!(r->flags & (RECIPIENT_FORWARDED | RECIPIENT_RETURNED)))
        site_see_mailbox(life->site, rec->recipient, r->hash, life->clock_s);
}

/* Of "local" or "mx1[private/dovecot-lmtp]", a number beyond those of doors that may be filters. It
 * tells one from most others. */
static uint8_t mailbox_door(struct span relay)
{
    return (uint8_t)(DOORS_MAX + 1 + (hash_bytes(relay, 0) & 127));
}

/* Mail in a mailbox is not given back for the same address. Dovecot's reply to LMTP says so. */
static bool stays(const struct record *rec, bool by_program)
{
    return program_has_only_ours(rec->program)
               ? !by_program
               : rec->program == PROGRAM_LMTP && span_ends(rec->reply, SPAN(" Saved"));
}

/* Notes what the record says of its recipient, new or known. NULL if the recipient can't be
 * remembered and was counted at once. */
static struct recipient *note_recipient(struct lifecycle *life, struct message *m,
                                        const struct record *rec, uint64_t hash,
                                        const struct way *way)
{
    struct recipient *r = tracker_recipient(m, hash);
    enum cause cause = classifier_cause(&life->judge->classifier, m, rec, way->filter);

    if (r) {
        set_status(life, m, r, rec->status, cause);
        if (!way->handed)
            r->flags &= (uint8_t)~RECIPIENT_HANDED;
    } else {
        struct recipient new = {.hash = hash,
                                .at_s = life->now_s,
                                .status = rec->status,
                                .cause = (uint8_t)cause,
                                .flags = (uint8_t)((way->here ? RECIPIENT_HERE : 0) |
                                                   (way->left ? RECIPIENT_LEFT : 0))};
        r = tracker_add_recipient(life->tracker, m, hash);
        if (!r) {
            if (!way->handed)
                deliver_over(life, m, rec, &new, way->filter);
            return NULL;
        }
        *r = new;
        classify(life, m, rec, r, way);
        /* What is thrown away has not left. */
        if (way->handed || (rec->program == PROGRAM_DISCARD && r->class != CLASS_OURS))
            r->flags |= RECIPIENT_HANDED;
    }
    if (cause != CAUSE_NONE && rec->status == STATUS_BOUNCED)
        judge_refused(life->judge, m, r, rec, way->filter);
    if (r->class == CLASS_OURS && rec->status == STATUS_SENT && !way->handed && !way->filter)
        see_mailbox(life, rec, r);
    r->flags |= (way->here ? RECIPIENT_HERE : 0) | (way->left ? RECIPIENT_LEFT : 0);
    if (way->here || way->door)
        r->door = way->door ? way->door : mailbox_door(rec->relay);
    if (way->here) {
        r->by_program = record_is_taken_by_program(rec);
        r->stays |= !way->filter && stays(rec, r->by_program);
        r->came_back |= r->stays;
    }
    if (r->by_program && way->here && !way->handed && !way->filter && r->class == CLASS_OURS)
        judge_taken_by_program(life->judge, m, r, hash_of_orig(life, rec));
    return r;
}

/* Asks whether this host is a gateway for the recipient's domain. Mail for it isn't alleged while
 * that is open. */
static void look_for_gateway(struct lifecycle *life, const struct message *m,
                             const struct record *rec)
{
    struct span domain = rec->recipient_domain;
    const struct gateway_delivery delivery = {.domain = domain,
                                              .client = intern_span(m->client),
                                              .sender = intern_span(m->sender),
                                              .relay = rec->relay,
                                              .at_s = life->now_s};

    if (!gateways_see(&life->judge->gateways, life->site, life->tracker->seed, &delivery))
        return;
    if (trace_wants(life->trace, TRACE_SITE))
        trace_say(life->trace, TRACE_SITE, "%.*s is %s: %s", SPAN_ARG(domain),
                  class_name(CLASS_UNKNOWN), proof_text(PROOF_LIKE_GATEWAY));
    site_learn(life->site, domain, CLASS_UNKNOWN, PROOF_LIKE_GATEWAY, 0);
    domain.len = domain.len < 100 ? domain.len : 100;
    site_warn(
        life->site, "gateway?",
        "Strangers' mail for %.*s goes on to %.*s, as if this host were a gateway for it, but "
        "nothing tells that it is. So it is not reported as relaying. If it is a gateway, "
        "list the domain in relay_domains in [site]; if not, strangers relay through this "
        "host: see smtpd_relay_restrictions.",
        SPAN_ARG(domain), (int)(rec->relay.len < 80 ? rec->relay.len : 80), rec->relay.at);
}

static bool is_delivered_for_a_stranger(const struct lifecycle *life, const struct message *m,
                                        const struct record *rec, const struct recipient *r)
{
    return m->root == ORIGIN_OUTSIDE && rec->program == PROGRAM_SMTP &&
           rec->status == STATUS_SENT && r->class != CLASS_OURS && !rec->orig_recipient.at &&
           !rec->address_is_cut && !site_is_archive(life->site, r->hash);
}

/* A link may change what was noted of the recipient: forwarded mail bounces for another cause, and
 * an unknown filter looked like a mailbox, so a domain looked like ours. */
static void find_links(struct lifecycle *life, struct message *m, const struct record *rec,
                       struct recipient *r, const struct way *way, bool added)
{
    bool returned = message_has(m, MESSAGE_RETURNED);

    if (way->here && message_has(m, MESSAGE_CHILDREN))
        relation_came_back_before(life, m, r);
    link_return_delivered(life, m, r, hash_of_orig(life, rec), added);
    if (returned || !message_has(m, MESSAGE_RETURNED))
        return;
    intern_put(life->tracker->texts, r->text);
    classifier_recipient(&life->judge->classifier, m, rec, r, way->filter || way->handed);
    if (rec->status == STATUS_BOUNCED && !(r->flags & RECIPIENT_FORWARDED))
        r->cause = (uint8_t)classifier_cause(&life->judge->classifier, m, rec, way->filter);
}

/* Its message-id may be logged after its first delivery. */
static bool may_be_named_yet(const struct lifecycle *life, const struct message *m)
{
    return !m->message_id_hash && life->hosts->host[hosts_host(m->source)].fronts & HOST_TELLS_IDS;
}

void lifecycle_delivery(struct lifecycle *life, uint16_t source, const struct record *rec,
                        uint64_t recipient_hash)
{
    struct message *m = lifecycle_message_for(life, source, rec->id, LIFECYCLE_DELIVERY);
    struct queue_id forwarded;

    if (!m)
        return;
    if (m->state == MESSAGE_GONE)
        life->counters.late_deliveries++;
    if (!message_has(m, MESSAGE_BEGAN | MESSAGE_TRIED) &&
        (uint64_t)(rec->delay / US_PER_S) < life->now_s)
        m->begun_s = life->now_s - (uint32_t)(rec->delay / US_PER_S);
    if (rec->status == STATUS_PROBED)
        m->flags |= MESSAGE_PROBE;
    struct message_ref self = tracker_ref(m);
    struct way way = way_of(life, m, rec);
    learn(life, source, rec, &way);
    if (rec->program == PROGRAM_LOCAL && record_forwarded_as(rec->reply, &forwarded)) {
        link_hop_forwarded(life, m, forwarded, rec->recipient);
        m = tracker_deref(life->tracker, self); /* making the child may have evicted it */
        if (!m)
            return;
    }
    uint16_t before = m->recipient_count;
    struct recipient *r = note_recipient(life, m, rec, recipient_hash, &way);
    if (life->judge->undecided.count && (!r || m->recipient_count > before))
        judge_named(life->judge, m, 1);
    if (r && (way.here || message_has(m, MESSAGE_CLAIMED | MESSAGE_RETURNED)))
        find_links(life, m, rec, r, &way, m->recipient_count > before);
    else if (relation_may_be_child(m) && !message_has(m, MESSAGE_RESOLVED | MESSAGE_FROM_HERE) &&
             !may_be_named_yet(life, m))
        lifecycle_resolve(life, m, (enum origin)m->origin); /* no link can show up any more */
    m->flags |= MESSAGE_TRIED;
    if (r && message_has(m, MESSAGE_SHARES_ID)) /* hardly any */
        link_away_delivered(life, m, r);
    if (r && is_delivered_for_a_stranger(life, m, rec, r))
        look_for_gateway(life, m, rec);
    if (r)
        lifecycle_judge_recipient(life, m, r);
    /* qmgr logs the sender first. If that record is missing, don't wait for it as long as the
     * message is in the queue. */
    if (!message_has(m, MESSAGE_HAS_SENDER | MESSAGE_WAITED) && m->state != MESSAGE_GONE)
        tracker_wait(life->tracker, m, life->clock_s);
    if (message_has(m, MESSAGE_CHILDREN))
        lifecycle_wake_children(life, self);
}
