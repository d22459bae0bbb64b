/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "site/site.h"

static struct site *site;
static const char *why;

static void set_up(void)
{
    site = site_new();
    ck_assert_ptr_nonnull(site);
    site_learn(site, SPAN("box.example"), CLASS_OURS, PROOF_CERTAIN, 0);
    site_learn(site, SPAN("login.example"), CLASS_OURS, PROOF_BY_LOGIN, 0);
    site_learn(site, SPAN("refused.example"), CLASS_OURS, PROOF_BY_REFUSAL, 0);
    site_learn(site, SPAN("pipe.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0);
    site_learn(site, SPAN("mx.host.example"), CLASS_OURS, PROOF_OF_HOSTNAME, 0);
    site_learn(site, SPAN("mx.corp.example"), CLASS_OURS, PROOF_BY_NAME, 0);
    site_learn(site, SPAN("denied.example"), CLASS_OUTSIDE, PROOF_BY_REFUSAL, 0);
    site_learn(site, SPAN("dyndns.org"), CLASS_OURS, PROOF_CERTAIN, 0);
    site_add_domain(site, SPAN("told.example"), CLASS_OURS, false);
    site_add_domain(site, SPAN("relay.example"), CLASS_RELAY_DOMAIN, true);
}

static void tear_down(void)
{
    site_free(site);
}

static bool trusts(const char *client)
{
    struct address a;

    ck_assert(address_parse(client_address(span_str(client)), &a));
    why = site_why_trusted(site, SITE_NETWORKS_OF_ALL, &a, span_str(client));
    return why != NULL;
}

static const struct {
    const char *client;
    bool trusted;
} clients[] = {
    {"app.box.example[198.51.100.7]", true},
    {"APP.Box.Example[198.51.100.7]", true},
    {"a.b.box.example[198.51.100.7]", true},
    {"box.example[198.51.100.7]", true},
    {"app.told.example[2001:db8::7]", true},
    {"app.login.example[198.51.100.7]", true},
    {"app.refused.example[198.51.100.7]", true},
    /* Not confirmed, or another name. */
    {"unknown[198.51.100.7]", false},
    {"appbox.example[198.51.100.7]", false},
    {"box.example.attacker.example[198.51.100.7]", false},
    {"example[198.51.100.7]", false},
    /* A filter may have taken the mail; the host's own name is no domain of clients; and where we
     * are a gateway, or somebody else's domain is known, nobody of ours gives the names. */
    {"app.pipe.example[198.51.100.7]", false},
    {"app.mx.host.example[198.51.100.7]", false},
    {"mx.host.example[198.51.100.7]", true}, /* the host itself */
    {"app.mx.corp.example[198.51.100.7]", false},
    {"mx.corp.example[198.51.100.7]", true},
    {"corp.example[198.51.100.7]", false},
    {"app.relay.example[198.51.100.7]", false},
    {"app.denied.example[198.51.100.7]", false},
    /* Anybody can have a name there. */
    {"attacker.dyndns.org[198.51.100.7]", false},
    {"mail.gmail.com[198.51.100.7]", false},
    /* Lines of a provider's customers. */
    {"host-100-7.dsl.box.example[198.51.100.7]", false},
    {"7.100.51.198.dsl.box.example[198.51.100.7]", false},
    {"c6336407.dip.box.example[198.51.100.7]", false},
    {"pC6336407.dip.box.example[198.51.100.7]", false},
    {"mail7.box.example[198.51.100.7]", true},
    {"mail7.box.example[198.51.7.7]", true},
    {"7-7.box.example[198.51.7.7]", false},
};

START_TEST(a_confirmed_name_under_ours_is_trusted)
{
    want_number(clients[_i].client, trusts(clients[_i].client), clients[_i].trusted);
    if (clients[_i].trusted)
        want_text("why", why, "its confirmed name is under one of our domains");
}
END_TEST

/* mynetworks says whom Postfix trusts, and it lists no names. */
START_TEST(no_name_is_trusted_where_all_networks_are_told)
{
    ck_assert(trusts("app.box.example[198.51.100.7]"));
    ck_assert(trusts("unknown[10.0.0.1]"));
    want_text("why", why, "a private address");
    site_networks_configured(site);
    ck_assert(!trusts("app.box.example[198.51.100.7]"));
    ck_assert(!trusts("unknown[10.0.0.1]"));
    site_networks_incomplete(site);
    ck_assert(trusts("app.box.example[198.51.100.7]"));
    ck_assert(!trusts("unknown[10.0.0.1]"));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_trust");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    ADD_ROWS(tc, a_confirmed_name_under_ours_is_trusted, clients);
    tcase_add_test(tc, no_name_is_trusted_where_all_networks_are_told);
    return run_suite("site_trust", tc);
}
