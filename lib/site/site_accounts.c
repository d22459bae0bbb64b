/* SPDX-License-Identifier: MIT */
#include "site/site_accounts.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mail_address.h"
#include "site/site.h"
#include "site/site_state.h"

enum { INDEX_MIN = 64 }; /* a power of two */

/* Without a seed: strangers don't choose logins. */
static uint32_t hash_of(struct span user)
{
    return (uint32_t)hash_nocase(user, 0);
}

static struct account *find(const struct site *site, struct span user)
{
    struct account *accounts = site->accounts.items;
    uint32_t hash = hash_of(user), at = hash, number;

    while (accounts && (number = hash_index_next(&site->account_index, hash, &at)) != 0)
        if (span_equal_nocase(mail_address_user(span_str(accounts[number - 1].name)), user))
            return &accounts[number - 1];
    return NULL;
}

/* At the bound the oldest's place. */
static struct account *take_place(struct site *site)
{
    struct account *account = list_add(&site->accounts, sizeof(*account), SITE_ACCOUNTS_MAX);

    if (account || site->accounts.count < SITE_ACCOUNTS_MAX)
        return account;
    uint32_t oldest = site->account_oldest++ % SITE_ACCOUNTS_MAX;
    account = (struct account *)site->accounts.items + oldest;
    hash_index_remove(&site->account_index, hash_of(mail_address_user(span_str(account->name))),
                      oldest + 1);
    free(account->name);
    return account;
}

static bool add(struct site *site, struct span name, bool in_doubt)
{
    if ((!site->account_index.slot && !hash_index_init(&site->account_index, INDEX_MIN)) ||
        !hash_index_reserve(&site->account_index))
        return false;
    char *copy = strndup(name.at, name.len);
    struct account *account = copy ? take_place(site) : NULL;
    if (!account) {
        free(copy);
        return false;
    }
    *account = (struct account){copy, in_doubt};
    hash_index_add(&site->account_index, hash_of(mail_address_user(name)),
                   (uint32_t)(account - (struct account *)site->accounts.items) + 1);
    return true;
}

void site_set_login_domain(struct site *site, struct span domain)
{
    if (!domain.len || domain.len >= sizeof(site->login_domain))
        return;
    memcpy(site->login_domain, domain.at, domain.len);
    site->login_domain[domain.len] = '\0';
}

struct span site_login_domain(const struct site *site)
{
    return span_str(site->login_domain);
}

/* "bob" is that one, and no other, unless that is in doubt. */
static bool pair(struct site *site, struct span name)
{
    struct account *known = find(site, mail_address_user(name));

    if (!known)
        return add(site, name, false);
    if (known->in_doubt || span_equal_nocase(span_str(known->name), name))
        return false;
    known->in_doubt = true;
    return true;
}

/* That "bob" has sent as bob@example.org is kept among the logins. */
static uint64_t hash_of_sender(const struct site *site, struct span sender)
{
    return hash_mix(hash_nocase(sender, site->seed) + 2, HASH_ODD_2);
}

bool site_see_login(struct site *site, struct span login)
{
    uint64_t hash = hash_nocase(login, site->seed);
    bool known = site_has_login(site, hash);

    site_add_login(site, hash); /* it is in use still */
    if (known)
        return false;
    return (mail_address_domain(login).len && site_has_login(site, hash_of_sender(site, login)) &&
            pair(site, login)) ||
           site_account_of(site, login, (char[SITE_LOGIN_MAX]){0}).has_two;
}

bool site_see_sender_of_login(struct site *site, struct span login, struct span sender)
{
    if (sender.len < login.len + 2 || sender.len > SITE_LOGIN_MAX || sender.at[login.len] != '@' ||
        !span_equal_nocase(span_head(sender, login.len), login) ||
        site_class(site, mail_address_domain(sender)) != CLASS_OURS)
        return false;
    if (site_has_login_as(site, sender))
        return pair(site, sender);
    site_add_login(site, hash_of_sender(site, sender));
    return false;
}

/* By the settings' domain. */
static struct site_account by_settings(const struct site *site, struct span login, bool is_bare,
                                       char buf[SITE_LOGIN_MAX])
{
    struct span domain = site_login_domain(site);
    size_t len = login.len + 1 + domain.len;

    if (!is_bare)
        return (struct site_account){login, site_has_login_as(site, mail_address_user(login))};
    if (len > SITE_LOGIN_MAX)
        return (struct site_account){login, false};
    memcpy(buf, login.at, login.len);
    buf[login.len] = '@';
    memcpy(buf + login.len + 1, domain.at, domain.len);
    bool has_two = site_has_login_as(site, span_of(buf, len));
    return (struct site_account){has_two ? span_of(buf, len) : login, has_two};
}

struct site_account site_account_of(const struct site *site, struct span login,
                                    char buf[SITE_LOGIN_MAX])
{
    bool is_told = site->login_domain[0] != '\0';

    if (!login.len || (!site->accounts.count && !is_told))
        return (struct site_account){login, false};
    bool is_bare = span_find(login, '@') < 0;
    if (is_told &&
        (is_bare || span_equal_nocase(mail_address_domain(login), site_login_domain(site))))
        return by_settings(site, login, is_bare, buf);
    const struct account *account = find(site, mail_address_user(login));
    if (!account || account->in_doubt ||
        !(is_bare || span_equal_nocase(login, span_str(account->name))))
        return (struct site_account){login, false};
    return (struct site_account){span_str(account->name), true};
}

struct span site_doubtful_account(const struct site *site, struct span login)
{
    const struct account *account = find(site, mail_address_user(login));

    return account && account->in_doubt ? span_str(account->name) : SPAN_NONE;
}

void site_each_account(const struct site *site, site_account_visit *visit, void *ctx)
{
    const struct account *accounts = site->accounts.items;
    uint32_t count = (uint32_t)site->accounts.count;

    for (uint32_t i = 0; i < count; i++) { /* the oldest first */
        const struct account *account = &accounts[(site->account_oldest + i) % count];
        visit(ctx, span_str(account->name), account->in_doubt);
    }
}

void site_restore_account(struct site *site, struct span name, bool in_doubt)
{
    struct account *known = find(site, mail_address_user(name));

    if (!known)
        add(site, name, in_doubt);
    else
        known->in_doubt |= in_doubt || !span_equal_nocase(span_str(known->name), name);
}
