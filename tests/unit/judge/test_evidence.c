/* SPDX-License-Identifier: MIT */
#include "judge/evidence.h"

#include "detect/detector.h"
#include "detect/once.h"
#include "detector_run.h"
#include "site/site_hosts.h"

static struct clients clients;

static void begin_clients(void)
{
    begin();
    core_feed(&run, "qmgr: AAAAA01: removed"); /* host 0 is mx1 */
    site_learn_again(run.site, SPAN("corp.example"), CLASS_OURS, PROOF_BY_NAME, 0);
    clients = (struct clients){.site = run.site, .hosts = &run.p->hosts, .texts = &run.p->texts};
}

static void end_clients(void)
{
    clients_reset(&clients);
    end();
}

/* A cell of this kind, client and recipient domains, which it has counted. */
static struct cell *cell_of(enum kind kind, const char *client, const char *a, const char *b)
{
    struct observation o = relayed(1, 1, 1000);
    struct cell_ref ref = {0};

    o.kind = kind;
    o.client = span_str(client);
    o.account = SPAN("u");
    o.recipient = SPAN("u@example.net");
    o.recipient_domain = span_str(a);
    ref = observe(o);
    o.recipient_domain = span_str(b);
    if (*b)
        ref = observe(o);
    return &run.p->detector.cell[ref.cell - 1];
}

/* core_run.h says what is ours and trusted. */
static const struct {
    const char *name;
    enum kind kind;
    const char *client, *a, *b;
    enum evidence want;
} rows[] = {
    {"outside", KIND_OPEN_RELAY, "x[192.0.2.1]", "a.example", "b.example", EVIDENCE_STANDS},
    {"ours", KIND_OPEN_RELAY, "x[192.0.2.1]", "example.net", "", EVIDENCE_VOID},
    {"ours, in capitals", KIND_OPEN_RELAY, "x[192.0.2.1]", "Example.NET", "", EVIDENCE_VOID},
    {"relay domain", KIND_OPEN_RELAY, "x[192.0.2.1]", "customer.example", "", EVIDENCE_VOID},
    {"one of ours", KIND_OPEN_RELAY, "x[192.0.2.1]", "a.example", "example.net", EVIDENCE_IN_PART},
    {"trusted", KIND_OPEN_RELAY, "x[10.0.0.1]", "a.example", "b.example", EVIDENCE_VOID},
    {"a trusted relay", KIND_TRUSTED_RELAY, "x[10.0.0.1]", "a.example", "", EVIDENCE_STANDS},
    {"a login", KIND_ACCOUNT_ABUSE, "x[192.0.2.1]", "a.example", "example.net", EVIDENCE_IN_PART},
    {"a victim", KIND_BACKSCATTER_VICTIM, "x[192.0.2.1]", "example.net", "", EVIDENCE_STANDS},
    {"a notice", KIND_BACKSCATTER_SOURCE, "x[192.0.2.1]", "a.example", "", EVIDENCE_STANDS},
    {"a notice to what Postfix writes as", KIND_BACKSCATTER_SOURCE, "x[192.0.2.1]", "corp.example",
     "", EVIDENCE_VOID},
    {"mail to what Postfix writes as", KIND_OPEN_RELAY, "x[192.0.2.1]", "corp.example", "",
     EVIDENCE_STANDS},
    {"no domain", KIND_OPEN_RELAY, "x[10.0.0.1]", "", "", EVIDENCE_STANDS},
};

START_TEST(what_counts_now)
{
    struct cell *cell = cell_of(rows[_i].kind, rows[_i].client, rows[_i].a, rows[_i].b);

    want_number(rows[_i].name, evidence_now(run.site, &clients, cell, rows[_i].kind),
                rows[_i].want);
    want_number("built", once_build(&run.p->detector, cell), true); /* if it was not */
    want_number(rows[_i].name, evidence_now(run.site, &clients, cell, rows[_i].kind),
                rows[_i].want);
}
END_TEST

/* Of the domains there was no room for nothing is known. */
START_TEST(names_beyond_the_bound_may_stand)
{
    struct cell *cell = cell_of(KIND_OPEN_RELAY, "x[192.0.2.1]", "example.net", "");

    want_number("built", once_build(&run.p->detector, cell), true);
    struct cell copy = *cell;
    struct cell_rest rest = *copy.rest;
    rest.recipient_domains.more = 1;
    copy.rest = &rest;
    want_number("in part", evidence_now(run.site, &clients, &copy, KIND_OPEN_RELAY),
                EVIDENCE_IN_PART);
}
END_TEST

static void trust_on(const char *host, const char *network)
{
    struct site *its = site_new();
    struct network net;

    ck_assert(network_parse(span_str(network), &net) && site_add_network(its, &net, true));
    site_networks_configured(its);
    ck_assert(site_add_host(run.site, span_str(host), its));
    site_free(its);
    judge_set_site(&run.p->judge, run.site);
}

/* Of a client that mx2 alone trusts: on the cell's own host or, in a fleet, where its evidence came
 * in, even if that host has been forgotten. */
static const struct {
    const char *name, *host; /* in a fleet */
    bool mx1_does;
    enum evidence want;
} hosts[] = {
    {"mx1, which doesn't trust it", "", false, EVIDENCE_STANDS},
    {"mx1, which does", "", true, EVIDENCE_VOID},
    {"of a fleet, mx1", "mx1", false, EVIDENCE_STANDS},
    {"of a fleet, forgotten", "mx2", false, EVIDENCE_VOID},
    {"of a fleet, without settings", "mx3", false, EVIDENCE_STANDS},
};

START_TEST(its_host_decides)
{
    struct observation o = relayed(1, 1, 1000);

    trust_on("mx1", hosts[_i].mx1_does ? "192.0.2.0/24" : "10.0.0.0/8");
    trust_on("mx2", "192.0.2.0/24");
    o.client = SPAN("x[192.0.2.1]");
    o.host_name = span_str(hosts[_i].host);
    o.recipient_domain = SPAN("a.example");
    struct cell_ref ref = observe(o);
    want_number(
        hosts[_i].name,
        evidence_now(run.site, &clients, &run.p->detector.cell[ref.cell - 1], KIND_OPEN_RELAY),
        hosts[_i].want);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("evidence");

    tcase_add_checked_fixture(tc, begin_clients, end_clients);
    tcase_add_loop_test(tc, what_counts_now, 0, COUNT(rows));
    tcase_add_loop_test(tc, its_host_decides, 0, COUNT(hosts));
    tcase_add_test(tc, names_beyond_the_bound_may_stand);
    return run_suite("evidence", tc);
}
