/* SPDX-License-Identifier: MIT */
/* Properties of the whole: the same result however a log is fed, bounds, time. */
#include <unistd.h>

#include "base/buf.h"
#include "core_run.h"
#include "site/postconf_apply.h"
#include "whole_file.h"
#include "pipeline_counter.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

static void again(const char *ini)
{
    core_end(&run);
    core_begin(&run, ini);
}

/* --- however a log is fed --------------------------------------------------------------------- */

/* A follower cuts long lines before it feeds them, a scanner may not. Both get the same result. */
START_TEST(line_is_read_up_to_its_bound)
{
    static const char record[] = "2026-11-24T03:00:00Z mx1 postfix/qmgr[1]: 4FBFE15E604A: removed";
    char *line = malloc(LOG_LINE_MAX + 2);

    memset(line, 0, LOG_LINE_MAX + 2);
    memcpy(line + 100, record, sizeof(record) - 1);
    line[100 + sizeof(record) - 1] = '\n';
    pipeline_lines(run.p, line, 100 + sizeof(record));
    want_number("zeros, then a line", counter_of(run.p, "postfix"), 1);
    want_number("zeros, then a line", counter_of(run.p, "unparsed"), 0);
    /* "removed" with nothing after it, except beyond the bound */
    memset(line, ' ', LOG_LINE_MAX + 2);
    memcpy(line, record, sizeof(record) - 1 - strlen("removed"));
    memcpy(line + LOG_LINE_MAX - strlen("removed"), "removedxx", 9);
    pipeline_lines(run.p, line, LOG_LINE_MAX + 2);
    want_number("lines", counter_of(run.p, "lines"), 2);
    want_number("cut", counter_of(run.p, "unparsed"), 1);
    free(line);
}
END_TEST

static const char *const logs[] = {"open_relay", "botnet_relay",       "content_filter",
                                   "joe_job",    "accept_then_bounce", "stolen_account",
                                   "injection"};

static void add_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    (void)sentence;
    buf_printf(ctx, "%s %llu\n", name, (unsigned long long)value);
}

static char *outcome(struct pipeline *p)
{
    const struct incident **list = calloc(p->detector.incident_count + 1, sizeof(*list));
    uint32_t n = incidents_in_order(&p->detector, list);
    struct buf buf = buf_new(1 << 24);

    for (uint32_t i = 0; i < n; i++) {
        struct incident_view view;
        incident_view_init(&view, &p->detector, list[i]);
        json_t *json = incident_json(&view);
        char *text = json_dumps(json, 0);
        buf_printf(&buf, "%s\n", text);
        free(text);
        json_decref(json);
        incident_view_done(&view);
    }
    pipeline_each_counter(p, add_counter, &buf);
    free(list);
    return buf_take(&buf);
}

static struct site *site_of(const char *folder)
{
    char path[512];
    struct site *site = site_new();

    snprintf(path, sizeof(path), SOURCE_DIR "/tests/corpora/%s/postconf-n.txt", folder);
    if (access(path, R_OK) != 0)
        snprintf(path, sizeof(path), SOURCE_DIR "/tests/corpora/%s/main.cf", folder);
    char *text = whole_file(path);
    struct postconf *postconf = postconf_parse(span_str(text));
    ck_assert(postconf && postconf_apply(postconf, site, NULL, NULL));
    postconf_free(postconf);
    free(text);
    return site;
}

/* Feeds the log in pieces of this many lines; 0: as a whole. */
static char *read_log(const char *folder, const char *log, int lines, uint64_t seed)
{
    struct site *site = site_of(folder);
    struct pipeline_options options = {.settings = &run.settings, .site = site, .seed = seed};
    struct pipeline *p = pipeline_new(&options);

    pipeline_set_reference(p, (wall_us)CORE_BEGIN_S * US_PER_S);
    while (*log) {
        size_t n = strlen(log);
        for (int i = 0; lines && i < lines; i++) {
            const char *from = i ? log + n : log, *newline = strchr(from, '\n');
            n = newline ? (size_t)(newline - log) + 1 : n;
            if (!newline || !log[n])
                break;
        }
        /* A copy, so that reading past its end shows. */
        char *piece = malloc(n);
        memcpy(piece, log, n);
        pipeline_lines(p, piece, n);
        free(piece);
        log += n;
    }
    pipeline_finish(p);
    char *text = outcome(p);
    pipeline_free(p);
    site_free(site);
    return text;
}

