/* SPDX-License-Identifier: MIT */
#include "core_run.h"
#include "site/site_accounts.h"
#include "site/site_doors.h"
#include "site/site_hosts.h"
#include "site/site_state.h"
#include "engine/snapshot.h"

enum { LOGINS = 500, TAIL = LOGINS * 8 + 8 }; /* the end of what is written */

static char saved[4 << 20];
static size_t saved_len;

static int put(void *ctx, const void *bytes, size_t len)
{
    (void)ctx;
    ck_assert_uint_le(saved_len + len, sizeof(saved));
    memcpy(saved + saved_len, bytes, len);
    saved_len += len;
    return 0;
}

START_TEST(logins_are_known_again)
{
    static char before[sizeof(saved)];
    char why[256];
    struct core_run run;
    struct site *site = site_new();

    core_begin(&run, NULL);
    for (int i = 0; i < LOGINS; i++)
        core_feed(&run,
                  "smtpd: A%05d: client=a[192.0.2.1], sasl_method=PLAIN, "
                  "sasl_username=user%d@gmail.com",
                  i, i);
    saved_len = 0;
    ck_assert_int_eq(snapshot_write(run.p, put, NULL), 0);
    size_t len = saved_len;
    memcpy(before, saved, len);
    struct pipeline_options options = {.settings = &run.settings, .site = site, .seed = 1};
    struct pipeline *p = snapshot_read(span_of(before, len), &options, why);
    ck_assert_msg(p != NULL, "%s", why);
    want_number("a login", site_has_login_as(site, SPAN("USER499@gmail.com")), true);
    want_number("another", site_has_login_as(site, SPAN("user500@gmail.com")), false);
    saved_len = 0;
    ck_assert_int_eq(snapshot_write(p, put, NULL), 0);
    want_number("the same length", (int64_t)saved_len, (int64_t)len);
    ck_assert(memcmp(before + len - TAIL, saved + len - TAIL, TAIL) == 0);
    pipeline_free(p);
    site_free(site);
    core_end(&run);
}
END_TEST

START_TEST(accounts_are_known_again)
{
    char why[256], buf[SITE_LOGIN_MAX];
    struct core_run run;
    struct site *site = site_new();

    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n"
                    "qmgr: AAAAA01: from=<bob@example.net>, size=900, nrcpt=1 (queue active)\n"
                    "smtpd: AAAAA02: client=a[192.0.2.1], sasl_method=PLAIN, "
                    "sasl_username=bob@example.net");
    saved_len = 0;
    ck_assert_int_eq(snapshot_write(run.p, put, NULL), 0);
    struct pipeline_options options = {.settings = &run.settings, .site = site, .seed = 1};
    struct pipeline *p = snapshot_read(span_of(saved, saved_len), &options, why);
    ck_assert_msg(p != NULL, "%s", why);
    ck_assert(span_equal(site_account_of(site, SPAN("bob"), buf).name, SPAN("bob@example.net")));
    pipeline_free(p);
    site_free(site);
    core_end(&run);
}
END_TEST

/* Also where the domain that was refused has turned out to be something else since. */
START_TEST(that_strangers_are_refused_is_known_again)
{
    char why[256];
    struct core_run run;
    struct site *site = site_new();

    core_begin(&run, NULL);
    want_number("before", site_refuses_strangers(run.site), false);
    site_learn(run.site, SPAN("b.example"), CLASS_OUTSIDE, PROOF_BY_REFUSAL, 0);
    site_learn(run.site, SPAN("b.example"), CLASS_OURS, PROOF_CERTAIN, 0);
    want_text("ours by now", class_name(site_class(run.site, SPAN("b.example"))), "ours");
    saved_len = 0;
    ck_assert_int_eq(snapshot_write(run.p, put, NULL), 0);
    struct pipeline_options options = {.settings = &run.settings, .site = site, .seed = 1};
    struct pipeline *p = snapshot_read(span_of(saved, saved_len), &options, why);
    ck_assert_msg(p != NULL, "%s", why);
    want_number("after", site_refuses_strangers(site), true);
    pipeline_free(p);
    site_free(site);
    core_end(&run);
}
END_TEST

/* Whom a host trusts is not saved: the settings of now tell. */
START_TEST(hosts_trust_what_settings_say_now)
{
    char why[256];
    struct core_run run;
    struct site *site = site_new(), *its = site_new();

    ck_assert(site_add_host(site, SPAN("mx9"), its) && site_add_host(site, SPAN("mx2"), its));
    site_networks_configured(its);
    ck_assert(site_add_host(site, SPAN("mx1"), its));
    core_begin(&run, NULL);
    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1]");
    run.host = "mx2";
    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1]");
    saved_len = 0;
    ck_assert_int_eq(snapshot_write(run.p, put, NULL), 0);
    struct pipeline_options options = {.settings = &run.settings, .site = site, .seed = 1};
    struct pipeline *p = snapshot_read(span_of(saved, saved_len), &options, why);
    ck_assert_msg(p != NULL, "%s", why);
    want_number("mx1", p->hosts.networks[hosts_find(&p->hosts, SPAN("mx1"))], 2);
    want_number("mx2", p->hosts.networks[hosts_find(&p->hosts, SPAN("mx2"))], 1);
    want_number("judged by other settings", p->judge.reread, REREAD_SETTINGS);
    pipeline_free(p);
    site_free(its);
    site_free(site);
    core_end(&run);
}
END_TEST

/* In a fleet, as many links as before the restart; under smaller limits, as many as there can
 * be. */
