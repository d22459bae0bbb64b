/* SPDX-License-Identifier: MIT */
#include "pipeline_run.h"
#include "snapshot_bytes.h"

#define CORPORA SOURCE_DIR "/tests/corpora/"

enum { CUTS = 50 };

static struct settings settings;

/* --- logs ------------------------------------------------------------------------------------- */

struct log {
    char *text;
    size_t *line; /* where each begins, and the end */
    size_t count;
};

static struct log log_read(const char *path)
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

static void log_done(struct log *log)
{
    free(log->text);
    free(log->line);
}

static void feed(struct run *run, const struct log *log, size_t from, size_t to)
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

static void whole_run(struct whole *whole, const struct log *log, const char *dump)
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

static void whole_done(struct whole *whole)
{
    run_end(&whole->run);
    free(whole->outcome);
    free(whole->events_at);
}

/* What is remembered only to be quick is not saved, nor are the texts that are held for it alone. */
static void forget_memos(struct pipeline *p)
{
    judge_reset(&p->judge);
    for (int i = 0; i < DOMAIN_MEMOS; i++) {
        text_put(&p->texts, p->detector.memo[i].domain);
        text_put(&p->texts, p->detector.memo[i].registered);
        p->detector.memo[i] = (struct domain_memo){NULL, NULL};
    }
}

/* What `run` is now, saved, read and fed the rest, against what the whole run came to. */
static void check_cut(struct whole *whole, struct run *run, const struct log *log, size_t at,
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

/* cuts: how many lines to cut at, chosen the same in every run; all of them where there are fewer. */
static void check_log(const char *path, const char *dump, size_t cuts)
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

static const char *const labelled[] = {"accept_then_bounce", "botnet_relay", "content_filter",
                                       "joe_job",            "normal_day",   "open_relay",
                                       "stolen_account",     "web_script"};

START_TEST(cut_labelled)
{
    char path[256], dump[256];

    snprintf(path, sizeof(path), CORPORA "%s/mail.log", labelled[_i]);
    snprintf(dump, sizeof(dump), CORPORA "%s/postconf-n.txt", labelled[_i]);
    check_log(path, dump, CUTS);
}
END_TEST

START_TEST(cut_labelled_iso)
{
    char path[256], dump[256];

    snprintf(path, sizeof(path), CORPORA "%s/mail.iso.log.xz", labelled[_i]);
    snprintf(dump, sizeof(dump), CORPORA "%s/postconf-n.txt", labelled[_i]);
    check_log(path, dump, CUTS / 5);
}
END_TEST

START_TEST(cut_injection)
{
    check_log(CORPORA "injection/mail.log", CORPORA "injection/main.cf", CUTS);
}
END_TEST

START_TEST(cut_seed_everywhere)
{
    check_log(SOURCE_DIR "/tests/seed/mail.log", NULL, SIZE_MAX);
    check_log(SOURCE_DIR "/tests/seed/as-posted.log", NULL, SIZE_MAX);
}
END_TEST

/* Without Postfix's word the log teaches what is ours. */
START_TEST(cut_everywhere)
{
    check_log(CORPORA "web_script/mail.log", NULL, SIZE_MAX);
}
END_TEST

/* Every table at its bound: what is given up must not hang on the restart. */
START_TEST(cut_under_pressure)
{
    char path[256];
    struct settings roomy = settings;

    settings.limits.messages = 40;
    settings.limits.finished = 16;
    settings.limits.recipients = 2;
    settings.limits.cells = 12;
    settings.limits.incidents = 3;
    settings.kind[KIND_OPEN_RELAY].recipients = 1;
    settings.kind[KIND_BACKSCATTER_SOURCE].notices = 1;
    settings.kind[KIND_BACKSCATTER_VICTIM].messages = 2;
    settings.kind[KIND_BACKSCATTER_VICTIM].clients = 1;
    settings.alert.end_after = 60 * US_PER_S;
    settings.alert.update_every = 10 * US_PER_S;
    snprintf(path, sizeof(path), CORPORA "%s/mail.log", labelled[_i]);
    check_log(path, NULL, CUTS);
    settings.limits = roomy.limits;
    settings.alert = roomy.alert;
    memcpy(settings.kind, roomy.kind, sizeof(settings.kind));
}
END_TEST

/* --- bounds that became smaller --------------------------------------------------------------- */

START_TEST(smaller_bounds)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct settings small = settings;

    settings.kind[KIND_ACCOUNT_ABUSE].recipients = 2;
    run_begin(&run, &settings, SOURCE_DIR "/tests/corpora/open_relay/postconf-n.txt");
    run_messages(&run, 0, 200);
    ck_assert_uint_eq(run.p->tracker.count, 200);
    ck_assert_uint_eq(run.p->detector.incident_count, 10);
    struct bytes bytes = run_snapshot(&run);
    small.limits.messages = 20;
    small.limits.finished = 4;
    small.limits.cells = 8;
    small.limits.incidents = 3;
    ck_assert(run_resume(&rest, &small, NULL, span_of(bytes.at, bytes.len), why));
    ck_assert_uint_eq(rest.p->tracker.count, 20);
    ck_assert_uint_eq(rest.p->tracker.counters.evicted, 180);
    ck_assert_uint_le(rest.p->detector.cell_used, 8);
    ck_assert_uint_eq(rest.p->detector.counters.cells_evicted, 2);
    ck_assert_uint_eq(rest.p->detector.incident_count, 3);
    ck_assert_uint_eq(rest.p->detector.incident_max, 3);
    ck_assert_uint_eq(rest.p->detector.counters.incidents_evicted, 7);
    run_messages(&rest, 200, 100);
    ck_assert_uint_eq(rest.p->tracker.count, 20);
    ck_assert_uint_le(rest.p->detector.incident_count, 3);
    free(run_outcome(&rest));
    memcpy(settings.kind, small.kind, sizeof(settings.kind));
    free(bytes.at);
    run_end(&run);
    run_end(&rest);
}
END_TEST

