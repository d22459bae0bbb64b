/* SPDX-License-Identifier: MIT */
/* Which mail from a public address may be the site's. */
#include "core_run.h"
#include "judge/connectors.h"

static struct core_run run;
static struct site *site; /* which has learned that example.net is ours */
static struct message m;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\n");
    site = site_new();
    run.p->judge.classifier.site = site;
    judge_forget_answers(&run.p->judge);
    m = *core_find(&run, "AAAAA01");
    m.root = ORIGIN_OUTSIDE;
}

static void end(void)
{
    judge_forget_answers(&run.p->judge);
    run.p->judge.classifier.site = run.site;
    site_free(site);
    core_end(&run);
}

/* How many of 12 may be the site's: from client, whose "N" is the number, as is the sender's. */
static int send(const char *client, const char *sender, enum status status)
{
    char text[2][128];
    int may = 0;

    for (int i = 0; i < 12; i++) {
        struct recipient r = {.at_s = run.now_s, .status = (uint8_t)status};
        const char *from[2] = {client, sender};
        for (int k = 0; k < 2; k++) {
            size_t n = strcspn(from[k], "N");
            snprintf(text[k], sizeof(text[k]), "%.*s%.0d%s", (int)n, from[k],
                     from[k][n] ? i + 1 : 0, from[k] + n + (from[k][n] != '\0'));
        }
        m.client = intern_get(&run.p->texts, span_str(text[0]));
        m.sender = *sender ? intern_get(&run.p->texts, span_str(text[1])) : NULL;
        may += connectors_may_hand_over(&run.p->judge, &m, &r);
        intern_put(&run.p->texts, m.client);
        intern_put(&run.p->texts, m.sender);
        m.client = m.sender = NULL;
    }
    return may;
}

#define M365   "mN.outbound.protection.outlook.com[40.107.22.N]"
#define OFFICE "static.isp.example[203.0.113.9]"

static const struct {
    const char *name, *client, *sender;
    bool knows, refuses; /* one of our domains; that strangers are refused */
    enum status status;
    int may, asked;
} rows[] = {
    {"a provider", M365, "a@tenant.example", false, false, STATUS_SENT, 12, 1},
    {"a provider, refused", M365, "a@tenant.example", false, false, STATUS_BOUNCED, 12, 1},
    {"of many domains", M365, "a@tN.example", false, false, STATUS_SENT, CONNECTORS_DOMAINS, 0},
    {"of the provider's own", M365, "a@gmail.com", false, false, STATUS_SENT, 0, 0},
    {"whose replies nothing explains", M365, "", false, false, STATUS_SENT, 0, 0},
    {"our domain", M365, "a@example.net", true, false, STATUS_SENT, 12, 1},
    {"another than ours", M365, "a@tenant.example", true, false, STATUS_SENT, 0, 0},
    {"like a provider", "outlook.com.spam.example[192.0.2.9]", "a@tenant.example", false, false,
     STATUS_SENT, 0, 0},
    {"an office", OFFICE, "a@example.net", true, true, STATUS_SENT, 12, 1},
    {"of many machines", "b[203.0.113.N]", "a@example.net", true, true, STATUS_SENT, 12, 1},
    {"without an address", "unknown", "a@example.net", true, true, STATUS_SENT, 0, 0},
    {"where nobody is refused", OFFICE, "a@example.net", true, false, STATUS_SENT, 0, 0},
    {"whose recipients refuse", OFFICE, "a@example.net", true, true, STATUS_BOUNCED,
     CONNECTORS_REFUSED_MIN - 1, 0},
    {"under another domain", OFFICE, "a@tenant.example", true, true, STATUS_SENT, 0, 0},
    {"many offices", "b[100.N.0.1]", "a@example.net", true, true, STATUS_SENT, CONNECTORS_OFFICES,
     0},
    {"a provider's lines", "dsl.example.net[100.N.0.1]", "a@example.net", true, true, STATUS_SENT,
     12, 1},
    {"lines under another domain", "dsl.example.net[100.N.0.1]", "a@tenant.example", true, true,
     STATUS_SENT, 0, 0},
    {"lines where nobody is refused", "dsl.example.net[100.N.0.1]", "a@example.net", true, false,
     STATUS_SENT, 0, 0},
};

