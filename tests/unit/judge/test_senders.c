/* SPDX-License-Identifier: MIT */
#include "judge/senders.h"

#include "base/hash.h"
#include "rows.h"

/* What is known: nothing, a complete list of example.net, an incomplete one, or what the log has
 * shown alone. */
enum known { NOTHING, ALL, SOME, LEARNED };

static struct site *site_of(enum known known)
{
    struct site *site = site_new();

    if (known == ALL || known == SOME) {
        site_add_domain(site, SPAN("example.net"), CLASS_OURS, false);
        site_domains_configured(site, known == ALL);
    } else if (known == LEARNED) {
        site_learn(site, SPAN("example.net"), CLASS_OURS, PROOF_CERTAIN, 0);
    }
    return site;
}

static const struct {
    const char *name;
    enum known known;
    const char *sender, *login;
    bool want;
} foreign[] = {
    {"a domain of ours", ALL, "a@example.net", "bob", false},
    {"another one", ALL, "a@gmail.com", "bob", true},
    {"another one of a login with a domain", ALL, "a@gmail.com", "bob@example.net", true},
    {"the login's domain", ALL, "a@shop.example", "bob@shop.example", false},
    {"the login's domain, in capitals", ALL, "a@SHOP.example", "bob@shop.example", false},
    {"below the login's domain", ALL, "a@news.shop.example", "bob@shop.example", false},
    {"like the login's domain", ALL, "a@webshop.example", "bob@shop.example", true},
    {"above the login's domain", ALL, "a@example", "bob@shop.example", true},
    {"the null sender", ALL, "", "bob", false},
    {"without a domain", ALL, "root", "bob", false},
    {"nothing is known", NOTHING, "a@shop.example", "bob", false},
    {"a mailbox provider where nothing is known", NOTHING, "a@gmail.com", "bob", true},
    {"only the log tells", LEARNED, "a@shop.example", "bob", true},
    {"its own name where the log tells", LEARNED, "bob@shop.example", "bob", false},
    {"its own name where there may be more", SOME, "Bob@shop.example", "bob", false},
    {"its own name where all is told", ALL, "bob@shop.example", "bob", true},
    {"its own name at a provider", SOME, "bob@gmail.com", "bob", true},
    {"the name of a login with a domain", SOME, "bob@shop.example", "bob@example.net", true},
    {"the login's realm is a host of it", SOME, "bob@shop.example", "Bob@mail.SHOP.example", false},
    {"another's, where it is", SOME, "a@shop.example", "bob@mail.shop.example", true},
    {"a domain like a realm's", SOME, "bob@op.example", "bob@mail.shop.example", true},
    {"a realm where all is told", ALL, "bob@shop.example", "bob@mail.shop.example", true},
    {"the domain's first label", SOME, "bob@shop.example", "bob@shop", false},
    {"a part of a label", SOME, "bob@shop.example", "bob@sho", true},
    {"more than the domain", SOME, "bob@shop.example", "bob@shop.example.com", true},
    {"another one's first label", SOME, "a@shop.example", "bob@shop", true},
    {"name and label", SOME, "bob@shop.example", "bob.shop", false},
    {"label and name", SOME, "bob@shop.example", "SHOP-Bob", false},
    {"name and labels", SOME, "bob@shop.co.example", "bob_shop.co", false},
    {"name and domain", SOME, "bob@shop.example", "bob%shop.example", false},
    {"name plus domain", LEARNED, "bob@shop.example", "bob+shop.example", false},
    {"name with a separator", SOME, "b.ob@shop.example", "b.ob.shop", false},
    {"nothing between them", SOME, "bob@shop.example", "bobshop", true},
    {"a letter between them", SOME, "bob@shop.example", "bobxshop", true},
    {"no label", SOME, "bob@shop.example", "bob.", true},
    {"another label", SOME, "bob@shop.example", "bob.bank", true},
    {"another name", SOME, "a@shop.example", "bob.shop", true},
    {"at a provider", SOME, "bob@gmail.com", "bob.gmail", true},
    {"name and label where all is told", ALL, "bob@shop.example", "bob.shop", true},
    {"as Windows writes it", SOME, "bob@shop.example", "CORP\\Bob", false},
    {"as Windows writes another one", SOME, "a@shop.example", "CORP\\bob", true},
};

START_TEST(is_foreign)
{
    struct site *site = site_of(foreign[_i].known);

    want_number(
        foreign[_i].name,
        sender_is_foreign_to(site, span_str(foreign[_i].sender), span_str(foreign[_i].login)),
        foreign[_i].want);
    site_free(site);
}
END_TEST

static const struct {
    const char *name, *sender, *recipient_domain;
    bool want;
} made_up[] = {
    {"a mailbox", "bob@example.net", "b.example", false},
    {"none", "qx1@example.net", "b.example", true},
    {"none, of a domain that gets no mail", "qx1@example.org", "b.example", false},
    {"not ours", "qx1@b.example", "b.example", false},
    {"the postmaster", "Postmaster@example.net", "b.example", false},
    {"the mailer daemon", "MAILER-DAEMON@example.net", "b.example", false},
    {"a probe", "double-bounce@example.net", "b.example", false},
    {"a bounce address for him", "sales+x=B.example@example.net", "b.example", false},
    {"a bounce address for another", "sales+x=c.example@example.net", "b.example", true},
    {"a tag of a mailbox", "prvs=0a1b2c=bob@example.net", "b.example", false},
    {"a tag of none", "prvs=0a1b2c=qx1@example.net", "b.example", true},
    {"the bounces of a list", "news-bounces@example.net", "b.example", false},
    {"the bounces of a list, with a detail", "news-bounces+1@example.net", "b.example", false},
    {"the owner of a list", "owner-news@example.net", "b.example", false},
    {"the bounces of no list", "qx1-bounces@example.net", "b.example", true},
    {"the null sender", "", "b.example", false},
};

START_TEST(is_made_up)
{
    struct site *site = site_of(ALL);

    site_see_mailbox(site, SPAN("bob@example.net"), hash_nocase(SPAN("bob@example.net"), 0), 1);
    site_see_mailbox(site, SPAN("news@example.net"), hash_nocase(SPAN("news@example.net"), 0), 1);
    site_mailboxes_told(site);
    want_number(made_up[_i].name,
                sender_is_made_up(site, span_str(made_up[_i].sender),
                                  span_str(made_up[_i].recipient_domain), 1),
                made_up[_i].want);
    site_free(site);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("senders");

    ADD_ROWS(tc, is_foreign, foreign);
    ADD_ROWS(tc, is_made_up, made_up);
    return run_suite("senders", tc);
}
