/* SPDX-License-Identifier: MIT */
/* What is noted of a pipe when mail that it took is judged. */
#include "core_run.h"
#include "judge/pipes.h"
#include "site/site_doors.h"
#include "site/site_state.h"

static struct core_run run;
static struct site *site; /* of whose domains nothing is known */
static struct message m;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\n");
    site = site_new();
    run.p->judge.classifier.site = site;
    judge_forget_answers(&run.p->judge);
    m = *core_find(&run, "AAAAA01");
}

static void end(void)
{
    judge_forget_answers(&run.p->judge);
    run.p->judge.classifier.site = run.site;
    site_free(site);
    core_end(&run);
}

static const struct {
    const char *name, *door, *domain;
    enum origin root, origin;
    enum status status;
    uint8_t flags;
    int domains, abroad, takes_in; /* what is noted of two such recipients */
} rows[] = {
    {"a login", "ses", "a.example", ORIGIN_ACCOUNT, ORIGIN_ACCOUNT, STATUS_SENT, 0, 1, 0, 0},
    {"a script", "ses", "a.example", ORIGIN_LOCAL, ORIGIN_LOCAL, STATUS_SENT, 0, 1, 0, 0},
    {"a stranger", "ses", "a.example", ORIGIN_OUTSIDE, ORIGIN_OUTSIDE, STATUS_SENT, 0, 0, 0, 1},
    {"a machine", "ses", "a.example", ORIGIN_TRUSTED, ORIGIN_TRUSTED, STATUS_SENT, 0, 0, 0, 1},
    {"a login abroad", "ses", "web.de", ORIGIN_ACCOUNT, ORIGIN_FILTER, STATUS_SENT, 0, 1, 1, 0},
    {"a machine abroad", "ses", "web.de", ORIGIN_TRUSTED, ORIGIN_TRUSTED, STATUS_SENT, 0, 1, 1, 0},
    {"a stranger abroad", "ses", "web.de", ORIGIN_OUTSIDE, ORIGIN_OUTSIDE, STATUS_SENT, 0, 1, 1, 0},
    {"an address", "ses", "u@web.de", ORIGIN_LOCAL, ORIGIN_LOCAL, STATUS_SENT, RECIPIENT_ADDRESS, 1,
     1, 0},
    {"refused", "ses", "a.example", ORIGIN_ACCOUNT, ORIGIN_ACCOUNT, STATUS_BOUNCED, 0, 0, 0, 0},
    {"forwarded", "ses", "a.example", ORIGIN_OUTSIDE, ORIGIN_FORWARD, STATUS_SENT, 0, 0, 0, 0},
    {"by an alias", "ses", "a.example", ORIGIN_OUTSIDE, ORIGIN_OUTSIDE, STATUS_SENT,
     RECIPIENT_FORWARDED, 0, 0, 0},
    {"a notice", "ses", "a.example", ORIGIN_OUTSIDE, ORIGIN_BOUNCE, STATUS_SENT, 0, 0, 0, 0},
    {"no pipe", "[10.0.0.9]:25", "web.de", ORIGIN_LOCAL, ORIGIN_LOCAL, STATUS_SENT, 0, 0, 0, 0},
};

START_TEST(two_recipients)
{
    struct intern *text = intern_get(&run.p->texts, span_str(rows[_i].domain));
    struct recipient r = {.text = text,
                          .at_s = run.now_s,
                          .status = (uint8_t)rows[_i].status,
                          .flags = RECIPIENT_HERE | rows[_i].flags,
                          .door = site_door(site, span_str(rows[_i].door))};

    m.root = rows[_i].root;
    m.origin = rows[_i].origin;
    pipes_see(&run.p->judge, &m, &r);
    pipes_see(&run.p->judge, &m, &r);
    const struct door *door = &site->doors.door[0];
    want_number(rows[_i].name, door->domains, rows[_i].domains);
    want_number(rows[_i].name, door->abroad[0] != 0, rows[_i].abroad);
    want_number(rows[_i].name, door->abroad[1], 0);
    want_number(rows[_i].name, door->takes_in, rows[_i].takes_in);
    intern_put(&run.p->texts, text);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pipes");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, two_recipients, rows);
    return run_suite("pipes", tc);
}
