/* SPDX-License-Identifier: MIT */
#include "core_run.h"
#include "site/site_hosts.h"
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
    want_number("judged by other settings", (int64_t)p->judged_by_site, 0);
    pipeline_free(p);
    site_free(its);
    site_free(site);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot_site");

    tcase_add_test(tc, logins_are_known_again);
    tcase_add_test(tc, hosts_trust_what_settings_say_now);
    return run_suite("snapshot_site", tc);
}
