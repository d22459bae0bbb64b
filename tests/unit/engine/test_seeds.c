/* SPDX-License-Identifier: MIT */
/* The seed of all hashes is drawn anew for each run, so that nobody can choose texts that collide.
 * Nothing that comes out may depend on it. */
#include <unistd.h>

#include "base/hash.h"
#include "snapshot_cut.h"

enum { SEEDS = 20 };

static const char *const logs[] = {"open_relay",     "botnet_relay",       "content_filter",
                                   "joe_job",        "accept_then_bounce", "filters",
                                   "stolen_account", "injection",          "web_script"};

/* Any number of seeds, the same in every run. */
static uint64_t seed_of(int i)
{
    return hash_mix((uint64_t)i + 1, HASH_ODD_1);
}

/* Feeds the log under that seed. Half way, what is saved is read by a run with another one: the
 * state keeps its own. Events and outcome; for free(). */
static char *told(const struct log *log, const char *dump, uint64_t seed)
{
    struct run run, rest;
    char why[SNAPSHOT_WHY_MAX], *text;
    size_t half = log->count / 2, len;
    FILE *out = open_memstream(&text, &len);

    run_prepare(&run, &settings, dump);
    struct pipeline_options options = run_options(&run, seed);
    run.p = pipeline_new(&options);
    ck_assert_ptr_nonnull(run.p);
    pipeline_set_reference(run.p, RUN_REFERENCE);
    feed(&run, log, 0, half);
    struct bytes bytes = run_snapshot(&run);
    ck_assert_msg(run_resume(&rest, &settings, dump, span_of(bytes.at, bytes.len), why), "%s", why);
    free(bytes.at);
    feed(&rest, log, half, log->count);
    char *outcome = run_outcome(&rest);
    struct span first = run_events(&run), second = run_events(&rest);
    fprintf(out, "%.*s%.*s%s", SPAN_ARG(first), SPAN_ARG(second), outcome);
    free(outcome);
    run_end(&run);
    run_end(&rest);
    fclose(out);
    return text;
}

/* The first line that differs. */
static void check_same(const char *name, int seed, const char *got, const char *want)
{
    while (*got && strcspn(got, "\n") == strcspn(want, "\n") &&
           memcmp(got, want, strcspn(got, "\n")) == 0) {
        got += strcspn(got, "\n") + (got[strcspn(got, "\n")] != 0);
        want += strcspn(want, "\n") + (want[strcspn(want, "\n")] != 0);
    }
    ck_assert_msg(!*got && !*want, "%s, seed %d: got %.600s, want %.600s", name, seed, got, want);
}

static void check_seeds(const char *name, const struct log *log, const char *dump)
{
    char *want = told(log, dump, seed_of(0));

    for (int i = 1; i < SEEDS; i++) {
        char *got = told(log, dump, seed_of(i));
        check_same(name, i, got, want);
        free(got);
    }
    free(want);
}

START_TEST(labelled_log)
{
    char path[256], dump[256];

    snprintf(path, sizeof(path), CORPORA "%s/mail.log", logs[_i]);
    snprintf(dump, sizeof(dump), CORPORA "%s/postconf-n.txt", logs[_i]);
    if (access(dump, R_OK) != 0)
        snprintf(dump, sizeof(dump), CORPORA "%s/main.cf", logs[_i]);
    struct log log = log_read(path);
    check_seeds(logs[_i], &log, dump);
    log_done(&log);
}
END_TEST

/* --- tables that overflow --------------------------------------------------------------------- */

static uint64_t random_state;

static unsigned below(unsigned n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % n;
}

