/* SPDX-License-Identifier: MIT */
#include "engine/snapshot_bytes.h"
#include "snapshot_cut.h"

/* Of logs that are longer, under a sanitizer. */
static const size_t everywhere = STRIDE(2) > 1 ? 150 : SIZE_MAX;

START_TEST(cut_labelled)
{
    char path[256], dump[256];

    snprintf(path, sizeof(path), CORPORA "%s/mail.log", labelled[_i]);
    snprintf(dump, sizeof(dump), CORPORA "%s/postconf-n.txt", labelled[_i]);
    check_log(path, dump, CUTS / STRIDE(5));
}
END_TEST

START_TEST(cut_labelled_iso)
{
    char path[256], dump[256];

    snprintf(path, sizeof(path), CORPORA "%s/mail.iso.log.xz", labelled[_i]);
    snprintf(dump, sizeof(dump), CORPORA "%s/postconf-n.txt", labelled[_i]);
    check_log(path, dump, CUTS / 5 / STRIDE(2));
}
END_TEST

START_TEST(cut_injection)
{
    check_log(CORPORA "injection/mail.log", CORPORA "injection/main.cf", CUTS / STRIDE(5));
}
END_TEST

START_TEST(cut_seed_everywhere)
{
    check_log(SOURCE_DIR "/tests/seed/mail.log", NULL, everywhere);
    check_log(SOURCE_DIR "/tests/seed/as-posted.log", NULL, everywhere);
}
END_TEST

/* Without Postfix's settings, the log teaches which domains are ours. */
START_TEST(cut_everywhere)
{
    check_log(CORPORA "web_script/mail.log", NULL, everywhere);
    check_log(CORPORA "filters/mail.log", CORPORA "filters/main.cf", everywhere);
}
END_TEST

/* --- damage ----------------------------------------------------------------------------------- */

static struct log small_log;
static struct bytes small_bytes;

/* A few lines that result in messages, an incident, a notice and a learned domain. */
static void make_small(void)
{
    struct run run;

    small_log = log_read(CORPORA "open_relay/mail.log");
    settings.kind[KIND_OPEN_RELAY].recipients = 1;
    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    size_t lines = 0;
    while (!run.p->detector.incident_count || lines % 40) {
        feed(&run, &small_log, lines, lines + 1);
        lines++;
    }
    small_bytes = run_snapshot(&run);
    run_end(&run);
}

static void drop_small(void)
{
    free(small_bytes.at);
    small_bytes = (struct bytes){0};
    log_done(&small_log);
}

/* Either refused, with a reason and the site untouched; or accepted, and then it runs on. */
static bool try_bytes(struct span bytes)
{
    struct run run;
    char why[SNAPSHOT_WHY_MAX];
    char *copy = malloc(bytes.len + !bytes.len); /* no slack: overruns show */

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes.at, bytes.len);
    bool read = run_resume(&run, &settings, NULL, span_of(copy, bytes.len), why);
    if (read) {
        feed(&run, &small_log, 40, 100);
        pipeline_tick(run.p, (run.p->now_s + (wall_us)100000) * US_PER_S);
        free(run_outcome(&run));
    } else {
        ck_assert_uint_gt(strlen(why), 0);
        ck_assert(!site_knows_domains(run.site));
    }
    free(copy);
    run_end(&run);
    return read;
}

/* By a clock that starts anew: what passed in between is not known to it. */
START_TEST(when_hosts_were_heard_survives)
{
    static const char line[] = "2026-11-24T03:00:00+00:00 mx1 postfix/qmgr[1]: AAAAA01: removed\n"
                               "2026-11-24T03:00:00+00:00 mx2 postfix/qmgr[1]: AAAAA01: removed\n"
                               "2026-11-24T03:02:30+00:00 mx2 postfix/qmgr[1]: AAAAA02: removed\n";
    struct run run, later;
    char why[SNAPSHOT_WHY_MAX];

    run_begin(&run, &settings, NULL);
    pipeline_clock(run.p, 5000 * US_PER_S);
    pipeline_lines(run.p, line, sizeof(line) - 1);
    run.p->hosts.heard[1].silent = true;
    run.p->hosts.heard[1].pause_before_s = 7;
    pipeline_clock(run.p, 5100 * US_PER_S);
    struct bytes bytes = run_snapshot(&run);
    run_end(&run);
    ck_assert(run_resume(&later, &settings, NULL, span_of(bytes.at, bytes.len), why));
    pipeline_clock(later.p, 20 * US_PER_S);
    const struct host_heard *heard = &later.p->hosts.heard[1];
    want_number("at", heard->at, -80 * US_PER_S);
    want_number("line", heard->line_s, 1795489200 + 150);
    want_number("since", heard->since_s, 1795489200);
    want_number("period", heard->period_s, 1795489200);
    want_number("pause", heard->pause_s, 150);
    want_number("before", heard->pause_before_s, 7);
    want_number("silent", heard->silent, true);
    run_end(&later);
    free(bytes.at);
}
END_TEST

START_TEST(names_of_postfix_survive)
{
    struct run run, later;
    char why[SNAPSHOT_WHY_MAX];
    struct settings plain;

    ck_assert(settings_init(&plain));
    run_begin(&run, &plain, NULL);
    site_learn(run.site, SPAN("corp.example"), CLASS_OURS, PROOF_BY_NAME, 0);
    struct bytes bytes = run_snapshot(&run);
    run_end(&run);
    ck_assert(run_resume(&later, &plain, NULL, span_of(bytes.at, bytes.len), why));
    ck_assert(site_writes_as(later.site, SPAN("corp.example")));
    want_number("recipient", site_class(later.site, SPAN("corp.example")), CLASS_UNKNOWN);
    run_end(&later);
    free(bytes.at);
    settings_done(&plain);
}
END_TEST

