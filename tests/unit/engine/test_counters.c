/* SPDX-License-Identifier: MIT */
/* Counters, and the warnings made of them. */
#include "core_run.h"
#include "engine/counters.h"
#include "site/site_hosts.h"

static struct core_run run;

static const char *warning(const char *code)
{
    for (size_t i = 0; i < site_warning_count(run.site); i++)
        if (strcmp(site_warning(run.site, i)->code, code) == 0)
            return site_warning(run.site, i)->text;
    return NULL;
}

static void relay(int messages)
{
    for (int i = 0; i < messages; i++)
        core_feed(&run,
                  "smtpd: ABC%05d: client=b[192.0.2.2]\n"
                  "qmgr: ABC%05d: from=<a@a.example>, size=1, nrcpt=1 (queue active)\n"
                  "smtp: ABC%05d: to=<x@victim.example>, relay=h[198.51.100.1]:25, delay=1, "
                  "dsn=2.0.0, status=sent (ok)",
                  i, i, i);
}

START_TEST(no_warning_if_all_is_well)
{
    core_begin(&run, NULL);
    relay(10);
    pipeline_finish(run.p);
    pipeline_warn(run.p);
    want_number("incidents", run.p->detector.incident_count, 1);
    want_number("warnings", (int64_t)site_warning_count(run.site), 0);
    core_end(&run);
}
END_TEST

START_TEST(full_tables_are_named)
{
    core_begin(&run, "[limits]\nmessages = 1000\nhosts = 1\n");
    relay(1200);
    pipeline_lines(run.p, "2026-11-24T03:00:00Z mx2 postfix/qmgr[1]: 4FBFE15E604A: removed\n", 64);
    pipeline_warn(run.p);
    pipeline_warn(run.p);
    want_number("warnings", (int64_t)site_warning_count(run.site), 1);
    want_text("state-full", warning("state-full"),
              "A table was full and entries were evicted, so figures are too low. Raise the limits "
              "in [limits]: messages, hosts.");
    core_end(&run);
}
END_TEST

START_TEST(refusals_are_counted_by_reason)
{
    core_begin(&run, NULL);
    core_feed(&run,
              "smtpd: NOQUEUE: reject: RCPT from a[192.0.2.3]: 554 5.7.1 <x@b.example>: Relay "
              "access denied; from=<> to=<x@b.example>");
    core_feed(&run, "smtpd: NOQUEUE: reject: CONNECT from a[192.0.2.3]: 554 5.7.1 no");
    core_feed(&run, "smtpd: warning: a[192.0.2.3]: SASL LOGIN authentication failed: x");
    want_number("relay denied", (int64_t)run.p->refused[REFUSAL_RELAY_DENIED], 1);
    want_number("other", (int64_t)run.p->refused[REFUSAL_OTHER], 1);
    want_number("login", (int64_t)run.p->refused[REFUSAL_LOGIN], 1);
    want_number("none", (int64_t)run.p->refused[REFUSAL_NONE], 0);
    core_end(&run);
}
END_TEST

START_TEST(many_records_that_hide_their_end_are_told)
{
    static const char *const records[] = {
        "smtp: ABC00001: to=<x@victim.example>, relay=h[198.51.100.1]:25, del",
        "smtp: ABC00001: to=<@x>, relay=none, delay=1, status=sent (@c>, relay=none, delay=1, "
        "status=sent (x)"};

    core_begin(&run, NULL);
    site_set_address_form(run.site, ADDRESS_FORM_EXTERNAL);
    for (int i = 0; i < 9; i++)
        core_feed(&run, "%s", records[i % 2]);
    pipeline_warn(run.p);
    ck_assert_ptr_null(warning("records-cut"));
    want_number("cut", (int64_t)run.p->counters.cut, 5);
    want_number("ambiguous", (int64_t)run.p->counters.ambiguous, 4);
    core_feed(&run, "%s", records[0]);
    pipeline_warn(run.p);
    ck_assert_ptr_nonnull(warning("records-cut"));
    core_end(&run);
}
END_TEST