START_TEST(links_of_a_fleet_stay_as_many)
{
    static char before[sizeof(saved)];
    char why[256];
    struct core_run run;

    core_begin_site(&run, NULL, "fleet = 10.0.0.0/24\n");
    core_feed(&run,
              "smtpd: AAAAA01: client=a[192.0.2.1]\n"
              "cleanup: AAAAA01: message-id=<1@a.example>\n"
              "smtp: AAAAA01: to=<x@victim.example>, relay=b[10.0.0.1]:25, delay=1, dsn=2.0.0, "
              "status=sent (250 2.0.0 Ok: queued as BBBBB01)");
    struct link_index *links = &run.p->life.links;
    want_number("by that clock", links->since_s, CORE_BEGIN_S);
    ck_assert(link_index_resize(links, &run.p->tracker, 4 * LINK_ENTRIES));
    links->tight = true;
    for (int i = 0; i < 50000; i++)
        link_index_skip(links, (uint64_t)i);
    for (int smaller = 0; smaller < 2; smaller++) {
        saved_len = 0;
        ck_assert_int_eq(snapshot_write(run.p, put, NULL), 0);
        size_t len = saved_len;
        memcpy(before, saved, len);
        run.settings.limits.messages = smaller ? LINK_ENTRIES + 1 : 2000000;
        struct pipeline_options options = {.settings = &run.settings, .site = run.site, .seed = 1};
        struct pipeline *p = snapshot_read(span_of(before, len), &options, why);
        ck_assert_msg(p != NULL, "%s", why);
        want_number("entries", p->life.links.mask + 1, (smaller ? 2 : 4) * LINK_ENTRIES);
        want_number("bytes", (int64_t)p->tracker.link_bytes, (smaller ? 1 : 3) * LINK_ENTRIES * 32);
        want_number("left", p->life.links.full_at - p->life.links.count,
                    links->full_at - links->count);
        want_number("since", p->life.links.since_s, CORE_BEGIN_S);
        want_number("tight", p->life.links.tight, true);
        saved_len = 0;
        ck_assert_int_eq(snapshot_write(p, put, NULL), 0);
        ck_assert(smaller || (saved_len == len && memcmp(before, saved, len) == 0));
        pipeline_free(p);
    }
    core_end(&run);
}
END_TEST

START_TEST(where_a_pipe_leads_is_known_again)
{
    char why[256];
    struct core_run run;
    struct site *site = site_new();

    core_begin(&run, NULL);
    uint8_t door = site_door(run.site, SPAN("mailgun"));
    site_door_takes_in(run.site, door);
    site_door_takes_abroad(run.site, door, SPAN("a.example"), 1000);
    site_door_takes_abroad(run.site, door, SPAN("b.example"), 1000);
    site_door_takes_abroad(run.site, door, SPAN("c.example"), 1000);
    ck_assert(site_door_leads_away(run.site, door, 5000));
    site_door_is_brought_back_by(run.site, site_door(run.site, SPAN("dovecot")), 110);
    site_door_gives_back(run.site, 2, true);
    saved_len = 0;
    ck_assert_int_eq(snapshot_write(run.p, put, NULL), 0);
    struct pipeline_options options = {.settings = &run.settings, .site = site, .seed = 1};
    struct pipeline *p = snapshot_read(span_of(saved, saved_len), &options, why);
    ck_assert_msg(p != NULL, "%s", why);
    want_number("surely", site->doors.door[1].gives_surely, true);
    want_number("not the other", site->doors.door[0].gives_surely, false);
    want_number("leads away", site_door_leads_away(site, 1, 0), true);
    want_number("takes in", site->doors.door[0].takes_in, true);
    want_number("another", site_door_leads_away(site, 2, 0), false);
    want_number("bringer", site_is_bringer(site, 110), true);
    pipeline_free(p);
    site_free(site);
    core_end(&run);
}
END_TEST

START_TEST(what_came_back_of_a_socket_is_known_again)
{
    struct core_run run;
    char why[256];
    struct site *site = site_new();

    core_begin(&run, NULL);
    uint8_t door = site_door(run.site, SPAN("mx1[private/scan]"));
    for (int i = 0; i < 5; i++)
        site_socket_takes(run.site, door, SPAN_NONE);
    site_socket_returns(run.site, door, SPAN("a.example"), true);
    site_learn(run.site, SPAN("b.example"), CLASS_OURS, PROOF_BY_SOCKET, door);
    saved_len = 0;
    ck_assert_int_eq(snapshot_write(run.p, put, NULL), 0);
    struct pipeline_options options = {.settings = &run.settings, .site = site, .seed = 1};
    struct pipeline *p = snapshot_read(span_of(saved, saved_len), &options, why);
    ck_assert_msg(p != NULL, "%s", why);
    want_number("taken", site->doors.door[0].taken, 5);
    want_number("returned", site->doors.door[0].returned, 1);
    want_number("ours", site_class(site, SPAN("b.example")), CLASS_OURS);
    site_door_returns(site, door);
    want_number("by it", site_class(site, SPAN("b.example")) == CLASS_OURS, false);
    pipeline_free(p);
    site_free(site);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_site");

    tcase_add_test(tc, where_a_pipe_leads_is_known_again);
    tcase_add_test(tc, what_came_back_of_a_socket_is_known_again);
    tcase_add_test(tc, logins_are_known_again);
    tcase_add_test(tc, accounts_are_known_again);
    tcase_add_test(tc, that_strangers_are_refused_is_known_again);
    tcase_add_test(tc, hosts_trust_what_settings_say_now);
    tcase_add_test(tc, links_of_a_fleet_stay_as_many);
    return run_suite("snapshot_site", tc);
}
