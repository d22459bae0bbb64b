/* SPDX-License-Identifier: MIT */
#include "judge/gateways.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "rows.h"

enum { SEED = 7 };

static struct site *site;
static struct gateways gateways;
static uint32_t now_s;

static void set_up(void)
{
    site = site_new();
    ck_assert_ptr_nonnull(site);
    gateways = (struct gateways){.found = 0};
    now_s = 1795489200;
}

static void tear_down(void)
{
    site_free(site);
}

static bool see(const char *client, const char *sender, const char *relay, const char *domain)
{
    struct gateway_delivery d = {span_str(domain), span_str(client), span_str(sender),
                                 span_str(relay), now_s++};

    return gateways_see(&gateways, site, SEED, &d);
}

#define HOP    "mail.customer.example[198.51.100.9]:25"
#define DOMAIN "customer.example"

/* Mail of the i-th stranger, from a mail server of his own. */
static bool stranger(int i, const char *relay, const char *domain)
{
    char client[80], sender[80];

    snprintf(client, sizeof(client), "mx.friend%d.example[100.%d.1.7]", i, i);
    snprintf(sender, sizeof(sender), "a@friend%d.example", i);
    return see(client, sender, relay, domain);
}

/* The number of the delivery that shows it; 0: none of so many. */
static int shown_by(int deliveries, int strangers, const char *relay, const char *domain)
{
    for (int i = 1; i <= deliveries; i++)
        if (stranger(i <= strangers ? i : strangers, relay, domain))
            return i;
    return 0;
}

static const struct {
    const char *name, *relay, *domain;
    int strangers, want;
} bounds[] = {
    {"the domain's own server", HOP, DOMAIN, 5, 10},
    {"four strangers", HOP, DOMAIN, 4, 0},
    {"as many as there are deliveries", HOP, DOMAIN, 20, 10},
    {"a private server", "10.1.1.1[10.1.1.1]:25", DOMAIN, 5, 10},
    {"the domain's server at a provider", "aspmx.l.google.com[198.51.100.9]:25", DOMAIN, 5, 10},
    {"a provider's server for mailboxes", "gmail-smtp-in.l.google.com[198.51.100.9]:25", DOMAIN, 5,
     0},
    {"a server by another name", "mx.other.example[198.51.100.9]:25", DOMAIN, 5, 0},
    {"a server without a name", "198.51.100.9[198.51.100.9]:25", DOMAIN, 5, 0},
    {"this host", "127.0.0.1[127.0.0.1]:10024", DOMAIN, 5, 0},
    {"no server", "none", DOMAIN, 5, 0},
    {"a subdomain", HOP, "sub.customer.example", 5, 10},
    {"a public mailbox provider", "mx.gmail.com[198.51.100.9]:25", "gmail.com", 5, 0},
};

START_TEST(strangers_and_servers_show_a_gateway)
{
    want_number(bounds[_i].name,
                shown_by(20, bounds[_i].strangers, bounds[_i].relay, bounds[_i].domain),
                bounds[_i].want);
}
END_TEST

/* Each row's client writes nine times; in all there would be enough. */
static const struct {
    const char *name, *client, *sender;
    bool counts;
} clients[] = {
    {"a mail server", "mx.fifth.example[100.99.1.7]", "a@fifth.example", true},
    {"under a name of its own", "out7.mail.fifth.example[100.99.1.7]", "a@news.fifth.example",
     true},
    {"without a name", "unknown[100.99.1.7]", "a@fifth.example", false},
    {"a name that has nothing to do with the sender", "vps.hoster.example[100.99.1.7]",
     "a@fifth.example", false},
    {"a line's name, and a sender that fits it", "host-1-7.fifth.example[100.99.1.7]",
     "a@fifth.example", false},
    {"a network that was seen", "mx.fifth.example[100.1.1.9]", "a@fifth.example", false},
    {"a sender that was seen", "mx2.friend1.example[100.99.1.7]", "a@friend1.example", false},
    {"the null sender", "mx.fifth.example[100.99.1.7]", "", false},
};

START_TEST(only_mail_servers_of_their_own_are_strangers)
{
    bool shown = false;

    ck_assert_int_eq(shown_by(4, 4, HOP, DOMAIN), 0);
    for (int i = 0; i < 9; i++)
        shown |= see(clients[_i].client, clients[_i].sender, HOP, DOMAIN);
    want_number(clients[_i].name, shown, clients[_i].counts);
}
END_TEST

/* Of 20 deliveries, so many go elsewhere. */
START_TEST(nearly_all_goes_to_two_servers)
{
    static const char *const elsewhere[] = {"mx3.customer.example[198.51.100.11]:25",
                                            "backup.other.example[198.51.100.12]:25"};

    for (int others = 2; others <= 3; others++)
        for (int which = 0; which < COUNT(elsewhere); which++) {
            bool shown = false;
            gateways = (struct gateways){.found = 0};
            see("unknown[100.50.1.1]", "x@y.example", HOP, DOMAIN);
            see("unknown[100.50.1.1]", "x@y.example", "mx2.customer.example[198.51.100.10]:25",
                DOMAIN);
            for (int i = 0; i < others; i++)
                shown |= see("unknown[100.50.1.1]", "x@y.example", elsewhere[which], DOMAIN);
            for (int i = 0; i < 18 - others; i++)
                shown |= stranger(i < 5 ? i : 5, HOP, DOMAIN);
            want_number(elsewhere[which], shown, others == 2);
        }
}
END_TEST