START_TEST(mail_of_a_day)
{
    if (rows[_i].knows)
        site_learn(site, SPAN("example.net"), CLASS_OURS, PROOF_CERTAIN, 0);
    if (rows[_i].refuses)
        site_learn(site, SPAN("other.example"), CLASS_OUTSIDE, PROOF_BY_REFUSAL, 0);
    want_number(rows[_i].name, send(rows[_i].client, rows[_i].sender, rows[_i].status),
                rows[_i].may);
    want_number(rows[_i].name, (int64_t)site_warning_count(site), rows[_i].asked);
}
END_TEST

/* One in ten is wrong, and one in nine too many. */
START_TEST(an_office_writes_to_wrong_addresses)
{
    site_learn(site, SPAN("example.net"), CLASS_OURS, PROOF_CERTAIN, 0);
    site_learn(site, SPAN("other.example"), CLASS_OUTSIDE, PROOF_BY_REFUSAL, 0);
    for (int i = 0; i < 4; i++)
        want_number("sent", send(OFFICE, "a@example.net", STATUS_SENT), 12);
    want_number("of 48", send(OFFICE, "a@example.net", STATUS_BOUNCED), 5);
    want_number("after that", send(OFFICE, "a@example.net", STATUS_SENT), 0);
    run.now_s += 2 * 86400;
    want_number("another day", send(OFFICE, "a@example.net", STATUS_SENT), 12);
}
END_TEST

START_TEST(a_hoster_is_asked_once)
{
    char domain[32];

    for (int i = 1; i <= 12; i++) {
        snprintf(domain, sizeof(domain), "site%d.example", i);
        site_learn(site, span_str(domain), CLASS_OURS, PROOF_CERTAIN, 0);
    }
    site_learn(site, SPAN("other.example"), CLASS_OUTSIDE, PROOF_BY_REFUSAL, 0);
    for (int i = 0; i < 6; i++)
        want_number("sent", send("web[203.0.113.N]", "a@siteN.example", STATUS_SENT), 12);
    want_number("asked", (int64_t)site_warning_count(site), 1);
    ck_assert_ptr_nonnull(strstr(site_warning(site, 0)->text, "handed over by 203.0.113.0/24"));
}
END_TEST

START_TEST(a_machine_of_the_domain)
{
    static const char client[] = "PC9.dyn.Example.net[192.0.2.9]";

    site_learn(site, SPAN("example.net"), CLASS_OURS, PROOF_CERTAIN, 0);
    want_number("nobody is refused",
                connectors_is_of_domain(site, span_str(client), SPAN("example.net")), false);
    site_learn(site, SPAN("other.example"), CLASS_OUTSIDE, PROOF_BY_REFUSAL, 0);
    want_number("it is", connectors_is_of_domain(site, span_str(client), SPAN("example.net")),
                true);
    want_number(
        "not ours",
        connectors_is_of_domain(site, SPAN("a.other.example[192.0.2.9]"), SPAN("other.example")),
        false);
    want_number(
        "another's",
        connectors_is_of_domain(site, SPAN("a.other.example[192.0.2.9]"), SPAN("example.net")),
        false);
    want_number("no name",
                connectors_is_of_domain(site, SPAN("unknown[192.0.2.9]"), SPAN("example.net")),
                false);
}
END_TEST

START_TEST(not_where_networks_are_told)
{
    want_number("not told", send(M365, "a@tenant.example", STATUS_SENT), 12);
    want_number("replies", send(M365, "", STATUS_SENT), 12);
    site_networks_configured(site);
    want_number("told", send(M365, "a@tenant.example", STATUS_SENT), 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("connectors");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, mail_of_a_day, rows);
    tcase_add_test(tc, an_office_writes_to_wrong_addresses);
    tcase_add_test(tc, a_hoster_is_asked_once);
    tcase_add_test(tc, a_machine_of_the_domain);
    tcase_add_test(tc, not_where_networks_are_told);
    return run_suite("connectors", tc);
}