/* A script under the default sender, whose .forward sends its mail on to eleven. */
START_TEST(default_sender_and_forwarder_survive)
{
    static const char lines[] =
        "Nov 24 03:00:00 mx1 postfix/pickup[1]: AAAAA01: uid=1044 from=<u1044>\n"
        "Nov 24 03:00:00 mx1 postfix/cleanup[1]: AAAAA01: message-id=<1@mx1.example>\n"
        "Nov 24 03:00:00 mx1 postfix/qmgr[1]: AAAAA01: from=<u1044@mx1.example>, size=1, nrcpt=2 "
        "(queue active)\n"
        "Nov 24 03:00:00 mx1 postfix/smtp[1]: AAAAA01: to=<v@customer.example>, "
        "relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)\n"
        "Nov 24 03:00:01 mx1 postfix/qmgr[1]: AAAAA02: from=<u1044@mx1.example>, size=1, nrcpt=11 "
        "(queue active)\n"
        "Nov 24 03:00:01 mx1 postfix/local[1]: AAAAA01: to=<u1044@mx1.example>, relay=local, "
        "delay=1, dsn=2.0.0, status=sent (forwarded as AAAAA02)\n"
        "Nov 24 03:00:02 mx1 postfix/smtp[1]: AAAAA02: to=<w@customer.example>, "
        "relay=mx[198.51.100.1]:25, delay=1, dsn=2.0.0, status=sent (Ok)\n";
    struct run run, later;
    char why[SNAPSHOT_WHY_MAX] = "";

    run_begin(&run, &settings, NULL);
    pipeline_lines(run.p, lines, sizeof(lines) - 1);
    struct bytes bytes = run_snapshot(&run);
    run_end(&run);
    ck_assert_msg(run_resume(&later, &settings, NULL, span_of(bytes.at, bytes.len), why), "%s",
                  why);
    want_number("cells", later.p->detector.cell_used, 1);
    const struct cell *cell = &later.p->detector.cell[0];
    want_number("default sender", cell->sender_is_default, true);
    want_text("forwarder", cell->rest->forwarder ? cell->rest->forwarder->at : "none",
              "u1044@mx1.example");
    run_end(&later);
    free(bytes.at);
}
END_TEST

START_TEST(truncated)
{
    for (size_t len = 0; len < small_bytes.len; len += STRIDE(7))
        ck_assert_msg(!try_bytes(span_of(small_bytes.at, len)), "%zu bytes were enough", len);
}
END_TEST

START_TEST(longer)
{
    bytes_put(&small_bytes, "", 1);
    ck_assert(!try_bytes(span_of(small_bytes.at, small_bytes.len)));
}
END_TEST

static const unsigned char flips[] = {0x01, 0x80, 0xff};

START_TEST(flipped)
{
    ck_assert(try_bytes(span_of(small_bytes.at, small_bytes.len)));
    for (size_t i = (size_t)_i % STRIDE(7); i < small_bytes.len; i += STRIDE(7)) {
        small_bytes.at[i] = (char)(small_bytes.at[i] ^ flips[_i]);
        try_bytes(span_of(small_bytes.at, small_bytes.len));
        small_bytes.at[i] = (char)(small_bytes.at[i] ^ flips[_i]);
    }
}
END_TEST

START_TEST(other_versions)
{
    /* magic, version, shape, hash */
    static const size_t places[] = {0, 8, 12, 12 + 22 * 4 + 8};

    for (int i = 0; i < COUNT(places); i++) {
        small_bytes.at[places[i]]++;
        ck_assert_msg(!try_bytes(span_of(small_bytes.at, small_bytes.len)), "byte %zu", places[i]);
        small_bytes.at[places[i]]--;
    }
}
END_TEST

/* --- writing ---------------------------------------------------------------------------------- */

static int put_fails(void *ctx, const void *data, size_t len)
{
    (void)data;
    (void)len;
    return --*(int *)ctx < 0 ? -28 : 0;
}

START_TEST(failing_put)
{
    struct log log = log_read(CORPORA "open_relay/mail.log");
    struct run run;

    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    feed(&run, &log, 0, log.count);
    for (int good = 0; good < 2; good++) {
        int left = good;
        ck_assert_int_eq(snapshot_write(run.p, put_fails, &left), good ? 0 : -28);
    }
    run_end(&run);
    log_done(&log);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot"), *damage = tcase_create("damage");

    tcase_add_test(tc, cut_seed_everywhere);
    tcase_add_test(tc, cut_everywhere);
    ADD_ROWS(tc, cut_labelled, labelled);
    ADD_ROWS(tc, cut_labelled_iso, labelled);
    tcase_add_test(tc, cut_injection);
    tcase_add_test(tc, failing_put);
    tcase_add_test(tc, when_hosts_were_heard_survives);
    tcase_add_test(tc, names_of_postfix_survive);
    tcase_add_test(tc, default_sender_and_forwarder_survive);
    tcase_add_checked_fixture(damage, make_small, drop_small);
    tcase_add_test(damage, truncated);
    tcase_add_test(damage, longer);
    ADD_ROWS(damage, flipped, flips);
    tcase_add_test(damage, other_versions);
    int failed = run_snapshot_suite("snapshot", tc);
    return run_snapshot_suite("snapshot, damaged", damage) || failed;
}
