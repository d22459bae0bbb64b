/* SPDX-License-Identifier: MIT */
#include "life/way_out.h"

#include "core_run.h"
#include "site/site_doors.h"
#include "site/site_hops.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=b[192.0.2.2]\n"
                    "cleanup: AAAAA01: message-id=<1@a.example>\n"
                    "qmgr: AAAAA01: from=<a@a.example>, size=1, nrcpt=9 (queue active)\n");
}

static void end(void)
{
    core_end(&run);
}

static struct record delivery(const char *domain, enum status status)
{
    return (struct record){.program = PROGRAM_SMTP,
                           .status = status,
                           .recipient_domain = span_str(domain),
                           .reply = SPAN("250 OK")};
}

/* Hands mail for these domains over, a minute apart; whether the last of it has left. */
static const struct {
    const char *name, *domain[4];
    enum status status;
    bool near, far; /* by what is near by, and by a program here */
} handed[] = {
    {"for three providers", {"gmail.com", "yahoo.com", "gmx.de"}, STATUS_SENT, true, true},
    {"for two providers", {"gmail.com", "yahoo.com", "gmail.com"}, STATUS_SENT, false, false},
    {"for nobody known", {"a.example", "b.example", "c.example"}, STATUS_SENT, false, false},
    {"deferred", {"gmail.com", "yahoo.com", "gmx.de"}, STATUS_DEFERRED, false, false},
};

START_TEST(mail_for_providers_shows_a_way_out)
{
    struct lifecycle *life = &run.p->life;
    uint8_t near = site_door(run.site, SPAN("[10.0.0.9]:2525"));
    uint8_t here = site_door(run.site, SPAN("127.0.0.1[127.0.0.1]:11125"));
    bool by_near = false, by_here = false;

    for (int i = 0; i < 4 && handed[_i].domain[i]; i++) {
        struct record rec = delivery(handed[_i].domain[i], handed[_i].status);
        by_near = way_out_relay_host(life, &rec, near);
        by_here = way_out_tunnel(life, core_find(&run, "AAAAA01"), &rec, here);
        life->now_s += 60;
    }
    want_number(handed[_i].name, by_near, handed[_i].near);
    want_number(handed[_i].name, by_here, handed[_i].far);
    site_door_gives_back(run.site, near, false);
    site_door_gives_back(run.site, here, false);
    struct record rec = delivery("web.de", STATUS_SENT);
    want_number("it gives back", way_out_relay_host(life, &rec, near), false);
    want_number("so does the other", way_out_tunnel(life, core_find(&run, "AAAAA01"), &rec, here),
                false);
}
END_TEST

START_TEST(an_exit_that_is_told_is_a_tunnel_at_once)
{
    struct record rec = delivery("a.example", STATUS_SENT);

    ck_assert(record_relay(SPAN("127.0.0.1[127.0.0.1]:11125"), &rec.hop, &rec.hop_port));
    site_add_exit(run.site, &rec.hop, rec.hop_port);
    uint8_t door = site_door(run.site, SPAN("127.0.0.1[127.0.0.1]:11125"));
    ck_assert(way_out_tunnel(&run.p->life, core_find(&run, "AAAAA01"), &rec, door));
}
END_TEST

/* One mail is logged in one second, the way out before a filter that had it first: it seems to have
 * given the mail to that. The rest stays there. later: how many seconds after it the other one was
 * accepted: then there is no doubt, however much of a flood it drops. */
static void feed_hop(int i, int hop, const char *relay, const char *program)
{
    core_feed(&run,
              "smtpd: B%05d%d: client=localhost[127.0.0.1]\n"
              "cleanup: B%05d%d: message-id=<%d@d.example>\n"
              "qmgr: B%05d%d: from=<a@d.example>, size=1, nrcpt=1 (queue active)\n"
              "%s: B%05d%d: to=<u%d@c.example>, relay=%s, delay=1, dsn=2.0.0, status=sent (ok)\n",
              i, hop, i, hop, i, i, hop, program, i, hop, i, relay);
}

START_TEST(what_keeps_most_is_a_way_out_again)
{
    static const char filter[] = "127.0.0.1[127.0.0.1]:10026";
    bool sure = _i;

    feed_hop(0, 2, "mailapi", "pipe");
    run.now_s += sure;
    feed_hop(0, 1, filter, "smtp");
    uint8_t door = site_door(run.site, SPAN("mailapi"));
    ck_assert(site_door_has_given_back(run.site, door));
    for (int i = 1; i < DOORS_KEEPS_MIN; i++)
        feed_hop(i, 2, "mailapi", "pipe");
    want_number("gives back", site_door_has_given_back(run.site, door), sure);
    for (int i = DOORS_KEEPS_MIN; i < 2 * DOORS_KEEPS_MIN; i++)
        feed_hop(i, 2, "mailapi", "pipe");
    feed_hop(9, 1, filter, "smtp"); /* once in a while it happens */
    want_number("then", site_door_has_given_back(run.site, door), sure);
    want_number("as a filter", site_door_is_filter(run.site, door), sure);
    want_number("judged again", run.p->judged_by_site == 0 || site_take_doubt(run.site), !sure);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("way_out");

    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, mail_for_providers_shows_a_way_out, handed);
    tcase_add_test(tc, an_exit_that_is_told_is_a_tunnel_at_once);
    tcase_add_loop_test(tc, what_keeps_most_is_a_way_out_again, 0, 2);
    return run_suite("way_out", tc);
}
