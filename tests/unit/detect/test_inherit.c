/* SPDX-License-Identifier: MIT */
#include "detect/inherit.h"

#include "detect/detector.h"
#include "detect/incidents.h"
#include "detector_run.h"

/* `run` counted first, `heir` anew. */
static struct core_run heir;
static struct inherited got;

static void two(void)
{
    core_begin(&heir, NULL);
    core_feed(&heir, "qmgr: AAAAA01: removed");
    begin();
    core_feed(&run, "qmgr: AAAAA01: removed");
}

static void two_end(void)
{
    end();
    core_end(&heir);
}

/* n messages of a client under a domain, one a second; the first has the queue ID 1000 + `id`. */
static void relay(struct core_run *to, int client, int domain, int n, uint32_t at_s, int id)
{
    for (int i = 0; i < n; i++) {
        struct observation o = relayed(client, domain, at_s + (uint32_t)i);
        char text[16];
        snprintf(text, sizeof(text), "%X", (0x1000 + id + i) << 8);
        queue_id_parse(span_str(text), &o.id);
        detector_observe(&to->p->detector, &o);
    }
}

static void inherit(uint32_t since_s)
{
    ck_assert(detector_inherit(&heir.p->detector, &run.p->detector, since_s, 2000, &got));
}

static void want(const char *name, int same, int withdrawn, int carried)
{
    char text[80], wanted[80];

    snprintf(text, sizeof(text), "same %u, withdrawn %u, carried %u", got.same, got.withdrawn,
             got.carried);
    snprintf(wanted, sizeof(wanted), "same %d, withdrawn %d, carried %d", same, withdrawn, carried);
    want_text(name, text, wanted);
    want_number(name, run.events[INCIDENT_WITHDRAWN], withdrawn);
}

/* The heir's incident in that slot. */
static const struct incident *mine(uint32_t slot)
{
    return &heir.p->detector.incident[slot];
}

/* The messages of a client under a domain, as relay() takes them, and when the incident that they
 * gave ended. */
struct attack {
    int client, domain, n;
    uint32_t at_s;
    int id;
    uint32_t ended_s; /* 0: it is open */
};

static void play(struct core_run *to, const struct attack *a)
{
    if (!a->n)
        return;
    relay(to, a->client, a->domain, a->n, a->at_s, a->id);
    if (a->ended_s)
        incidents_end(&to->p->detector, &to->p->detector.incident[0], a->ended_s);
}

static const struct {
    const char *name;
    struct attack run, heir;
    uint32_t since_s;
    int same, withdrawn, carried;
    int incidents, over; /* that the heir has then; told as ended */
    bool keeps_id;       /* the heir's first is known by the id of before */
} pairs[] = {
    {"the same", {1, 1, 6, 1000, 0, 0}, {1, 1, 8, 1000, 0, 0}, 0, 1, 0, 0, 1, 0, true},
    {"another client", {1, 1, 6, 1000, 0, 0}, {2, 1, 6, 1000, 100, 0}, 0, 0, 1, 0, 2, 0, false},
    {"another day", {1, 1, 6, 1000, 0, 0}, {1, 1, 6, 90000, 500, 0}, 0, 0, 1, 0, 2, 0, false},
    {"nothing of one that has ended", {1, 1, 6, 1000, 0, 1500}, {.n = 0}, 0, 0, 1, 0, 1, 0, true},
    {"its evidence has ended",
     {1, 1, 6, 1000, 0, 0},
     {1, 1, 6, 1000, 0, 1500},
     0,
     1,
     0,
     0,
     1,
     1,
     true},
    /* The log that was counted anew begins in the middle of it, or after it. */
    {"the rest of an older one",
     {1, 1, 9, 1000, 0, 0},
     {1, 1, 6, 1003, 3, 0},
     1003,
     0,
     0,
     1,
     1,
     0,
     true},
    {"more of an older one",
     {1, 1, 6, 1000, 0, 1500},
     {1, 1, 5, 1600, 500, 1900},
     1500,
     0,
     0,
     1,
     1,
     0,
     true},
    /* Or so shortly after its beginning that the heir has all of it. */
    {"all of an older one",
     {1, 1, 6, 1000, 0, 1500},
     {1, 1, 6, 1000, 0, 1500},
     1500,
     0,
     0,
     1,
     1,
     0,
     true},
};