static const struct {
    int lines;
    uint64_t seed;
} chunks[] = {{0, 1}, {1, 1}, {2, 1}, {7, 1}, {16, 1}, {17, 1}, {0, 99}, {1, 12345}};

START_TEST(result_depends_on_nothing_but_the_log)
{
    char path[512];

    snprintf(path, sizeof(path), SOURCE_DIR "/tests/corpora/%s/mail.log", logs[_i]);
    char *log = whole_file(path);
    char *want = read_log(logs[_i], log, 0, 1);
    for (int i = 0; i < COUNT(chunks); i++) {
        char *got = read_log(logs[_i], log, chunks[i].lines, chunks[i].seed);
        ck_assert_msg(strcmp(got, want) == 0, "%s, %d lines at once, seed %llu: got %s, want %s",
                      logs[_i], chunks[i].lines, (unsigned long long)chunks[i].seed, got, want);
        free(got);
    }
    ck_assert_msg(strstr(want, "\nunparsed 0\n") != NULL, "%s: got lines that are not known",
                  logs[_i]);
    free(want);
    free(log);
}
END_TEST

/* A journal entry is a line that is already split into fields. */
START_TEST(entries_give_the_same_result_as_lines)
{
    static const char *const texts[] = {
        "AAAAA01: client=a[192.0.2.1]",
        "AAAAA01: from=<a@b.example>, size=1, nrcpt=1 (queue active)",
        "AAAAA01: to=<x@c.example>, relay=none, delay=1, status=deferred (x)"};
    static const char *const tags[] = {"postfix/smtpd", "postfix/qmgr", "postfix/smtp"};

    for (int i = 0; i < 3; i++) {
        struct syslog_header h = {.when = (wall_us)CORE_BEGIN_S * US_PER_S,
                                  .host = SPAN("mx1"),
                                  .tag = span_str(tags[i]),
                                  .text = span_str(texts[i]),
                                  .pid = 1,
                                  .prefix = -1};
        pipeline_entry(run.p, &h);
    }
    want_number("verdict", run.verdict, VERDICT_RELAYED);
    want_number("lines", counter_of(run.p, "lines"), 3);
    want_number("postfix", counter_of(run.p, "postfix"), 3);
    struct syslog_header nobody = {
        .when = (wall_us)CORE_BEGIN_S * US_PER_S, .text = SPAN("x"), .prefix = -1};
    pipeline_entry(run.p, &nobody);
    want_number("no syslog", counter_of(run.p, "not_syslog"), 1);
}
END_TEST

/* --- counters --------------------------------------------------------------------------------- */

