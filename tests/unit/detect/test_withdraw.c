/* SPDX-License-Identifier: MIT */
#include "detect/withdraw.h"

#include "detect/detector.h"
#include "detector_run.h"

/* Nothing that these senders sent counts any more. */
static enum evidence of_domain(void *ctx, const struct cell *cell, enum kind kind)
{
    struct span sender = cell->once ? span_of(cell->once->text, cell->once->sender_len)
                                    : intern_span(cell->rest->domain);

    return kind == KIND_OPEN_RELAY && span_ends(sender, *(struct span *)ctx) ? EVIDENCE_VOID
                                                                             : EVIDENCE_STANDS;
}

static uint32_t withdraw(const char *domain)
{
    struct span s = span_str(domain);

    return detector_withdraw(&run.p->detector, 0, of_domain, &s, 2000).doubtful;
}

START_TEST(incident_of_void_evidence_is_withdrawn)
{
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 1000));
    detector_alerted(d, &d->incident[0], 5);
    withdraw("spam2.example");
    want_number("another's", d->incident[0].state, INCIDENT_OPEN);
    withdraw("spam1.example");
    want_number("state", d->incident[0].state, INCIDENT_ENDED);
    want_number("withdrawn", d->incident[0].withdrawn, true);
    want_number("open", detector_open(d), 0);
    withdraw("spam1.example");
    want_number("once", detector_incidents(d), 1);
}
END_TEST

START_TEST(incident_that_nobody_was_told_of_is_gone)
{
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 1000));
    withdraw("spam1.example");
    want_number("incidents", detector_incidents(d), 0);
    want_number("cells", detector_cells(d), 0);
}
END_TEST

START_TEST(incident_with_other_evidence_stands)
{
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 1000));
    observe(relayed(1, 2, 1000));
    want_number("in doubt", withdraw("spam1.example"), 1);
    want_number("state", d->incident[0].state, INCIDENT_OPEN);
    want_number("not in doubt", withdraw("spam3.example"), 0);
}
END_TEST

START_TEST(evicted_evidence_stands)
{
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 1000));
    d->incident[0].base.recipients = 1;
    withdraw("spam1.example");
    want_number("state", d->incident[0].state, INCIDENT_OPEN);
}
END_TEST

static enum evidence in_part(void *ctx, const struct cell *cell, enum kind kind)
{
    (void)ctx;
    (void)cell;
    (void)kind;
    return EVIDENCE_IN_PART;
}

START_TEST(evidence_in_part_is_in_doubt)
{
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 5; i++)
        observe(relayed(1, 1, 1000));
    observe(relayed(2000, 2, 1000)); /* of no incident */
    struct withdrawn withdrawn = detector_withdraw(d, 0, in_part, NULL, 2000);
    want_number("in doubt", withdrawn.doubtful, 1);
    want_number("withdrawn", withdrawn.incidents, 0);
    want_number("state", d->incident[0].state, INCIDENT_OPEN);
    want_number("cells", detector_cells(d), 2);
}
END_TEST

/* Four that were none, and one more, make no incident of five. */
START_TEST(void_evidence_raises_nothing)
{
    struct detector *d = &run.p->detector;
    for (int i = 0; i < 4; i++)
        observe(relayed(1, 1, 1000));
    withdraw("spam1.example");
    want_number("cells", detector_cells(d), 0);
    for (int i = 0; i < 4; i++)
        observe(relayed(1, 2, 1000));
    want_number("four", detector_incidents(d), 0);
    observe(relayed(1, 2, 1000));
    want_number("five", detector_incidents(d), 1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("withdraw");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, incident_of_void_evidence_is_withdrawn);
    tcase_add_test(tc, incident_that_nobody_was_told_of_is_gone);
    tcase_add_test(tc, incident_with_other_evidence_stands);
    tcase_add_test(tc, evicted_evidence_stands);
    tcase_add_test(tc, evidence_in_part_is_in_doubt);
    tcase_add_test(tc, void_evidence_raises_nothing);
    return run_suite("withdraw", tc);
}