START_TEST(mail_back_from_a_filter_that_is_nobodys_is_told)
{
    core_begin(&run, NULL);
    run.p->life.counters.lost_returns = 9;
    pipeline_warn(run.p);
    ck_assert_ptr_null(warning("returns-unknown"));
    run.p->life.counters.lost_returns = 10;
    pipeline_warn(run.p);
    ck_assert_ptr_nonnull(warning("returns-unknown"));
    ck_assert(strncmp(warning("returns-unknown"), "10 messages came back", 21) == 0);
    core_end(&run);
}
END_TEST

/* Once, of those that have mail. */
START_TEST(a_host_without_settings_is_told)
{
    struct site *its = site_new();

    core_begin_site(&run, NULL, "fleet = 10.0.0.0/24\n");
    ck_assert(site_add_host(run.site, SPAN("mx1"), its));
    judge_set_site(&run.p->judge, run.site);
    relay(1);
    run.host = "mx2";
    core_feed(&run, "master: reload");
    pipeline_warn(run.p);
    ck_assert_ptr_null(warning("settings-of-host-missing"));
    relay(1);
    run.host = "mx3";
    relay(1);
    for (int i = 0; i < 2; i++)
        pipeline_warn(run.p);
    ck_assert_ptr_nonnull(warning("settings-of-host-missing"));
    ck_assert(strncmp(warning("settings-of-host-missing"), "Host mx2 has no file", 20) == 0);
    want_number("warnings", (int64_t)site_warning_count(run.site), 1);
    site_free(its);
    core_end(&run);
}
END_TEST

/* Neither domains nor networks are configured; later the log proves a domain. */
START_TEST(unknown_site_is_warned_about)
{
    struct settings settings;
    struct pipeline_options options = {.settings = &settings, .site = site_new()};

    ck_assert(settings_init(&settings));
    run = (struct core_run){.now_s = CORE_BEGIN_S, .site = options.site};
    run.p = pipeline_new(&options);
    pipeline_warn(run.p);
    want_number("before the first line", (int64_t)site_warning_count(run.site), 0);
    relay(10);
    pipeline_warn(run.p);
    ck_assert_ptr_nonnull(warning("own-domains-unknown"));
    ck_assert_ptr_null(warning("trusted-networks-unknown"));
    core_feed(&run, "virtual: BBBBB01: to=<x@ours.example>, relay=virtual, delay=1, dsn=2.0.0, "
                    "status=sent (delivered)");
    run.now_s += 10;
    relay(10);
    pipeline_finish(run.p);
    pipeline_warn(run.p);
    want_number("undecided", run.p->detector.incident_count, 0);
    core_feed(&run, "smtpd: BBBBB02: client=b[192.0.2.2]\n"
                    "qmgr: BBBBB02: from=<a@a.example>, size=1, nrcpt=5 (queue active)");
    for (int i = 0; i < 5; i++)
        core_feed(&run,
                  "smtp: BBBBB02: to=<x%d@gmail.com>, relay=h[198.51.100.1]:25, delay=1, "
                  "dsn=2.0.0, status=sent (ok)",
                  i);
    pipeline_finish(run.p);
    pipeline_warn(run.p);
    want_number("incidents", run.p->detector.incident_count, 1);
    ck_assert_ptr_nonnull(warning("trusted-networks-unknown"));
    pipeline_free(run.p);
    site_free(options.site);
    settings_done(&settings);
}
END_TEST

static void count_one(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    int *counters = ctx;

    ck_assert_msg(*name && *sentence, "%s: got \"%s\"", name, sentence);
    want_number(name, (int64_t)value, 0);
    ++*counters;
}

START_TEST(counters_start_at_zero)
{
    int counters = 0;

    core_begin(&run, NULL);
    pipeline_each_counter(run.p, count_one, &counters);
    ck_assert_int_gt(counters, 30);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("counters");

    tcase_add_test(tc, no_warning_if_all_is_well);
    tcase_add_test(tc, full_tables_are_named);
    tcase_add_test(tc, refusals_are_counted_by_reason);
    tcase_add_test(tc, many_records_that_hide_their_end_are_told);
    tcase_add_test(tc, mail_back_from_a_filter_that_is_nobodys_is_told);
    tcase_add_test(tc, a_host_without_settings_is_told);
    tcase_add_test(tc, unknown_site_is_warned_about);
    tcase_add_test(tc, counters_start_at_zero);
    return run_suite("counters", tc);
}