static const struct {
    const char *name, *text;
    const char *counter;
    int count;
} counted[] = {
    {"lines", "a\nb\n\n", "lines", 3},
    {"no newline at the end", "a\nb", "lines", 2},
    {"empty", "\n\r\nx\n", "empty", 2},
    {"no syslog", "the quick brown fox jumps over the lazy dog\n", "not_syslog", 1},
    {"other programs", "Nov 24 03:00:00 mx1 dovecot[1]: x\n", "other_programs", 1},
    {"Postfix", "Nov 24 03:00:00 mx1 postfix/smtpd[1]: connect from a[192.0.2.1]\n", "postfix", 1},
    {"ignored", "Nov 24 03:00:00 mx1 postfix/smtpd[1]: connect from a[192.0.2.1]\n", "ignored", 1},
    {"noted", "Nov 24 03:00:00 mx1 postfix/qmgr[1]: AAAAA01: skipped, still being delivered\n",
     "noted", 1},
    {"unparsed", "Nov 24 03:00:00 mx1 postfix/qmgr[1]: AAAAA01: of the future\n", "unparsed", 1},
    {"ambiguous",
     "Nov 24 03:00:00 mx1 postfix/smtp[1]: AAAAA01: to=<a@b>, relay=none, delay=1, status=sent "
     "(@c>, "
     "relay=none, delay=1, status=sent (x)\n",
     "ambiguous", 1},
    {"late",
     "Nov 24 03:00:01 mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "Nov 24 03:00:00 mx1 postfix/qmgr[1]: AAAAA01: removed\n",
     "late", 1},
    {"a jump of one line",
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-24T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n",
     "time_jumps", 1},
    {"a line a day ahead is no jump",
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-21T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-20T02:59:59Z mx1 postfix/qmgr[1]: AAAAA01: removed\n",
     "time_jumps", 0},
    {"a line more than a day ahead is",
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-21T03:00:01Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n",
     "time_jumps", 1},
    {"a jump of two lines is a pause",
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-24T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-24T03:00:01Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-24T03:00:02Z mx1 postfix/qmgr[1]: AAAAA01: removed\n",
     "time_jumps", 0},
    {"a line a day",
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-22T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-24T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-26T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n",
     "time_jumps", 0},
    {"two clocks that are wrong in turn",
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-24T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-29T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-20T03:00:01Z mx1 postfix/qmgr[1]: AAAAA01: removed\n",
     "time_jumps", 1},
    {"a line that is kept is counted once",
     "2026-11-20T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-24T03:00:00Z mx1 postfix/qmgr[1]: AAAAA01: removed\n"
     "2026-11-20T03:00:01Z mx1 postfix/qmgr[1]: AAAAA01: removed\n",
     "postfix", 3},
};

START_TEST(line_is_counted)
{
    pipeline_set_reference(run.p, (wall_us)CORE_BEGIN_S * US_PER_S);
    pipeline_lines(run.p, counted[_i].text, strlen(counted[_i].text));
    want_number(counted[_i].name, counter_of(run.p, counted[_i].counter), counted[_i].count);
}
END_TEST

/* When nothing comes, the host's clock goes on with ours. What is counted later counts in the log's
 * time nonetheless, as in a scan. */
START_TEST(undecided_recipients_count_when_their_message_came)
{
    again("");
    core_feed(&run, "smtpd: AAAAA01: client=c[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n"
                    "qmgr: AAAAA01: from=<bob@example.net>, size=1, nrcpt=3 (queue active)\n");
    pipeline_clock(run.p, (CORE_BEGIN_S + (wall_us)1000) * US_PER_S);
    pipeline_tick(run.p, (CORE_BEGIN_S + (wall_us)1005) * US_PER_S);
    core_feed(&run, "smtpd: AAAAA02: client=c[192.0.2.1], sasl_method=PLAIN, sasl_username=bob\n"
                    "qmgr: AAAAA02: from=<bob@example.net>, size=1, nrcpt=300 (queue active)\n");
    pipeline_tick(run.p, (CORE_BEGIN_S + (wall_us)1100) * US_PER_S);
    ck_assert_ptr_nonnull(core_incident(&run));
    want_number("last evidence", core_incident(&run)->last_s, CORE_BEGIN_S);
}
END_TEST

/* --- how addresses are written ---------------------------------------------------------------- */

#define TAIL ">, relay=none, delay=1, dsn=2.0.0, status=sent ("

