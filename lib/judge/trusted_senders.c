/* SPDX-License-Identifier: MIT */
#include "judge/trusted_senders.h"

#include "base/hash.h"
#include "base/mail_address.h"
#include "detect/cell_names.h"
#include "judge/scattered.h"
#include "judge/senders.h"

static uint64_t hash_of_client(const struct judge *judge, const struct message *m)
{
    return names_hash_client(judge->detector, client_address(intern_span(m->client)));
}

static uint64_t hash_of_domain(const struct judge *judge, struct span sender)
{
    return hash_nocase(mail_address_domain(sender), judge->detector->seed);
}

/* False for most of the senders that a program makes by one pattern, one for each mail: tickets,
 * and addresses that bounces come back to. Who wants to stay below the threshold can do so with a
 * single sender as well. What is refused counts, each: spam is, and mail to customers isn't. */
static bool is_counted(struct judge *judge, const struct message *m, const struct recipient *r)
{
    struct span sender = intern_span(m->sender);
    char pattern[MAIL_PATTERN_MAX];
    size_t len = r->status == STATUS_BOUNCED ? 0 : mail_address_pattern(sender, pattern);

    if (!len)
        return true;
    uint64_t what = hash_bytes(span_of(pattern, len), judge->detector->seed) + HASH_ODD_1;
    what = hash_mix(what ^ hash_of_domain(judge, sender), HASH_ODD_2) ^ hash_of_client(judge, m);
    return scattered_times(judge, m, what, r->at_s) % TRUSTED_SENDERS_MADE == 1;
}

/* A service for aliases, here or near by, makes up a sender for each mail that it has just got and
 * sends on, to whom the alias belongs, again and again; who invents senders writes to strangers,
 * and has got nothing. */
static bool is_alias(struct judge *judge, const struct message *m, const struct recipient *r)
{
    return !scattered_is_new_to(judge, m, r) ||
           answers_send_on(&judge->answers, hosts_host(m->source), m->begun_s);
}

static bool is_unseen(struct judge *judge, const struct message *m, const struct recipient *r,
                      bool by_program, const struct observation *o)
{
    return sender_is_made_up(judge->classifier.site, intern_span(m->sender), o->recipient_domain,
                             judge->present_s) &&
           !(by_program && is_alias(judge, m, r)) && is_counted(judge, m, r);
}

static void ask(struct judge *judge, const struct message *m)
{
    struct span client = client_address(intern_span(m->client));
    struct span domain = mail_address_domain(intern_span(m->sender));

    site_warn(
        judge->classifier.site, "sender?",
        "%.*s is trusted and sends over a hundred messages a day as %.*s, and nothing tells "
        "whether that domain is yours. Hardly any is refused, so it is not reported as abuse. "
        "If it is yours, list it in own_domains in [site]; if not, look at that machine.",
        SPAN_ARG(client), (int)(domain.len < 100 ? domain.len : 100), domain.at);
}

/* Nothing tells whose the sender's domain is, and m's client has few like it: a machine of the site
 * has one or two, and what is infected or hides strangers has many, and much of it is refused. */
static bool may_be_ours(struct judge *judge, const struct message *m, const struct recipient *r)
{
    const struct site *site = judge->classifier.site;
    struct span sender = intern_span(m->sender);

    if (!site_may_be_gateway_for(site, mail_address_domain(sender)))
        return false;
    uint64_t client = hash_of_client(judge, m) + HASH_ODD_2;
    uint64_t domain = hash_mix(client, HASH_ODD_1) ^ hash_of_domain(judge, sender);
    uint32_t times = scattered_times(judge, m, domain, r->at_s);
    if (times == 1) {
        scattered_times(judge, m, client, r->at_s);
        scattered_times(judge, m, HASH_ODD_2, r->at_s);
    }
    if (r->status == STATUS_BOUNCED ||
        scattered_lately(judge, m, client, r->at_s) > TRUSTED_SENDERS_DOMAINS ||
        scattered_lately(judge, m, HASH_ODD_2, r->at_s) > TRUSTED_SENDERS_ALL)
        return false;
    if (times == TRUSTED_SENDERS_ASK)
        ask(judge, m);
    return true;
}

/* True for a sender that what forwards mail made of another one (SRS), under a domain that may be
 * the site's. */
static bool is_forwarder(struct judge *judge, struct span sender)
{
    return mail_address_is_srs(sender) &&
           classifier_class_of(&judge->classifier, sender) != CLASS_OUTSIDE;
}

/* Mail is forwarded to the few who own the aliases, again and again, and spam to strangers. On the
 * first day of m's client they are new, too, but some get more than one. */
static bool is_forwarded_again(struct judge *judge, const struct message *m,
                               const struct recipient *r)
{
    uint64_t all = hash_mix(hash_of_client(judge, m), HASH_ODD_1), first = all + 2,
             to = hash_mix(r->hash, HASH_ODD_2);
    uint32_t times = scattered_times(judge, m, all, r->at_s);

    if (!scattered_is_new(judge, m, to, r->at_s))
        return true;
    uint32_t fresh = scattered_times(judge, m, first, r->at_s);
    return (uint64_t)fresh * TRUSTED_SENDERS_AGAIN <=
               (uint64_t)times * (TRUSTED_SENDERS_AGAIN - 1) &&
           !scattered_is_old(judge, m, all, r->at_s);
}

void trusted_senders_look(struct judge *judge, const struct message *m, const struct recipient *r,
                          bool by_program, struct observation *o)
{
    struct span sender = intern_span(m->sender);

    if (is_forwarder(judge, sender) && is_forwarded_again(judge, m, r))
        return;
    o->foreign_sender = classifier_is_foreign_sender(&judge->classifier, sender);
    if (!o->foreign_sender) {
        o->unseen_sender = is_unseen(judge, m, r, by_program, o);
        return;
    }
    o->maybe_ours = may_be_ours(judge, m, r);
    /* Who forges a sender doesn't want his bounces. */
    if (o->maybe_ours && sender_is_made_for(sender, o->recipient_domain))
        o->foreign_sender = is_counted(judge, m, r);
}
