/* SPDX-License-Identifier: MIT */
#include "judge/clients.h"

#include "base/hash.h"
#include "site/site_doors.h"

void clients_reset(struct clients *c)
{
    for (int i = 0; i < CLIENTS_MEMOS; i++) {
        intern_put(c->texts, c->memo[i].text);
        c->memo[i] = (struct client_memo){0};
    }
}

static void look_up(const struct site *site, struct client_memo *ret)
{
    struct span text = intern_span(ret->text);
    struct address a;
    bool known = address_parse(client_address(text), &a);

    ret->why = known ? site_why_trusted(site, ret->networks, &a, text) : NULL;
    ret->is_self = known && site_is_own_address(site, &a);
    ret->is_fleet = known && !address_is_loopback(&a) && site_is_fleet(site, &a);
    ret->is_near = known && !ret->is_self && !ret->is_fleet &&
                   site_has_machine_at(site, &a, client_address(text));
}

/* By the end of the text, where addresses differ. Not by its hash: which texts are held must not
 * depend on the seed. */
static unsigned slot_of(const struct intern *client, uint16_t networks)
{
    uint64_t end = client->len < 8 ? client->len : swar_load(client->at + client->len - 8);

    return (unsigned)((end ^ networks) * HASH_ODD_1 >> 48) % CLIENTS_MEMOS;
}

/* Kept out of clients_find, which mostly remembers. */
__attribute__((noinline)) static void remember(struct clients *c, struct client_memo *memo,
                                               struct intern *client, uint16_t networks)
{
    uint64_t generation = site_generation(c->site);

    if (generation != c->generation) {
        clients_reset(c);
        c->generation = generation;
    }
    intern_put(c->texts, memo->text);
    memo->text = intern_ref(client);
    memo->networks = networks;
    look_up(c->site, memo);
}

const struct client_memo *clients_find(struct clients *c, struct intern *client, uint16_t networks)
{
    static const struct client_memo nobody = {0};

    if (!client)
        return &nobody;
    struct client_memo *memo = &c->memo[slot_of(client, networks)];
    if (memo->text != client || memo->networks != networks ||
        c->generation != site_generation(c->site))
        remember(c, memo, client, networks);
    return memo;
}

bool clients_are_strangers(const struct clients *c, const struct message *m,
                           const struct message *parent)
{
    return hosts_host(m->source) != hosts_host(parent->source) && !m->is_near &&
           !site_has_fleet(c->site);
}