static const struct {
    const char *name, *lines;
    int ambiguous;
} forms[] = {
    {"nobody said", "smtp: AAAAA01: to=<\"a" TAIL "\"@b.example" TAIL "x)", 1},
    {"since 3.5",
     "master: daemon started -- version 3.5.0, configuration /etc/postfix\n"
     "smtp: AAAAA01: to=<\"a" TAIL "\"@b.example" TAIL "x)",
     0},
    {"3.12",
     "master: reload -- version 3.12-20260821, configuration /etc/postfix\n"
     "smtp: AAAAA01: to=<\"a" TAIL "\"@b.example" TAIL "x)",
     0},
    {"before 3.5",
     "master: daemon started -- version 3.4.28, configuration /etc/postfix\n"
     "smtp: AAAAA01: to=<\"a" TAIL "\"@b.example" TAIL "x)",
     1},
    {"2.11",
     "master: daemon started -- version 2.11.3, configuration /etc/postfix\n"
     "smtp: AAAAA01: to=<\"a" TAIL "\"@b.example" TAIL "x)",
     1},
    {"4.0",
     "master: daemon started -- version 4.0, configuration /etc/postfix\n"
     "smtp: AAAAA01: to=<\"a" TAIL "\"@b.example" TAIL "x)",
     0},
    {"no address shows it",
     "master: daemon started -- version 3.5.0, configuration /etc/postfix\n"
     "qmgr: AAAAA01: from=<a>b@c.example>, size=1, nrcpt=1 (queue active)\n"
     "smtp: AAAAA01: to=<\"a" TAIL "\"@b.example" TAIL "x)",
     0},
};

START_TEST(address_form_comes_from_the_version)
{
    core_feed(&run, "%s", forms[_i].lines);
    want_number(forms[_i].name, counter_of(run.p, "ambiguous"), forms[_i].ambiguous);
}
END_TEST

/* --- bounds ----------------------------------------------------------------------------------- */

/* Distinct queue IDs, clients, senders, domains and hosts, all at once. */
START_TEST(flood_stays_inside_its_limits)
{
    again("[limits]\nmessages = 1000\nfinished = 16\nrecipients = 2\nhosts = 3\ncells = 64\n"
          "incidents = 10\n");
    for (int i = 0; i < 20000; i++) {
        char text[1024];
        int n = snprintf(text, sizeof(text),
                         "2026-11-24T03:%02d:%02dZ mx%d postfix-%d/smtpd[1]: A%07X: "
                         "client=h%d.example[100.%d.%d.1]\n"
                         "2026-11-24T03:%02d:%02dZ mx%d postfix-%d/qmgr[1]: A%07X: "
                         "from=<s%d@s%d.example>, size=1, "
                         "nrcpt=3 (queue active)\n",
                         i / 600 % 60, i / 10 % 60, i % 5, i % 11, i, i, i / 256, i % 256,
                         i / 600 % 60, i / 10 % 60, i % 5, i % 11, i, i, i);
        pipeline_lines(run.p, text, (size_t)n);
        for (int r = 0; r < 3; r++) {
            n = snprintf(
                text, sizeof(text),
                "2026-11-24T03:%02d:%02dZ mx%d postfix-%d/smtp[1]: A%07X: to=<u%d@v%d.example>, "
                "relay=none, delay=1, status=deferred (x)\n",
                i / 600 % 60, i / 10 % 60, i % 5, i % 11, i, r, i);
            pipeline_lines(run.p, text, (size_t)n);
        }
        ck_assert_msg(run.p->tracker.count <= 1000, "after %d: got %u messages, want at most 1000",
                      i, run.p->tracker.count);
        ck_assert_msg(run.p->detector.cell_used <= 64 && run.p->detector.incident_count <= 10,
                      "after %d: got %u cells, %u incidents, want at most 64, 10", i,
                      run.p->detector.cell_used, run.p->detector.incident_count);
    }
    want_number("hosts", run.p->hosts.host_count, 3);
    want_number("sources", run.p->hosts.host[0].source_count, HOSTS_INSTANCES_MAX);
    ck_assert(counter_of(run.p, "hosts_refused") > 0 && counter_of(run.p, "messages_evicted") > 0 &&
              counter_of(run.p, "cells_evicted") > 0 && counter_of(run.p, "recipients_over") > 0);
    want_number("over", counter_of(run.p, "recipients_over"), counter_of(run.p, "queue_ids"));
    /* A message has a client, a sender and two recipients; a cell has six texts and lists of one
     * each. The rest is the memo of domains and the incidents' own texts. */
    ck_assert_msg(run.p->texts.used < 1000 * 4 + 64 * 8 + 10 * 600 + 1000,
                  "texts: got %u, want less than 11512", run.p->texts.used);
}
END_TEST

