/* SPDX-License-Identifier: MIT */
#include "rows.h"
#include "site/site.h"
#include "site/site_state.h"

static struct site *site;

static void set_up(void)
{
    site = site_new();
    ck_assert_ptr_nonnull(site);
}

static void tear_down(void)
{
    site_free(site);
}

START_TEST(what_is_certain_counts_beside_settings)
{
    site_add_domain(site, SPAN("example.org"), CLASS_OURS, false);
    site_domains_configured(site, true);
    site_learn(site, SPAN("by-pipe.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0);
    site_learn(site, SPAN("mailbox.example"), CLASS_OURS, PROOF_CERTAIN, 0);
    site_learn(site, SPAN("dovecot.example"), CLASS_OURS, PROOF_BY_SOCKET, 0);
    want_number("by a socket", site_class(site, SPAN("dovecot.example")), CLASS_OURS);
    want_number("by a pipe", site_class(site, SPAN("by-pipe.example")), CLASS_OUTSIDE);
    want_number("into a mailbox", site_class(site, SPAN("mailbox.example")), CLASS_OURS);
    want_text("warning", site_warning(site, 0)->code, "settings-disagree");
    want_number("warnings", (int64_t)site_warning_count(site), 2);
}
END_TEST

/* A delivery by lmtp or pipe proves nothing of a domain whose mail leaves, before or later; what is
 * certain holds all the same. */
START_TEST(a_domain_whose_mail_leaves_is_not_ours_by_delivery)
{
    struct span a = SPAN("a.example"), box = SPAN("box.example");

    ck_assert(!site_sent_away(site, a)); /* nothing was proved */
    site_learn(site, a, CLASS_OURS, PROOF_BY_DELIVERY, 0);
    uint64_t before = site_generation(site);
    ck_assert(site_sent_away(site, SPAN("A.example")));
    ck_assert_uint_gt(site_generation(site), before);
    want_number("revoked", site_class(site, a), CLASS_UNKNOWN);
    want_text("evidence", site_evidence(site, a), proof_text(PROOF_SENT_AWAY));
    ck_assert(!site_sent_away(site, a));
    site_learn(site, a, CLASS_OURS, PROOF_BY_DELIVERY, 0);
    want_number("delivered again", site_class(site, a), CLASS_UNKNOWN);
    site_learn(site, a, CLASS_OURS, PROOF_BY_LOGIN, 0);
    want_number("a login", site_class(site, a), CLASS_OURS);

    site_learn(site, box, CLASS_OURS, PROOF_CERTAIN, 0);
    ck_assert(!site_sent_away(site, box));
    want_number("a mailbox", site_class(site, box), CLASS_OURS);

    site_add_domain(site, SPAN("told.example"), CLASS_OURS, true);
    ck_assert(!site_sent_away(site, SPAN("told.example")));
    ck_assert(!site_sent_away(site, SPAN("sub.told.example")));
    want_number("settings", site_class(site, SPAN("told.example")), CLASS_OURS);
}
END_TEST

START_TEST(what_postfix_writes_as_is_ours_as_a_sender_only)
{
    struct span name = SPAN("mx.corp.example"), address = SPAN("a@mx.corp.example");
    uint64_t before = site_generation(site);

    site_learn(site, name, CLASS_OURS, PROOF_BY_NAME, 0);
    ck_assert_uint_gt(site_generation(site), before);
    want_number("by name", site_writes_as(site, SPAN("MX.corp.example")), true);
    want_number("sender", site_sender_class(site, address), CLASS_OURS);
    want_number("recipient", site_class(site, name), CLASS_UNKNOWN);
    want_number("known", site_knows_domains(site), false);
    want_text("why", site_sender_evidence(site, name), proof_text(PROOF_BY_NAME));
    want_text("why not", site_evidence(site, name), "nothing tells whose it is");
    want_text("another", site_sender_evidence(site, SPAN("a.example")),
              "nothing tells whose it is");
    /* A delivery says more, and takes nothing away. */
    site_learn(site, name, CLASS_OURS, PROOF_BY_DELIVERY, 0);
    want_number("delivered", site_class(site, name), CLASS_OURS);
    site_sent_away(site, name);
    want_number("sent away", site_class(site, name), CLASS_UNKNOWN);
    want_number("sender still", site_sender_class(site, address), CLASS_OURS);

    site_learn(site, SPAN("gmail.com"), CLASS_OURS, PROOF_BY_NAME, 0);
    want_number("a provider", site_writes_as(site, SPAN("gmail.com")), false);
    site_add_sender_domain(site, SPAN("told.example"));
    site_learn(site, SPAN("told.example"), CLASS_OURS, PROOF_BY_NAME, 0);
    want_number("told", site_writes_as(site, SPAN("told.example")), false);
    want_text("told", site_sender_evidence(site, SPAN("told.example")), "the settings");
    site_domains_configured(site, true);
    site_learn(site, SPAN("late.example"), CLASS_OURS, PROOF_BY_NAME, 0);
    want_number("complete settings", site_writes_as(site, SPAN("late.example")), false);
}
END_TEST

START_TEST(all_of_another_site_is_learned)
{
    struct site *other = site_new();

    site_learn(other, SPAN("a.example"), CLASS_OURS, PROOF_CERTAIN, 0);
    site_learn(other, SPAN("b.example"), CLASS_OUTSIDE, PROOF_BY_REFUSAL, 0);
    site_learn(other, SPAN("c.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0);
    site_sent_away(other, SPAN("c.example"));
    site_learn(other, SPAN("d.example"), CLASS_OURS, PROOF_BY_NAME, 0);
    site_learn_from(site, other);
    site_free(other);
    site_learn(site, SPAN("c.example"), CLASS_OURS, PROOF_BY_DELIVERY, 0);
    want_number("c", site_class(site, SPAN("c.example")), CLASS_UNKNOWN);
    want_number("d", site_writes_as(site, SPAN("d.example")), true);
    want_number("a", site_class(site, SPAN("a.example")), CLASS_OURS);
    want_number("b", site_class(site, SPAN("b.example")), CLASS_OUTSIDE);
}
END_TEST

START_TEST(evidence_says_what_tells)
{
    want_text("nothing", site_evidence(site, SPAN("a.example")), "nothing tells whose it is");
    want_text("a provider", site_evidence(site, SPAN("gmail.com")),
              "it belongs to a public mailbox provider");
    want_text("no domain", site_evidence(site, SPAN_NONE), "it is an address without a domain");
    site_learn(site, SPAN("a.example"), CLASS_OURS, PROOF_BY_LOGIN, 0);
    want_text("a login", site_evidence(site, SPAN("a.example")), proof_text(PROOF_BY_LOGIN));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("site_learned");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, what_is_certain_counts_beside_settings);
    tcase_add_test(tc, a_domain_whose_mail_leaves_is_not_ours_by_delivery);
    tcase_add_test(tc, what_postfix_writes_as_is_ours_as_a_sender_only);
    tcase_add_test(tc, all_of_another_site_is_learned);
    tcase_add_test(tc, evidence_says_what_tells);
    return run_suite("site_learned", tc);
}
