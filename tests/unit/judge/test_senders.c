/* SPDX-License-Identifier: MIT */
#include "judge/senders.h"

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

int main(void)
{
    TCase *tc = tcase_create("senders");

    ADD_ROWS(tc, is_foreign, foreign);
    return run_suite("senders", tc);
}
