/* SPDX-License-Identifier: MIT */
#include "detect/cell_names.h"

#include <libpsl.h>

#include "base/hash.h"
#include "base/mail_address.h"

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

struct span names_domain(struct detector *d, struct names *n, const struct observation *o)
{
    if (!n->has_domain)
        n->domain = registrable(d, o->sender);
    n->has_domain = true;
    return n->domain;
}

struct intern *cell_key_text(const struct cell *cell, enum key_type type)
{
    switch (type) {
    case KEY_CLIENT:
        return cell->client;
    case KEY_SENDER_DOMAIN:
        return cell->domain;
    case KEY_SENDER:
        return cell->sender;
    case KEY_ACCOUNT:
        return cell->account;
    case KEY_RECIPIENT:
        return cell->recipient;
    case KEY_RECIPIENT_DOMAIN:
        return cell->recipient_domain;
    default:
        return NULL;
    }
}
