/* SPDX-License-Identifier: MIT */
/* A log that is judged again by other settings. Each attack's messages are a minute apart. */
#include "engine/second_reading.h"

#include "core_run.h"
#include "detect/detector.h"
#include "engine/snapshot.h"
#include "report/view.h"

static struct core_run run;
static struct settings other_settings;
static struct site *other_site; /* replaced by change_site */
static struct pipeline *first;
static struct inherited got;

static void begin(void)
{
    core_begin(&run, NULL);
    first = run.p;
    other_site = NULL;
}

static void end(void)
{
    core_end(&run);
    if (other_site) {
        site_free(other_site);
        settings_done(&other_settings);
    }
}

/* The settings' [site] from now on. */
static void change_site(const char *ini)
{
    struct inifile_error err;
    struct site *site = site_new();

    if (other_site) {
        site_free(run.site);
        run.site = other_site;
        settings_done(&run.settings);
        run.settings = other_settings;
    }
    ck_assert(settings_init(&other_settings));
    ck_assert_msg(settings_parse(&other_settings, span_str(ini), &err), "settings: %s", err.text);
    ck_assert(site_apply_settings(site, &other_settings, &err));
    other_site = site;
    pipeline_set(run.p, &other_settings, site);
}

#define OTHERS_TRUSTED "[site]\nown_domains = example.net\ntrusted_networks = 192.0.2.0/24\n"
#define NONE_TRUSTED   "[site]\nown_domains = example.net\ntrusted_networks = 172.16.0.0/12\n"
#define ALL_OURS       "[site]\nown_domains = example.net victim.example\n"

/* A stranger's messages from..to-1 of those with these IDs, one in each minute since 03:00. */
static void relay(struct pipeline *p, char id, const char *client, int from, int to)
{
    run.p = p;
    for (int i = from; i < to; i++) {
        run.now_s = CORE_BEGIN_S + 60 * (uint32_t)i;
        core_feed(&run,
                  "smtpd: %cBC%05d: client=b[%s]\n"
                  "qmgr: %cBC%05d: from=<a@spam%c.example>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: %cBC%05d: to=<x%d@victim.example>, relay=h[198.51.100.1]:25, delay=1, "
                  "dsn=2.0.0, status=sent (Ok)\n"
                  "qmgr: %cBC%05d: removed",
                  id, i, client, id, i, id, id, i, i, id, i);
    }
    run.p = first;
}

/* "KEY MESSAGES STATE[, told]; ..." in the order they were raised. */
static const char *incidents(struct pipeline *p)
{
    static char text[600];
    const struct incident *list[64];
    uint32_t n = incidents_in_order(&p->detector, list);

    text[0] = '\0';
    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, &p->detector, list[i]);
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %d %s%s", i ? "; " : "",
                 list[i]->key_text->at, (int)view.totals.messages,
                 list[i]->withdrawn                ? "withdrawn"
                 : list[i]->state == INCIDENT_OPEN ? "open"
                                                   : "ended",
                 list[i]->alerted ? ", told" : "");
        incident_view_done(&view);
    }
    return text;
}

static void tell_all(struct pipeline *p)
{
    for (const struct incident *i = NULL; (i = detector_next_incident(&p->detector, i));)
        detector_alerted(&p->detector, i, 1);
}

/* The second takes the first's place. */
static void take_over(struct pipeline *second)
{
    ck_assert(second_reading_take_over(second, first, &got));
    pipeline_free(first);
    run.p = first = second;
}

/* A pipe takes a login's mail for a domain a minute. */
static void send_by_pipe(struct pipeline *p, int from, int to)
{
    run.p = p;
    for (int i = from; i < to; i++) {
        run.now_s = CORE_BEGIN_S + 60 * (uint32_t)i;
        core_feed(&run,
                  "smtpd: ABC%05d: client=b[192.0.2.1], sasl_method=PLAIN, "
                  "sasl_username=eve@example.net\n"
                  "qmgr: ABC%05d: from=<eve@example.net>, size=1, nrcpt=1 (queue active)\n"
                  "pipe: ABC%05d: to=<x@victim%d.example>, relay=ses, delay=1, dsn=2.0.0, "
                  "status=sent (delivered via ses service)\n"
                  "qmgr: ABC%05d: removed",
                  i, i, i, i, i);
    }
    run.p = first;
}