/* The records of one message, all of one second. */
static void message(FILE *out, unsigned number, const char *accept, const char *from,
                    const char *agent, const char *to, const char *reply)
{
    unsigned s = number / 4;
    char head[64];

    snprintf(head, sizeof(head), "2026-11-24T%02u:%02u:%02uZ mx%u postfix", s / 3600, s / 60 % 60,
             s % 60, number % 7 == 0 ? 2 : 1);
    fprintf(out, "%s/%s: 4%09XA: %s\n", head, strstr(accept, "uid=") ? "pickup" : "smtpd", number,
            accept);
    fprintf(out, "%s/cleanup: 4%09XA: message-id=<%u@x.example>\n", head, number, number / 3);
    fprintf(out, "%s/qmgr: 4%09XA: from=<%s>, size=900, nrcpt=1 (queue active)\n", head, number,
            from);
    fprintf(out, "%s/%s: 4%09XA: to=<%s>, relay=%s, delay=1, delays=0/0/0/1, dsn=2.0.0, %s\n", head,
            agent, number, to, *agent == 's' ? "mx.example.com[198.51.100.9]:25" : agent, reply);
    if (below(3))
        fprintf(out, "%s/qmgr: 4%09XA: removed\n", head, number);
}

static void find_lines(struct log *log, size_t len)
{
    for (size_t at = 0; at < len; log->count++) {
        log->line = realloc(log->line, (log->count + 2) * sizeof(*log->line));
        log->line[log->count] = at;
        at = (size_t)((char *)memchr(log->text + at, '\n', len - at) - log->text) + 1;
        log->line[log->count + 1] = at;
    }
}

/* Relays, victims of forged bounces, accounts, copies to an archive and mail that comes back, each
 * with more keys than there is room for. */
static struct log overflowing(unsigned messages)
{
    struct log log = {0};
    char accept[200], from[100], to[100];
    size_t len;
    FILE *out = open_memstream(&log.text, &len);

    random_state = 4;
    for (unsigned i = 0; i < messages; i++) {
        unsigned client = below(300), kind = below(6);
        snprintf(accept, sizeof(accept), "client=c%u.example[203.0.%u.%u]", client, client / 64,
                 client % 64);
        snprintf(from, sizeof(from), "a%u@s%u.example", below(900), below(60));
        snprintf(to, sizeof(to), "r%u@v%u.example", below(40000), below(50));
        if (kind == 0) {
            snprintf(to, sizeof(to), "u%u@example.org", below(80));
            message(out, i, accept, "", "local", to, "status=sent (delivered to mailbox)");
        } else if (kind == 1) {
            snprintf(to, sizeof(to), "u%u@example.org", below(80));
            message(out, i, accept, from, "local", to, "status=sent (delivered to mailbox)");
        } else if (kind == 2) {
            snprintf(accept, sizeof(accept), "uid=%u from=<%s>", 1000 + below(90), from);
            message(out, i, accept, from, "smtp", to, "status=sent (250 ok)");
        } else if (kind == 3) {
            size_t at = strlen(accept);
            snprintf(accept + at, sizeof(accept) - at, ", sasl_method=PLAIN, sasl_username=u%u",
                     below(90));
            message(out, i, accept, from, "smtp", to, "status=bounced (550 no)");
        } else {
            message(out, i, accept, from, "smtp", to, "status=sent (250 ok)");
        }
    }
    fclose(out);
    find_lines(&log, len);
    return log;
}

/* The first client is half under either sender domain, each of which covers one more client: it
 * folds with one of the two, and they can't both have it. */
START_TEST(client_between_two_domains)
{
    struct log log = {0};
    char accept[64], from[64], to[64];
    size_t len;
    FILE *out = open_memstream(&log.text, &len);

    for (unsigned i = 0; i < 90; i++) {
        unsigned client = i < 10 ? 0 : 1 + i % 2;
        snprintf(accept, sizeof(accept), "client=c.example[203.0.%u.1]", client);
        snprintf(from, sizeof(from), "a@s%u.example", i % 2);
        snprintf(to, sizeof(to), "r%u@v.example", i);
        message(out, i, accept, from, "smtp", to, "status=sent (250 ok)");
    }
    fclose(out);
    find_lines(&log, len);
    check_seeds("between", &log, CORPORA "open_relay/postconf-n.txt");
    log_done(&log);
}
END_TEST