/* In the queue and silent for message_age: an end that the log does not have. */
START_TEST(silent_message_is_forgotten_in_its_time)
{
    again("[limits]\nmessage_age = 2h\n");
    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1]\n"
                    "qmgr: AAAAA01: from=<a@b.example>, size=1, nrcpt=1 (queue active)");
    for (uint32_t s = 60; s < 7200; s += 60)
        pipeline_tick(run.p, (run.now_s + s) * US_PER_S);
    want_number("before", run.p->tracker.count, 1);
    for (uint32_t s = 7200; s < 7500; s += 60)
        pipeline_tick(run.p, (run.now_s + s) * US_PER_S);
    want_number("after", run.p->tracker.count, 0);
}
END_TEST

/* Finished messages are kept by the number, too. */
START_TEST(flood_of_finished_messages_is_forgotten)
{
    again("[limits]\nfinished = 16\n");
    for (int i = 0; i < 5000; i++) {
        core_feed(
            &run,
            "smtpd: A%07X: client=a[192.0.2.1]\n"
            "qmgr: A%07X: from=<s%d@s%d.example>, size=1, nrcpt=1 (queue active)\n"
            "lmtp: A%07X: to=<u%d@example.net>, relay=x[private/l], delay=1, status=sent (x)\n"
            "qmgr: A%07X: removed",
            i, i, i, i, i, i, i);
        ck_assert_msg(run.p->tracker.count <= 17, "after %d: got %u messages, want at most 17", i,
                      run.p->tracker.count);
    }
    want_number("in flight", counter_of(run.p, "in_flight"), 0);
    want_number("messages", (int64_t)pipeline_messages(run.p), 5000);
}
END_TEST

/* The clock alone judges messages that have waited, and ends incidents. */
START_TEST(clock_goes_on_where_the_log_is_silent)
{
    core_feed(&run, "smtpd: AAAAA01: client=localhost[127.0.0.1]\n"
                    "qmgr: AAAAA01: from=<a@b.example>, size=1, nrcpt=1 (queue active)\n"
                    "smtp: AAAAA01: to=<x@c.example>, relay=none, delay=1, status=deferred (x)");
    want_number("verdicts", run.verdicts, 0);
    pipeline_tick(run.p, (run.now_s + 59) * US_PER_S);
    want_number("verdicts", run.verdicts, 0);
    pipeline_tick(run.p, (run.now_s + 60) * US_PER_S);
    want_number("verdicts", run.verdicts, 1);
    pipeline_tick(run.p, (run.now_s + 10) * US_PER_S); /* never back */
    want_number("now", run.p->now_s, run.now_s + 60);
}
END_TEST

START_TEST(clock_before_the_first_line_is_no_time)
{
    pipeline_tick(run.p, (wall_us)CORE_BEGIN_S * US_PER_S);
    want_number("now", run.p->now_s, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pipeline");

    tcase_add_test(tc, line_is_read_up_to_its_bound);
    tcase_add_checked_fixture(tc, begin, end);
    ADD_ROWS(tc, result_depends_on_nothing_but_the_log, logs);
    tcase_add_test(tc, entries_give_the_same_result_as_lines);
    ADD_ROWS(tc, line_is_counted, counted);
    tcase_add_test(tc, undecided_recipients_count_when_their_message_came);
    ADD_ROWS(tc, address_form_comes_from_the_version, forms);
    tcase_add_test(tc, flood_stays_inside_its_limits);
    tcase_add_test(tc, silent_message_is_forgotten_in_its_time);
    tcase_add_test(tc, flood_of_finished_messages_is_forgotten);
    tcase_add_test(tc, clock_goes_on_where_the_log_is_silent);
    tcase_add_test(tc, clock_before_the_first_line_is_no_time);
    return run_suite("pipeline", tc);
}