START_TEST(what_a_pipe_took_before_it_was_known_is_counted)
{
    second_reading_give_up(first);
    send_by_pipe(first, 0, 15);
    want_number("a few", second_reading_is_due(first), false);
    send_by_pipe(first, 15, 30);
    want_number("many", second_reading_is_due(first), true);
    struct pipeline *second = second_reading_begin(first);
    send_by_pipe(second, 0, 30);
    take_over(second);
    want_number("once", second_reading_is_due(first), false);
}
END_TEST

START_TEST(hidden_attack_is_found_whole)
{
    change_site(OTHERS_TRUSTED);
    second_reading_give_up(first);
    relay(first, 'A', "192.0.2.1", 0, 20);
    want_text("trusted", incidents(first), "");
    change_site(NONE_TRUSTED);
    want_number("due", second_reading_is_due(first), true);
    struct pipeline *second = second_reading_begin(first);
    relay(second, 'A', "192.0.2.1", 0, 20);
    uint64_t lines = first->counters.lines;
    uint64_t sent = judge_deliveries(&first->judge, ORIGIN_TRUSTED, CLASS_OUTSIDE, STATUS_SENT);
    first->refused[REFUSAL_LOGIN] = 3;
    take_over(second);
    want_text("found", incidents(first), "192.0.2.1 20 open");
    want_number("not due any more", second_reading_is_due(first), false);
    want_number("no event", run.events[INCIDENT_RAISED], 0);
    want_number("lines count once", (int64_t)first->counters.lines, (int64_t)lines);
    want_number(
        "so do deliveries",
        (int64_t)judge_deliveries(&first->judge, ORIGIN_TRUSTED, CLASS_OUTSIDE, STATUS_SENT),
        (int64_t)sent);
    want_number("and refused logins", (int64_t)first->refused[REFUSAL_LOGIN], 3);
    relay(first, 'A', "192.0.2.1", 20, 21);
    want_text("it goes on", incidents(first), "192.0.2.1 21 open");
}
END_TEST

/* Messages from..to-1 of a stranger; none if id is 0. */
struct mail {
    char id;
    const char *client;
    int from, to;
};

static void relay_all(struct pipeline *p, const struct mail mail[2])
{
    for (int i = 0; i < 2; i++)
        if (mail[i].id)
            relay(p, mail[i].id, mail[i].client, mail[i].from, mail[i].to);
}

static const struct {
    const char *name;
    struct mail first[2]; /* what was alleged, and told */
    const char *ini;      /* the site then */
    struct mail second[2];
    bool read_all, full;   /* the second had the whole log; but not the room for it */
    const char *incidents; /* in the end */
    int withdrawn;
    uint32_t same, carried;
} readings[] = {
    {"one of two is withdrawn",
     {{'A', "192.0.2.1", 0, 20}, {'B', "198.51.100.7", 0, 20}},
     OTHERS_TRUSTED,
     {{'A', "192.0.2.1", 0, 20}, {'B', "198.51.100.7", 0, 20}},
     false,
     false,
     "192.0.2.1 20 withdrawn, told; 198.51.100.7 20 open, told",
     1,
     1,
     0},
    {"the first three messages turn out to be none",
     {{'A', "192.0.2.1", 0, 20}},
     NONE_TRUSTED,
     {{'A', "192.0.2.1", 3, 20}},
     true,
     false,
     "192.0.2.1 17 open, told",
     0,
     1,
     0},
    {"the log that is left begins in the middle of it",
     {{'A', "192.0.2.1", 0, 40}},
     NONE_TRUSTED,
     {{'A', "192.0.2.1", 30, 40}},
     false,
     false,
     "192.0.2.1 40 open, told",
     0,
     0,
     1},
    {"a full table withdraws nothing",
     {{'A', "192.0.2.1", 0, 20}},
     NONE_TRUSTED,
     {{'C', "203.0.113.1", 0, 1}},
     false,
     true,
     "192.0.2.1 20 open, told",
     0,
     0,
     1},
};