/* --- damage ----------------------------------------------------------------------------------- */

static struct log small_log;
static struct bytes small_bytes;

/* A few lines that leave messages, an incident, a notice and a learned domain behind. */
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

/* Refused, with a reason and the site untouched; or read, and then it runs on. */
static bool try_bytes(struct span bytes)
{
    struct run run;
    char why[SNAPSHOT_WHY_MAX];
    char *copy = malloc(bytes.len + !bytes.len); /* its end is the memory's end */

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

START_TEST(truncated)
{
    for (size_t len = 0; len < small_bytes.len; len++)
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
    for (size_t i = 0; i < small_bytes.len; i++) {
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

/* A ring of parents, which only a damaged file can hold, must not be walked round. */
START_TEST(ring_of_parents)
{
    struct log log = log_read(CORPORA "open_relay/mail.log");
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX];
    struct message *ring[300];
    uint32_t n = 0;

    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    feed(&run, &log, 0, log.count);
    for (uint32_t slot = 1; slot < run.p->tracker.chunk_count * CHUNK && n < 300; slot++)
        if (tracker_is_live(&run.p->tracker, slot))
            ring[n++] = tracker_at(&run.p->tracker, slot);
    for (uint32_t i = 0; i < n; i++) {
        ring[i]->parent = tracker_ref(ring[(i + 1) % n]);
        ring[i]->flags &= (uint16_t)~MESSAGE_RESOLVED;
    }
    for (uint32_t i = 0; i < n; i++)
        tracker_wait(&run.p->tracker, ring[i], 0);
    struct bytes bytes = run_snapshot(&run);
    ck_assert(run_resume(&rest, &settings, NULL, span_of(bytes.at, bytes.len), why));
    free(run_outcome(&rest));
    free(bytes.at);
    run_end(&rest);
    for (uint32_t i = 0; i < n; i++)
        ring[i]->parent = (struct message_ref){0, 0};
    run_end(&run);
    log_done(&log);
}
END_TEST

/* --- nothing forgotten ------------------------------------------------------------------------ */

/* A struct of another size has a field that is written nowhere yet (or one less): see to it in the
 * file named, raise SNAPSHOT_VERSION, then put the new size here. Caches and what is borrowed are not
 * written: batch, callbacks, indexes. */
static const struct {
    const char *name;
    size_t size, known;
} sizes[] = {
#define SIZE(type, known)                                                                          \
    {                                                                                              \
        #type, sizeof(struct type), known                                                          \
    }
    SIZE(pipeline, 7304), /* snapshot.c */
    SIZE(pipeline_counters, 104),
    SIZE(header_clock, 88),
    SIZE(hosts, 48),
    SIZE(host, 32),
    SIZE(host_source, 24),
    SIZE(judge, 2240),
    SIZE(life, 120),
    SIZE(texts, 40), /* snapshot_texts.c */
    SIZE(text, 12),
    SIZE(window, 96),
    SIZE(queue_id, 16),
    SIZE(tracker, 216), /* snapshot_tracker.c */
    SIZE(message_chunk, 133312),
    SIZE(message, 128),
    SIZE(recipient, 24),
    SIZE(fifo, 24),
    SIZE(cell, 872), /* snapshot_cells.c */
    SIZE(totals, 96),
    SIZE(tally, 40),
    SIZE(tally_entry, 24),
    SIZE(sample, 24),
    SIZE(field, 16),
    SIZE(network, 17),
    SIZE(detector, 4312), /* snapshot_detector.c */
    SIZE(level_count, 216),
    SIZE(incident, 280),
#undef SIZE
};

START_TEST(nothing_new)
{
    if (sizeof(void *) == 8) /* the sizes are those of 64-bit machines */
        want_number(sizes[_i].name, (int64_t)sizes[_i].size, (int64_t)sizes[_i].known);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("snapshot"), *damage = tcase_create("damage");

    if (!settings_init(&settings))
        return EXIT_FAILURE;
    ADD_ROWS(tc, nothing_new, sizes);
    tcase_add_test(tc, cut_seed_everywhere);
    tcase_add_test(tc, cut_everywhere);
    ADD_ROWS(tc, cut_labelled, labelled);
    ADD_ROWS(tc, cut_labelled_iso, labelled);
    tcase_add_test(tc, cut_injection);
    ADD_ROWS(tc, cut_under_pressure, labelled);
    tcase_add_test(tc, smaller_bounds);
    tcase_add_test(tc, failing_put);
    tcase_add_test(tc, ring_of_parents);
    tcase_add_checked_fixture(damage, make_small, drop_small);
    tcase_add_test(damage, truncated);
    tcase_add_test(damage, longer);
    ADD_ROWS(damage, flipped, flips);
    tcase_add_test(damage, other_versions);
    tcase_set_timeout(damage, 300);
    Suite *suite = suite_create("snapshot");
    SRunner *runner = srunner_create(suite);
    suite_add_tcase(suite, tc);
    suite_add_tcase(suite, damage);
    tcase_set_timeout(tc, 300);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    settings_done(&settings);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