static const char *const bounds[] = {
    "", "[limits]\ncells = 64\nincidents = 10\nmessages = 1000\nfinished = 16\nrecipients = 2\n",
    ("[limits]\ncells = 256\n[open-relay]\nrecipients = 40\n[backscatter-victim]\nmessages = 12\n"
     "clients = 5\n[account-abuse]\nrecipients = 20\n[local-abuse]\nrecipients = 20\n")};

START_TEST(full_tables)
{
    struct log log = overflowing(4000);
    struct inifile_error err;
    char ini[1024];

    snprintf(ini, sizeof(ini), "[site]\nown_domains = example.org\n%s", bounds[_i]);
    settings_done(&settings);
    ck_assert(settings_init(&settings));
    ck_assert_msg(settings_parse(&settings, span_str(ini), &err), "%s", err.text);
    check_seeds(bounds[_i], &log, NULL);
    log_done(&log);
}
END_TEST

/* --- recipients ------------------------------------------------------------------------------- */

/* Two addresses whose hashes agree in 32 bits, as anybody can find who knows the seed. */
static void find_collision(uint64_t seed, char one[32], char two[32])
{
    enum { TRIES = 1 << 19, SLOTS = 1 << 20 };
    uint32_t *seen = calloc(SLOTS, sizeof(*seen));

    ck_assert_ptr_nonnull(seen);
    for (unsigned i = 1; i < TRIES; i++) {
        snprintf(two, 32, "r%06u@victim.example", i);
        uint32_t hash = (uint32_t)hash_nocase(span_str(two), seed), at = hash & (SLOTS - 1);
        if (seen[at]) {
            snprintf(one, 32, "r%06u@victim.example", seen[at]);
            if ((uint32_t)hash_nocase(span_str(one), seed) == hash) {
                free(seen);
                return;
            }
        }
        seen[at] = i;
    }
    ck_abort_msg("no collision");
}

START_TEST(recipients_that_collide_in_32_bits_are_two)
{
    char one[32], two[32], text[1024];
    struct run run;

    run_begin(&run, &settings, CORPORA "open_relay/postconf-n.txt");
    find_collision(run.p->options.seed, one, two);
    int n = snprintf(text, sizeof(text),
                     "Nov 24 03:00:00 mx1 postfix/smtpd[1]: 4AAAA1: client=unknown[192.0.2.99]\n"
                     "Nov 24 03:00:01 mx1 postfix/qmgr[2]: 4AAAA1: from=<a@b.example>, size=9, "
                     "nrcpt=2 (queue active)\n"
                     "Nov 24 03:00:02 mx1 postfix/smtp[3]: 4AAAA1: to=<%s>, relay=none, delay=1, "
                     "delays=0/0/0/1, dsn=4.0.0, status=deferred (x)\n"
                     "Nov 24 03:00:02 mx1 postfix/smtp[3]: 4AAAA1: to=<%s>, relay=none, delay=1, "
                     "delays=0/0/0/1, dsn=4.0.0, status=deferred (x)\n",
                     one, two);
    pipeline_lines(run.p, text, (size_t)n);
    ck_assert_uint_eq(run.p->detector.cell_used, 1);
    ck_assert_msg(run.p->detector.cell[0].totals.recipients == 2, "%s, %s: got %llu, want 2", one,
                  two, (unsigned long long)run.p->detector.cell[0].totals.recipients);
    run_end(&run);
}
END_TEST

static void begin(void)
{
    ck_assert(settings_init(&settings));
}

static void end(void)
{
    settings_done(&settings);
}

int main(void)
{
    TCase *tc = tcase_create("seeds");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, labelled_log, 0, COUNT(logs));
    tcase_add_test(tc, client_between_two_domains);
    tcase_add_loop_test(tc, full_tables, 0, COUNT(bounds));
    tcase_add_test(tc, recipients_that_collide_in_32_bits_are_two);
    return run_suite("seeds", tc);
}