START_TEST(what_stands_keeps_its_id)
{
    const struct incident *list[64];
    char id[2][INCIDENT_ID_MAX];

    relay_all(first, readings[_i].first);
    tell_all(first);
    uint32_t n = incidents_in_order(&first->detector, list);
    for (uint32_t i = 0; i < n; i++)
        strcpy(id[i], list[i]->id);
    change_site(readings[_i].ini);
    struct pipeline *second = second_reading_begin(first);
    relay_all(second, readings[_i].second);
    if (readings[_i].read_all)
        second->began_s = first->began_s;
    second->detector.counters.cells_evicted = readings[_i].full;
    take_over(second);
    want_text(readings[_i].name, incidents(first), readings[_i].incidents);
    for (uint32_t i = 0; i < n; i++)
        ck_assert_ptr_nonnull(incident_by_id(&first->detector, span_str(id[i])));
    want_number("withdrawn", run.events[INCIDENT_WITHDRAWN], readings[_i].withdrawn);
    want_number("raised", run.events[INCIDENT_RAISED], (int64_t)n);
    want_number("same", (int64_t)got.same, readings[_i].same);
    want_number("carried", (int64_t)got.carried, readings[_i].carried);
}
END_TEST

/* The log that is left begins in the middle of the attack. */
START_TEST(what_began_before_goes_on)
{
    relay(first, 'A', "192.0.2.1", 0, 40);
    change_site(NONE_TRUSTED);
    struct pipeline *second = second_reading_begin(first);
    relay(second, 'A', "192.0.2.1", 30, 40);
    take_over(second);
    want_number("first seen", core_incident(&run)->raised_s, CORE_BEGIN_S + 4 * 60);
    relay(first, 'A', "192.0.2.1", 40, 41);
    want_text("it goes on", incidents(first), "192.0.2.1 41 open");
    want_number("events", run.events[INCIDENT_RAISED] + run.events[INCIDENT_WITHDRAWN] * 10, 1);
}
END_TEST

/* Long before the log that is left begins. */
START_TEST(what_ended_before_is_kept)
{
    relay(first, 'A', "192.0.2.1", 0, 20);
    relay(first, 'B', "198.51.100.7", 300, 310);
    tell_all(first);
    want_text("before", incidents(first), "192.0.2.1 20 ended, told; 198.51.100.7 10 open, told");
    change_site(NONE_TRUSTED);
    struct pipeline *second = second_reading_begin(first);
    relay(second, 'B', "198.51.100.7", 200, 200);
    relay(second, 'C', "203.0.113.1", 200, 201);
    relay(second, 'B', "198.51.100.7", 300, 310);
    take_over(second);
    want_text("after", incidents(first), "192.0.2.1 20 ended, told; 198.51.100.7 10 open, told");
    want_number("began", first->began_s, CORE_BEGIN_S);
    const struct incident *kept = detector_next_incident(&first->detector, NULL);
    while (kept->state == INCIDENT_OPEN)
        kept = detector_next_incident(&first->detector, kept);
    struct incident_view view;
    incident_view_init(&view, &first->detector, kept);
    want_number("clients", (int64_t)view.clients, 1);
    incident_view_done(&view);
}
END_TEST

/* What was judged between the two changes was judged by other settings than the rest. */
START_TEST(there_and_back_is_due)
{
    relay(first, 'A', "192.0.2.1", 0, 2);
    change_site(OTHERS_TRUSTED);
    second_reading_give_up(first);
    want_number("given up", second_reading_is_due(first), false);
    change_site(OTHERS_TRUSTED);
    want_number("the same", second_reading_is_due(first), false);
    change_site(ALL_OURS);
    change_site(OTHERS_TRUSTED);
    want_number("there and back", second_reading_is_due(first), true);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("second_reading");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, what_a_pipe_took_before_it_was_known_is_counted);
    tcase_add_test(tc, hidden_attack_is_found_whole);
    ADD_ROWS(tc, what_stands_keeps_its_id, readings);
    tcase_add_test(tc, what_began_before_goes_on);
    tcase_add_test(tc, what_ended_before_is_kept);
    tcase_add_test(tc, there_and_back_is_due);
    return run_suite("second_reading", tc);
}