START_TEST(one_is_the_other)
{
    play(&run, &pairs[_i].run);
    detector_alerted(&run.p->detector, &run.p->detector.incident[0], 6);
    play(&heir, &pairs[_i].heir);
    run.events[INCIDENT_OVER] = 0;
    inherit(pairs[_i].since_s);
    want(pairs[_i].name, pairs[_i].same, pairs[_i].withdrawn, pairs[_i].carried);
    want_number(pairs[_i].name, detector_incidents(&heir.p->detector), pairs[_i].incidents);
    want_number(pairs[_i].name, run.events[INCIDENT_OVER], pairs[_i].over);
    want_number(pairs[_i].name, strcmp(mine(0)->id, run.p->detector.incident[0].id) == 0,
                pairs[_i].keeps_id);
    want_number(pairs[_i].name, mine(0)->alerted, pairs[_i].keeps_id);
    want_number(pairs[_i].name, mine(pairs[_i].incidents - 1)->withdrawn, pairs[_i].withdrawn);
}
END_TEST

START_TEST(what_was_told_counts_as_told)
{
    relay(&run, 1, 1, 6, 1000, 0);
    relay(&heir, 1, 1, 8, 1000, 0);
    detector_alerted(&run.p->detector, &run.p->detector.incident[0], 6);
    inherit(0);
    want_number("of eight", (int64_t)mine(0)->alerted_recipients, 8);
}
END_TEST

/* The log that was counted anew does not show for how long; and what was does not exceed what
 * is. */
START_TEST(habits_are_kept)
{
    static const struct {
        int before, anew, want;
    } rows[] = {{6, 0, 6}, {4, 0, 4}, {4, 5, 5}, {9, 0, 6}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (i) {
            two_end();
            two();
        }
        relay(&run, 1, 1, 9, 1000, 0);
        relay(&heir, 1, 1, 6, 1000, 0);
        run.p->detector.incident[0].base.usual = (uint64_t)rows[i].before;
        run.p->detector.incident[0].base.familiar = (uint64_t)rows[i].before;
        heir.p->detector.incident[0].base.usual = (uint64_t)rows[i].anew;
        heir.p->detector.incident[0].base.familiar = (uint64_t)rows[i].anew;
        inherit(0);
        want_number("usual", (int64_t)mine(0)->base.usual, rows[i].want);
        want_number("familiar", (int64_t)mine(0)->base.familiar, rows[i].want);
    }
}
END_TEST

/* What is known now shows another beginning: people know it by the old id. */
START_TEST(another_beginning)
{
    char id[INCIDENT_ID_MAX];

    relay(&run, 1, 1, 6, 1000, 0);
    strcpy(id, run.p->detector.incident[0].id);
    detector_alerted(&run.p->detector, &run.p->detector.incident[0], 6);
    relay(&heir, 1, 1, 9, 990, 500);
    ck_assert_str_ne(mine(0)->id, id);
    inherit(0);
    want("the same", 1, 0, 0);
    want_text("told as", mine(0)->told_as, id);
    want_number("told", mine(0)->alerted, true);
    ck_assert_ptr_eq(incident_by_id(&heir.p->detector, span_str(id)), mine(0));
    want_number("one", detector_incidents(&heir.p->detector), 1);
}
END_TEST

/* Its id is the new one, but not the one that people know. */
START_TEST(another_beginning_again)
{
    relay(&run, 1, 1, 6, 1000, 0);
    strcpy(run.p->detector.incident[0].told_as, "or-1");
    detector_alerted(&run.p->detector, &run.p->detector.incident[0], 6);
    relay(&heir, 1, 1, 9, 990, 500);
    inherit(0);
    want_text("told as", mine(0)->told_as, "or-1");
}
END_TEST

