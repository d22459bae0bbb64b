/* SPDX-License-Identifier: MIT */
#include "detect/cell_evidence.h"

#include "detector_run.h"

static const struct {
    const char *name;
    struct observation o;
    uint32_t now[MEASURES], day[MEASURES]; /* main, foreign, unseen, refused, null sender */
} rows[] = {
    {"a recipient", {.kind = KIND_OPEN_RELAY, .counts = true}, {1}, {1}},
    {"three that have no name yet", {.kind = KIND_ACCOUNT_ABUSE, .undecided = 3}, {3}, {3}},
    {"one that was counted", {.kind = KIND_OPEN_RELAY}, {0}, {0}},
    {"of the day", {.kind = KIND_OPEN_RELAY, .counts = true, .day_only = true}, {0}, {1}},
    {"a foreign sender",
     {.kind = KIND_TRUSTED_RELAY, .counts = true, .foreign_sender = true},
     {1, 1},
     {1, 1}},
    {"a sender that may be ours",
     {.kind = KIND_TRUSTED_RELAY, .counts = true, .foreign_sender = true, .maybe_ours = true},
     {1, 1},
     {1, 0}},
    {"a sender never seen",
     {.kind = KIND_TRUSTED_RELAY, .counts = true, .unseen_sender = true},
     {1, 0, 1},
     {1, 0, 1}},
    {"refused",
     {.kind = KIND_ACCOUNT_ABUSE, .counts = true, .status = STATUS_BOUNCED},
     {1, 0, 0, 1},
     {1, 0, 0, 1}},
    {"refused, but nobody's login",
     {.kind = KIND_OPEN_RELAY, .counts = true, .status = STATUS_BOUNCED},
     {1},
     {1}},
    {"the null sender",
     {.kind = KIND_ACCOUNT_ABUSE, .counts = true, .null_sender = true},
     {1, 0, 0, 0, 1},
     {1, 0, 0, 0, 1}},
};

START_TEST(measures)
{
    const struct cell cell = {.rest = NULL};
    struct added add = evidence_measures(&rows[_i].o, &cell);

    for (int i = 0; i < MEASURES; i++) {
        want_number(rows[_i].name, add.now[i], rows[_i].now[i]);
        want_number(rows[_i].name, add.day[i], rows[_i].day[i]);
        want_number(rows[_i].name, i < add.measures || !(add.now[i] | add.day[i]), true);
    }
}
END_TEST

/* Once in a run, and once in a day. */
START_TEST(a_sender_never_seen_counts_once)
{
    again(NULL);
    struct observation o = relayed(1, 1, 1000);
    o.kind = KIND_TRUSTED_RELAY;
    o.unseen_sender = true;
    struct cell_ref ref = observe(o);
    for (int i = 0; i < 3; i++)
        observe(o);
    const struct cell *cell = &run.p->detector.cell[ref.cell - 1];
    want_number("recipients", (int64_t)counts_of(&cell->rest->counts, MEASURE_MAIN)->run, 4);
    want_number("senders", (int64_t)counts_of(&cell->rest->counts, MEASURE_UNSEEN)->run, 1);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("cell_evidence");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_loop_test(tc, measures, 0, COUNT(rows));
    tcase_add_test(tc, a_sender_never_seen_counts_once);
    return run_suite("cell_evidence", tc);
}
