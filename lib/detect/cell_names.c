/* SPDX-License-Identifier: MIT */
#include "detect/cell_names.h"

#include <libpsl.h>

#include "base/hash.h"
#include "base/mail_address.h"
#include "detect/scope.h"

/* The part of an address's domain that somebody registered, in lower case: "mail.shop.co.uk" gives
 * "shop.co.uk". Borrowed until the next call. */
static struct span registrable(struct detector *d, struct span address)
{
    struct span domain = mail_address_domain(address);
    char buf[256];

    if (!domain.len || domain.len >= sizeof(buf))
        return SPAN_NONE;
    /* Without the seed: which texts are held must not depend on it, and whoever wants to make this
     * slow needs no collisions. */
    struct domain_memo *memo = &d->memo[hash_nocase(domain, 0) % DOMAIN_MEMOS];
    if (memo->registered && span_equal_nocase(intern_span(memo->domain), domain))
        return intern_span(memo->registered);
    for (size_t i = 0; i < domain.len; i++)
        buf[i] = ascii_lower(domain.at[i]);
    buf[domain.len] = '\0';
    const char *found = psl_registrable_domain(psl_builtin(), buf);
    intern_put(d->texts, memo->domain);
    intern_put(d->texts, memo->registered);
    memo->domain = intern_get(d->texts, domain);
    memo->registered = intern_get(d->texts, found ? span_str(found) : span_of(buf, domain.len));
    return intern_span(memo->registered);
}

struct span names_host(const struct observation *o)
{
    for (int i = 0; i < LEVELS_MAX; i++)
        if (scope_keys[o->kind][i] == KEY_HOST)
            return o->host_name;
    return SPAN_NONE;
}

struct span names_domain(struct detector *d, struct names *n, const struct observation *o)
{
    if (!n->has_domain)
        n->domain = registrable(d, o->sender);
    n->has_domain = true;
    return n->domain;
}

const struct network *names_network(struct names *n)
{
    struct address a;

    if (!n->has_network && address_parse(n->client, &a))
        n->network = network_of(&a);
    n->has_network = true;
    return n->network.prefix ? &n->network : NULL;
}

struct intern *cell_key_text(const struct cell *cell, enum key_type type)
{
    switch (type) {
    case KEY_CLIENT:
        return cell->rest->client;
    case KEY_SENDER_DOMAIN:
        return cell->rest->domain;
    case KEY_SENDER:
        return cell->rest->sender;
    case KEY_ACCOUNT:
        return cell->rest->account;
    case KEY_RECIPIENT:
        return cell->rest->recipient;
    case KEY_RECIPIENT_DOMAIN:
        return cell->rest->recipient_domain;
    default:
        return NULL;
    }
}

/* As much of a text as a cell keeps. */
struct span names_cut(struct span s)
{
    return s.len > CELL_TEXT_MAX ? span_head(s, CELL_TEXT_MAX) : s;
}

static uint64_t client_hash(const struct detector *d, const struct observation *o,
                            const struct names *n)
{
    return o->client_hash ? o->client_hash : names_hash_client(d, n->client);
}

static uint64_t sender_hash(const struct detector *d, const struct observation *o)
{
    return o->sender_hash ? o->sender_hash : names_hash_sender(d, o->sender);
}

uint64_t names_key(struct detector *d, const struct observation *o, struct names *n, uint32_t scope)
{
    uint64_t key = hash_mix(scope + 1, hash_factor(d->seed));
    struct span host = names_host(o);

    if (host.len)
        key = hash_mix(key ^ hash_nocase(host, d->seed), HASH_ODD_1);

    switch (o->kind) {
    case KIND_OPEN_RELAY:
        key = hash_mix(key ^ client_hash(d, o, n), HASH_ODD_2);
        key ^= hash_bytes(names_domain(d, n, o), d->seed);
        break;
    case KIND_TRUSTED_RELAY:
        key = hash_mix(key ^ client_hash(d, o, n), HASH_ODD_2) ^ sender_hash(d, o);
        break;
    case KIND_BACKSCATTER_SOURCE:
        key ^= client_hash(d, o, n);
        break;
    case KIND_ACCOUNT_ABUSE:
        key ^= hash_nocase(o->account, d->seed);
        break;
    case KIND_LOCAL_ABUSE:
        key = hash_mix(key ^ o->uid, HASH_ODD_2) ^ sender_hash(d, o);
        break;
    default:
        key ^= hash_nocase(o->recipient, d->seed);
        break;
    }
    return key ? key : 1;
}

/* In lower case and cut, in the buffer. */
static struct span lower(struct span s, char buf[CELL_TEXT_MAX])
{
    s = names_cut(s);
    for (size_t i = 0; i < s.len; i++)
        buf[i] = ascii_lower(s.at[i]);
    return span_of(buf, s.len);
}

struct intern *names_lower(struct detector *d, struct span s)
{
    char buf[CELL_TEXT_MAX];

    return s.len ? intern_get(d->texts, lower(s, buf)) : NULL;
}

struct intern *names_sender(struct detector *d, struct span s)
{
    char buf[CELL_TEXT_MAX];

    return s.len ? intern_make(d->texts, lower(s, buf)) : NULL;
}

/* The scope is part of the hash, so keys of different scopes never meet in key_counts. This hash is
 * the key: there is nothing else to compare. With 64 bits under the seed, which nobody else knows,
 * two of a million keys are the same once in 30 million runs. */
uint64_t names_level_key(struct detector *d, const struct observation *o, struct names *n,
                         uint64_t key, enum key_type type)
{
    uint32_t scope = scope_number(o->host, o->kind, o->cause);
    uint64_t h = hash_mix(((uint64_t)scope << 8) + type + 1, hash_factor(d->seed));
    const struct network *network;
    struct span text = SPAN_NONE;

    switch (type) {
    case KEY_NETWORK:
        network = names_network(n);
        return network ? hash_mix(h ^ hash_bytes(span_of((const char *)network, sizeof(*network)),
                                                 d->seed),
                                  HASH_ODD_2)
                       : 0;
    case KEY_UID:
        return hash_mix(h ^ o->uid, HASH_ODD_2);
    case KEY_HOST:
        text = names_host(o); /* empty: the scope has but one */
        return text.len ? hash_mix(h ^ hash_nocase(text, d->seed), HASH_ODD_2) : h;
    case KEY_ACCOUNT: /* the cell's own: texts that were cut may look the same */
    case KEY_RECIPIENT:
        return hash_mix(h ^ key, HASH_ODD_2);
    case KEY_CLIENT:
        return n->client.len ? hash_mix(h ^ client_hash(d, o, n), HASH_ODD_2) : 0;
    case KEY_SENDER_DOMAIN:
        text = names_domain(d, n, o);
        return text.len ? hash_mix(h ^ hash_bytes(text, d->seed), HASH_ODD_2) : 0;
    case KEY_SENDER: /* of one uid; a trusted sender may come through several clients */
        h = hash_mix(h ^ o->uid, HASH_ODD_1);
        return o->sender.len ? hash_mix(h ^ sender_hash(d, o), HASH_ODD_2) : 0;
    case KEY_RECIPIENT_DOMAIN:
        text = mail_address_domain(o->recipient);
        break;
    default:
        break;
    }
    return text.len ? hash_mix(h ^ hash_nocase(names_cut(text), d->seed), HASH_ODD_2) : 0;
}
