/* SPDX-License-Identifier: MIT */
#include "base/hash.h"
#include "site/site.h"
#include "site/site_state.h"

enum { LOGINS_MAX = 65536 };

uint64_t site_seed(const struct site *site)
{
    return site->seed;
}

void site_set_seed(struct site *site, uint64_t seed)
{
    if (site->seed != seed)
        address_set_done(&site->logins);
    site->seed = seed;
}

void site_see_login(struct site *site, struct span login)
{
    if (span_find(login, '@') < 0)
        return;
    site->logins.max = LOGINS_MAX;
    address_set_add(&site->logins, hash_nocase(login, site->seed));
}

bool site_has_login(const struct site *site, uint64_t hash)
{
    return address_set_has(&site->logins, hash);
}

bool site_has_login_as(const struct site *site, struct span address)
{
    return address.len && site_has_login(site, hash_nocase(address, site->seed));
}

static void add_all(struct address_set *to, const struct address_set *from)
{
    to->max = from->max;
    to->incomplete |= from->incomplete;
    for (int i = 1; i >= 0; i--) /* the older ones go first */
        for (uint32_t k = 0; k < from->table[i].size; k++)
            address_set_add(to, from->table[i].slot[k]);
}

void site_see_addresses_of(struct site *site, const struct site *from)
{
    if (site->seed == from->seed)
        add_all(&site->logins, &from->logins);
}