/* Its beginning was withdrawn, and the rest was alerted under another id, which leads to it. */
START_TEST(rest_of_one_that_was_withdrawn)
{
    char id[INCIDENT_ID_MAX];

    relay(&run, 1, 1, 6, 1000, 0);
    incidents_withdraw(&run.p->detector, &run.p->detector.incident[0], 1500);
    run.events[INCIDENT_WITHDRAWN] = 0;
    relay(&run, 1, 1, 6, 1010, 100);
    strcpy(id, run.p->detector.incident[1].id);
    detector_alerted(&run.p->detector, &run.p->detector.incident[1], 6);
    relay(&heir, 1, 1, 16, 1000, 0);
    want_text("the first one's id", mine(0)->id, run.p->detector.incident[0].id);
    inherit(0);
    want("the rest", 1, 0, 0);
    want_text("told as", mine(0)->told_as, id);
    want_number("told", mine(0)->alerted, true);
}
END_TEST

/* A client that turns out to be trusted is no part of what its neighbours do. */
START_TEST(a_wide_key_excuses_nobody)
{
    relay(&run, 1, 1, 6, 1000, 0);
    for (uint32_t i = 0; i < 40; i++)
        relay(&heir, 5000 + 256 * (int)i, 100 + (int)i, 1, 1000 + i, 500 + (int)i);
    detector_group(&heir.p->detector);
    want_text("on the host", mine(0)->key_text->at, "mx1");
    inherit(0);
    want("withdrawn", 0, 1, 0);
}
END_TEST

/* Two clients under one domain, one after the other and not joined before, at once by the new. */
START_TEST(wider_one_is_the_same_as_both)
{
    relay(&run, 1, 3, 6, 1000, 0);
    incidents_end(&run.p->detector, &run.p->detector.incident[0], 1500);
    memset(run.p->detector.incident[0].common, 0, sizeof(run.p->detector.incident[0].common));
    relay(&run, 1000, 3, 6, 1600, 100);
    for (uint32_t i = 0; i < 20; i++) {
        relay(&heir, 1, 3, 1, 1000 + i, (int)i);
        relay(&heir, 1000, 3, 1, 1000 + i, 100 + (int)i);
    }
    detector_group(&heir.p->detector);
    want_text("folded", mine(0)->key_text->at, "spam3.example");
    inherit(0);
    want("both", 2, 0, 0);
    want_number("one", detector_incidents(&heir.p->detector), 1);
    want_text("the first one's id", mine(0)->id, run.p->detector.incident[0].id);
}
END_TEST

/* Once is enough; and if it stands after all, that is news. */
START_TEST(withdrawn_before)
{
    relay(&run, 1, 1, 6, 1000, 0);
    relay(&run, 2000, 2, 6, 1000, 100);
    for (int i = 0; i < 2; i++)
        incidents_withdraw(&run.p->detector, &run.p->detector.incident[i], 1500);
    run.events[INCIDENT_WITHDRAWN] = 0;
    relay(&heir, 1, 1, 6, 1000, 0);
    inherit(0);
    want("withdrawn before", 0, 0, 0);
    want_number("one stands", mine(0)->withdrawn, false);
    want_number("and is news", mine(0)->alerted, false);
    want_number("of now", mine(0)->raised_s, 2000);
    want_number("one does not", mine(1)->withdrawn, true);
    want_number("no more", detector_incidents(&heir.p->detector), 2);
}
END_TEST

START_TEST(bound_on_incidents_holds)
{
    for (int i = 0; i < 3; i++)
        relay(&run, 1000 * i, i, 6, 1000, 100 * i);
    heir.settings.limits.incidents = 2;
    detector_fit(&heir.p->detector);
    relay(&heir, 1, 9, 6, 1700, 500);
    inherit(UINT32_MAX);
    want("all carried", 0, 0, 3);
    want_number("two", detector_incidents(&heir.p->detector), 2);
    want_number("open ones without a place have ended", run.events[INCIDENT_OVER], 2);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("inherit");

    tcase_add_checked_fixture(tc, two, two_end);
    ADD_ROWS(tc, one_is_the_other, pairs);
    tcase_add_test(tc, what_was_told_counts_as_told);
    tcase_add_test(tc, habits_are_kept);
    tcase_add_test(tc, another_beginning);
    tcase_add_test(tc, another_beginning_again);
    tcase_add_test(tc, rest_of_one_that_was_withdrawn);
    tcase_add_test(tc, a_wide_key_excuses_nobody);
    tcase_add_test(tc, wider_one_is_the_same_as_both);
    tcase_add_test(tc, withdrawn_before);
    tcase_add_test(tc, bound_on_incidents_holds);
    return run_suite("inherit", tc);
}
