/* SPDX-License-Identifier: MIT */
#include "judge/archives.h"

#include "base/hash.h"
#include "judge/gateways.h"
#include "site/providers.h"

static bool is_ours(const struct recipient *r)
{
    return r->class == CLASS_OURS || r->class == CLASS_RELAY_DOMAIN ||
           r->flags & RECIPIENT_FORWARDED;
}

static bool is_judged(struct message *m)
{
    const struct recipient *r = message_recipients(m);

    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (!(r[i].flags & RECIPIENT_JUDGED) || r[i].flags & RECIPIENT_HANDED)
            return false;
    return true;
}

/* It came in by smtpd(8) or pickup(8), which is what Postfix copies, and it was judged. What a
 * filter gives back is looked at instead of what went in. */
static bool is_of_use(struct message *m)
{
    bool came_in = m->origin == ORIGIN_OUTSIDE || m->origin == ORIGIN_TRUSTED ||
                   m->origin == ORIGIN_ACCOUNT || m->origin == ORIGIN_LOCAL ||
                   m->origin == ORIGIN_FILTER;

    return came_in && m->recipient_count && m->recipient_count <= ARCHIVE_RECIPIENTS &&
           !message_has(m, MESSAGE_PROBE) && is_judged(m);
}

static bool goes_to(struct message *m, uint64_t address)
{
    const struct recipient *r = message_recipients(m);

    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (r[i].hash == address)
            return true;
    return false;
}

/* The only recipient of a stranger's mail that is not ours; NULL if there are others, or if it has
 * none beside it. */
static const struct recipient *only_outside(struct message *m)
{
    const struct recipient *r = message_recipients(m), *outside = NULL;

    if (m->root != ORIGIN_OUTSIDE || m->recipient_count < 2)
        return NULL;
    for (uint16_t i = 0; i < m->recipient_count; i++) {
        if (is_ours(&r[i]))
            continue;
        if (outside)
            return NULL;
        outside = &r[i];
    }
    return outside;
}

static struct archives_candidate *find(struct archives *archives, uint64_t address, uint32_t host)
{
    for (uint32_t i = 0; i < archives->count; i++)
        if (archives->candidate[i].address == address && archives->candidate[i].host == host)
            return &archives->candidate[i];
    return NULL;
}

static void add(struct archives *archives, uint64_t address, uint32_t host)
{
    struct archives_candidate *place = &archives->candidate[0];

    for (uint32_t i = 1; i < archives->count; i++)
        if (archives->candidate[i].with < place->with)
            place = &archives->candidate[i];
    if (archives->count < ARCHIVES_MAX)
        place = &archives->candidate[archives->count++];
    *place = (struct archives_candidate){.address = address, .host = host};
}

/* Each message of the host counts, whoever sent it. */
static void count(struct archives *archives, struct site *site, struct message *m, uint32_t host)
{
    for (uint32_t i = 0; i < archives->count; i++) {
        struct archives_candidate *c = &archives->candidate[i];
        if (c->host != host)
            continue;
        c->all++;
        c->with += goes_to(m, c->address);
        if (c->all >= ARCHIVE_MESSAGES && (uint64_t)c->with * 100 < (uint64_t)c->all * ARCHIVE_LOST)
            site_forget_archive(site, c->address);
        if (c->all > ARCHIVE_OFTEN) {
            c->all /= 2;
            c->with /= 2;
        }
    }
}

/* A mail server of the sender's domain, or of the provider that it has its mailbox at: all that a
 * provider sends is one stranger. */
static bool is_stranger(const struct message *m, uint64_t seed, uint64_t *ret_network,
                        uint64_t *ret_domain)
{
    struct span client = intern_span(m->client), sender = intern_span(m->sender);
    ptrdiff_t open = span_find(client, '[');

    if (gateways_is_server(client, sender, seed, ret_network, ret_domain))
        return true;
    if (open <= 0 || !provider_sends_from(span_head(client, (size_t)open)) ||
        !provider_has_domain(mail_address_domain(sender)))
        return false;
    *ret_network = *ret_domain = hash_nocase(mail_address_domain(sender), seed) | 1;
    return true;
}

static void count_stranger(struct archives_candidate *c, const struct message *m, uint64_t seed)
{
    uint64_t network, sender;

    if (c->strangers == ARCHIVE_STRANGERS || !is_stranger(m, seed, &network, &sender))
        return;
    for (uint32_t i = 0; i < c->strangers; i++)
        if (c->network[i] == network || c->sender[i] == sender)
            return;
    c->network[c->strangers] = network;
    c->sender[c->strangers++] = sender;
}

enum archives_shown archives_gone(struct archives *archives, struct site *site, uint64_t seed,
                                  struct message *m, uint32_t host)
{
    if (!is_of_use(m))
        return ARCHIVES_NOTHING;
    const struct recipient *outside = only_outside(m);
    if (outside && !find(archives, outside->hash, host))
        add(archives, outside->hash, host);
    if (archives->count)
        count(archives, site, m, host);
    if (!outside)
        return ARCHIVES_NOTHING;
    struct archives_candidate *c = find(archives, outside->hash, host);
    c->alleged |= (outside->flags & RECIPIENT_COUNTED) != 0;
    count_stranger(c, m, seed);
    if (c->strangers < ARCHIVE_STRANGERS || c->with < ARCHIVE_MESSAGES ||
        (uint64_t)c->with * 100 < (uint64_t)c->all * ARCHIVE_PERCENT ||
        !site_learn_archive(site, c->address))
        return ARCHIVES_NOTHING;
    return c->alleged ? ARCHIVES_FOUND_LATE : ARCHIVES_FOUND;
}
