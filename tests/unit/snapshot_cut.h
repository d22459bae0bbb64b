/* SPDX-License-Identifier: MIT */
/* Logs cut anywhere: what was saved there and read again, fed the rest, comes to the same. */
#ifndef RELAYWATCH_TESTS_SNAPSHOT_CUT_H
#define RELAYWATCH_TESTS_SNAPSHOT_CUT_H

#include "pipeline_run.h"

#define CORPORA SOURCE_DIR "/tests/corpora/"

enum { CUTS = 50 };

static struct settings settings;

/* --- logs ------------------------------------------------------------------------------------- */

struct log {
    char *text;
    size_t *line; /* where each begins, and the end */
    size_t count;
};

static inline struct log log_read(const char *path)
{
    struct bytes bytes = {0};
    struct log log = {0};
    char command[512], buf[65536];
    size_t n, len = strlen(path);

    snprintf(command, sizeof(command), "%s '%s'",
             len > 3 && strcmp(path + len - 3, ".xz") == 0 ? "xz -dc" : "cat", path);
    FILE *in = popen(command, "r");
    ck_assert_ptr_nonnull(in);
    while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
        bytes_put(&bytes, buf, n);
    ck_assert_int_eq(pclose(in), 0);
    ck_assert_uint_gt(bytes.len, 0);
    log.text = bytes.at;
    for (size_t at = 0; at < bytes.len; log.count++) {
        const char *end = memchr(log.text + at, '\n', bytes.len - at);
        log.line = realloc(log.line, (log.count + 2) * sizeof(*log.line));
        ck_assert_ptr_nonnull(log.line);
        log.line[log.count] = at;
        at = end ? (size_t)(end - log.text) + 1 : bytes.len;
        log.line[log.count + 1] = at;
    }
    return log;
}

static inline void log_done(struct log *log)
{
    free(log->text);
    free(log->line);
}

static inline void feed(struct run *run, const struct log *log, size_t from, size_t to)
{
    if (from < to)
        pipeline_lines(run->p, log->text + log->line[from], log->line[to] - log->line[from]);
}

/* --- cut anywhere ----------------------------------------------------------------------------- */

struct whole {
    char *outcome;
    struct run run;
    size_t *events_at; /* length of the events before each line */
};

static inline void whole_run(struct whole *whole, const struct log *log, const char *dump)
{
    run_begin(&whole->run, &settings, dump);
    whole->events_at = calloc(log->count + 1, sizeof(*whole->events_at));
    ck_assert_ptr_nonnull(whole->events_at);
    for (size_t i = 0; i < log->count; i++) {
        whole->events_at[i] = run_events(&whole->run).len;
        feed(&whole->run, log, i, i + 1);
    }
    whole->events_at[log->count] = run_events(&whole->run).len;
    whole->outcome = run_outcome(&whole->run);
}

static inline void whole_done(struct whole *whole)
{
    run_end(&whole->run);
    free(whole->outcome);
    free(whole->events_at);
}

/* What is remembered only to be quick is not saved, nor are the texts that are held for it
 * alone. */
static inline void forget_memos(struct pipeline *p)
{
    judge_forget_answers(&p->judge);
    for (int i = 0; i < DOMAIN_MEMOS; i++) {
        intern_put(&p->texts, p->detector.memo[i].domain);
        intern_put(&p->texts, p->detector.memo[i].registered);
        p->detector.memo[i] = (struct domain_memo){NULL, NULL};
    }
}

/* What `run` is now, saved, read and fed the rest, against what the whole run came to. */
static inline void check_cut(struct whole *whole, struct run *run, const struct log *log, size_t at,
                             const char *dump)
{
    forget_memos(run->p);
    struct bytes bytes = run_snapshot(run);
    struct run rest;
    char why[SNAPSHOT_WHY_MAX];

    ck_assert_msg(run_resume(&rest, &settings, dump, span_of(bytes.at, bytes.len), why),
                  "line %zu: %s", at, why);
    struct bytes again = run_snapshot(&rest);
    ck_assert_msg(again.len == bytes.len && memcmp(again.at, bytes.at, bytes.len) == 0,
                  "line %zu: it writes other bytes than it was read from", at);
    feed(&rest, log, at, log->count);
    char *outcome = run_outcome(&rest);
    ck_assert_msg(strcmp(outcome, whole->outcome) == 0, "line %zu: got\n%s\nwant\n%s", at, outcome,
                  whole->outcome);
    struct span got = run_events(&rest);
    struct span want = span_skip(run_events(&whole->run), whole->events_at[at]);
    ck_assert_msg(span_equal(got, want), "line %zu: events\n%.*s\nwant\n%.*s", at, SPAN_ARG(got),
                  SPAN_ARG(want));
    free(outcome);
    free(bytes.at);
    free(again.at);
    run_end(&rest);
}

/* cuts: how many lines to cut at, chosen the same in every run; all of them where there are
 * fewer. */
static inline void check_log(const char *path, const char *dump, size_t cuts)
{
    struct log log = log_read(path);
    struct whole whole;
    struct run run;
    uint64_t random = 42;
    size_t fed = 0;

    whole_run(&whole, &log, dump);
    run_begin(&run, &settings, dump);
    for (size_t i = 0; i <= log.count; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        if (cuts <= log.count && (random >> 33) % log.count >= cuts)
            continue;
        feed(&run, &log, fed, i);
        fed = i;
        check_cut(&whole, &run, &log, i, dump);
    }
    run_end(&run);
    whole_done(&whole);
    log_done(&log);
}

static const char *const labelled[] = {
    "accept_then_bounce", "botnet_relay", "content_filter", "joe_job",
    "normal_day",         "open_relay",   "stolen_account", "web_script"};

/* One suite that begins with the default settings. */
static inline int run_snapshot_suite(const char *name, TCase *tc)
{
    if (!settings_init(&settings))
        return EXIT_FAILURE;
    int status = run_suite(name, tc);
    settings_done(&settings);
    return status;
}

#endif
