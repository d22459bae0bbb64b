/* SPDX-License-Identifier: MIT */
#include "base/hash.h"
#include "base/mail_address.h"
#include "site/site.h"
#include "site/site_state.h"

/* ADDRESS_MAX: as RFC 5321 has it. */
enum { LOGINS_MAX = 65536, MAILBOXES_MAX = 262144, ADDRESS_MAX = 320, DAY_S = 86400 };

uint64_t site_seed(const struct site *site)
{
    return site->seed;
}

void site_set_seed(struct site *site, uint64_t seed)
{
    if (site->seed != seed) {
        address_set_done(&site->logins);
        address_set_done(&site->mailboxes);
        site->mailboxes_from_s = 0;
        site->mailboxes_told = false;
    }
    site->seed = seed;
}

void site_add_login(struct site *site, uint64_t hash)
{
    site->logins.max = LOGINS_MAX;
    address_set_add(&site->logins, hash);
}

bool site_has_login(const struct site *site, uint64_t hash)
{
    return address_set_has(&site->logins, hash);
}

bool site_has_login_as(const struct site *site, struct span address)
{
    return address.len && site_has_login(site, hash_nocase(address, site->seed));
}

/* They are kept among the logins: who logs in chooses no hash. */
static uint64_t hash_of_certificate(const struct site *site, struct span address, bool of_known_ca)
{
    return hash_mix(hash_nocase(address, site->seed) + of_known_ca, HASH_ODD_2);
}

void site_see_certificate(struct site *site, struct span address, bool of_known_ca)
{
    uint64_t hash = hash_of_certificate(site, address, of_known_ca);

    if (address_set_has(&site->logins, hash))
        return;
    site_add_login(site, hash);
    site->domains.changes += site_lists_certificate_of(site, address); /* we trust it now */
}

bool site_has_certificate(const struct site *site, struct span address)
{
    return address_set_has(&site->logins, hash_of_certificate(site, address, false)) ||
           address_set_has(&site->logins, hash_of_certificate(site, address, true));
}

bool site_lists_certificate_of(const struct site *site, struct span address)
{
    if (!site_has_fact(site, SITE_LISTED_CERTS))
        return false;
    return site_has_fact(site, SITE_ALL_CERTS)
               ? address_set_has(&site->logins, hash_of_certificate(site, address, false))
               : site_has_certificate(site, address);
}

/* They are kept there, too: hardly any address hands over mail. */
static uint64_t hash_of_handover(const struct site *site, struct span address)
{
    return hash_mix(hash_nocase(address, site->seed), HASH_ODD_1);
}

void site_see_handover(struct site *site, struct span address)
{
    site_add_login(site, hash_of_handover(site, address));
}

bool site_has_handover_from(const struct site *site, struct span address)
{
    return address_set_has(&site->logins, hash_of_handover(site, address));
}

/* The address without its detail: "bob+lists@example.org" is "bob@example.org". The address itself
 * if it has none, or is too long. */
static struct span without_detail(struct span address, char buf[ADDRESS_MAX])
{
    struct span user = mail_address_user(address), rest = span_skip(address, user.len);
    ptrdiff_t plus = span_find(user, '+');

    if (plus <= 0 || (size_t)plus + rest.len > ADDRESS_MAX)
        return address;
    memcpy(buf, user.at, (size_t)plus);
    if (rest.len)
        memcpy(buf + plus, rest.at, rest.len);
    return span_of(buf, (size_t)plus + rest.len);
}

/* Of the addresses that a program makes by one pattern: "bounce-#@example.org"; 0 if it is none of
 * them. What has nothing of its own, "#@example.org", shows nothing of others. */
static uint64_t hash_of_pattern(const struct site *site, struct span address)
{
    char buf[MAIL_PATTERN_MAX + ADDRESS_MAX];
    struct span domain = span_skip(address, mail_address_user(address).len);
    size_t len = mail_address_pattern(address, buf);

    if (len < 2 || domain.len > ADDRESS_MAX)
        return 0;
    if (domain.len)
        memcpy(buf + len, domain.at, domain.len);
    return hash_nocase(span_of(buf, len + domain.len), site->seed);
}

/* "@example.org" */
static struct span at_domain(struct span address)
{
    return span_skip(address, mail_address_user(address).len);
}

void site_see_mailbox(struct site *site, struct span address, uint64_t hash, uint32_t at_s)
{
    char buf[ADDRESS_MAX];

    if (address_table_has(&site->mailboxes.table[0], hash))
        return;
    if (!site->mailboxes_from_s)
        site->mailboxes_from_s = at_s;
    site->mailboxes.max = MAILBOXES_MAX;
    address_set_add(&site->mailboxes, hash);
    struct span domain = at_domain(address);
    if (domain.len)
        address_set_add(&site->mailboxes, hash_nocase(domain, site->seed));
    if (span_find(address, '+') > 0)
        address_set_add(&site->mailboxes, hash_nocase(without_detail(address, buf), site->seed));
    uint64_t pattern = hash_of_pattern(site, address);
    if (pattern)
        address_set_add(&site->mailboxes, pattern);
}

void site_prefetch_mailbox(const struct site *site, uint64_t hash)
{
    address_set_prefetch(&site->mailboxes, hash);
}

void site_mailboxes_told(struct site *site)
{
    site->mailboxes_told = true;
}

bool site_is_never_seen(const struct site *site, struct span address, uint32_t now_s)
{
    const struct address_set *set = &site->mailboxes;
    struct span domain = at_domain(address);
    char buf[ADDRESS_MAX];

    if (set->incomplete || !site->mailboxes_from_s || !domain.len ||
        (!site->mailboxes_told && now_s < (uint64_t)site->mailboxes_from_s + DAY_S))
        return false;
    if (!address_set_has(set, hash_nocase(domain, site->seed)) ||
        address_set_has(set, hash_nocase(address, site->seed)) ||
        address_set_has(set, hash_nocase(without_detail(address, buf), site->seed)) ||
        site_has_login_as(site, address) || site_has_login_as(site, mail_address_user(address)))
        return false;
    uint64_t pattern = hash_of_pattern(site, address);
    return !pattern || !address_set_has(set, pattern);
}

static void add_all(struct address_set *to, const struct address_set *from)
{
    if (!from->max)
        return;
    to->max = from->max;
    to->incomplete |= from->incomplete;
    for (int i = 1; i >= 0; i--) /* the older ones go first */
        for (uint32_t k = 0; k < from->table[i].size; k++)
            address_set_add(to, from->table[i].slot[k]);
}

void site_see_addresses_of(struct site *site, const struct site *from)
{
    if (site->seed != from->seed)
        return;
    add_all(&site->logins, &from->logins);
    add_all(&site->mailboxes, &from->mailboxes);
    site->mailboxes_told |= from->mailboxes_told;
    if (!site->mailboxes_from_s)
        site->mailboxes_from_s = from->mailboxes_from_s;
}