START_TEST(a_private_relay_host_shows_nothing)
{
    site_set_fact(site, SITE_RELAYHOST);
    want_number("private", shown_by(20, 5, "10.1.1.1[10.1.1.1]:25", DOMAIN), 0);
    want_number("the domain's own", shown_by(40, 5, HOP, "two.customer.example"), 10);
}
END_TEST

/* Two names whose hashes agree in 32 bits, but for the last, as anybody can find who knows the
 * seed. */
static void find_collision(char one[32], char two[32])
{
    enum { TRIES = 1 << 19, SLOTS = 1 << 20 };
    uint32_t *seen = calloc(SLOTS, sizeof(*seen));

    ck_assert_ptr_nonnull(seen);
    for (unsigned i = 1; i < TRIES; i++) {
        snprintf(two, 32, "r%06u.example", i);
        uint32_t hash = (uint32_t)hash_nocase(span_str(two), SEED) | 1, at = hash & (SLOTS - 1);
        if (seen[at]) {
            snprintf(one, 32, "r%06u.example", seen[at]);
            if (((uint32_t)hash_nocase(span_str(one), SEED) | 1) == hash) {
                free(seen);
                return;
            }
        }
        seen[at] = i;
    }
    ck_abort_msg("no collision");
}

START_TEST(names_that_collide_in_32_bits_are_two)
{
    char one[32], two[32], client[80], sender[80], hop[80];
    bool shown = false;

    find_collision(one, two);
    for (int i = 0; i < GATEWAY_DELIVERIES - 1; i++) {
        snprintf(hop, sizeof(hop), "mail.%s[198.51.100.9]:25", one);
        shown |= stranger(i < 5 ? i : 5, hop, one);
        snprintf(hop, sizeof(hop), "mail.%s[198.51.100.9]:25", two);
        shown |= stranger(i < 5 ? i : 5, hop, two);
    }
    want_number("domains", shown, false);

    ck_assert_int_eq(shown_by(3, 3, HOP, DOMAIN), 0);
    for (int i = 0; i < 7; i++) {
        snprintf(client, sizeof(client), "mx.%s[100.9%d.1.7]", i % 2 ? one : two, i % 2);
        snprintf(sender, sizeof(sender), "a@%s", i % 2 ? one : two);
        shown |= see(client, sender, HOP, DOMAIN);
    }
    want_number("senders", shown, true);
}
END_TEST

static const struct {
    const char *name;
    enum domain_class class;
    enum proof proof;
} known[] = {
    {"ours", CLASS_OURS, PROOF_CERTAIN},
    {"a relay domain", CLASS_RELAY_DOMAIN, PROOF_BY_REFUSAL},
    {"outside", CLASS_OUTSIDE, PROOF_BY_REFUSAL},
    {"found before", CLASS_UNKNOWN, PROOF_LIKE_GATEWAY},
};

START_TEST(what_is_known_is_no_question)
{
    site_learn(site, SPAN(DOMAIN), known[_i].class, known[_i].proof, 0);
    want_number(known[_i].name, shown_by(20, 5, HOP, DOMAIN), 0);
}
END_TEST

/* Complete and empty: every recipient is outside. */
START_TEST(complete_settings_leave_no_question)
{
    site_domains_configured(site, _i == 1);
    want_number("shown", shown_by(20, 5, HOP, DOMAIN), _i == 1 ? 0 : 10);
}
END_TEST

START_TEST(only_a_few_domains_are_found)
{
    char domain[40], hop[80];

    for (int i = 0; i < 12; i++) {
        snprintf(domain, sizeof(domain), "customer%d.example", i);
        snprintf(hop, sizeof(hop), "mail.customer%d.example[198.51.100.9]:25", i);
        want_number(domain, shown_by(20, 5, hop, domain), i < GATEWAYS_FOUND_MAX ? 10 : 0);
    }
}
END_TEST

/* One among so many others, each seen once between two of its deliveries. */
START_TEST(at_the_bound_the_silent_are_forgotten)
{
    for (int others = GATEWAYS_MAX - 1; others <= GATEWAYS_MAX; others++) {
        bool shown = false;
        char domain[40];
        gateways = (struct gateways){.found = 0};
        for (int i = 0; i < 10; i++) {
            shown |= stranger(i < 5 ? i : 5, HOP, DOMAIN);
            for (int other = 0; other < others; other++) {
                snprintf(domain, sizeof(domain), "d%d-%d.example", i, other);
                stranger(1, HOP, domain);
            }
        }
        want_number("shown", shown, others == GATEWAYS_MAX - 1);
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("gateways");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    ADD_ROWS(tc, strangers_and_servers_show_a_gateway, bounds);
    ADD_ROWS(tc, only_mail_servers_of_their_own_are_strangers, clients);
    tcase_add_test(tc, nearly_all_goes_to_two_servers);
    tcase_add_test(tc, a_private_relay_host_shows_nothing);
    tcase_add_test(tc, names_that_collide_in_32_bits_are_two);
    ADD_ROWS(tc, what_is_known_is_no_question, known);
    tcase_add_loop_test(tc, complete_settings_leave_no_question, 0, 2);
    tcase_add_test(tc, only_a_few_domains_are_found);
    tcase_add_test(tc, at_the_bound_the_silent_are_forgotten);
    return run_suite("gateways", tc);
}
