/* SPDX-License-Identifier: MIT */
/* [limits] memory holds under any flood, and long texts drive nobody out who has short ones. */
#include <malloc.h>

#include "core_run.h"
#include "detect/cell.h"
#include "detect/evict.h"
#include "detect/key_counts.h"
#include "engine/snapshot.h"
#include "pipeline_run.h"
#include "track/tracker_lists.h"

#define LIMIT ((uint64_t)16 << 20)

enum { TEXT = 1880, OTHERS = 2000 };

static struct core_run run;
static char filler[TEXT + 1];

static void begin(void)
{
    memset(filler, 'x', TEXT);
    core_begin(&run, "[limits]\nmemory = 16\nmessages = 20000\n");
}

static void end(void)
{
    core_end(&run);
}

static uint64_t counted(void)
{
    return run.p->texts.bytes + evict_bytes(&run.p->detector);
}

/* Each kind of flood makes its messages `i` as large as it can. */
struct flood {
    const char *name;
    int count;
    void (*message)(int i);
};

static void long_senders(int i)
{
    core_feed(&run,
              "smtpd: F%07X: client=c%d.example[198.51.%d.%d]\n"
              "qmgr: F%07X: from=<%s%d@spam.example>, size=1, nrcpt=1 (queue active)",
              i, i, i / 256 % 256, i % 256, i, filler, i);
}

/* What is relayed is counted by the detector too, under keys of its own. */
static void long_relayed(int i)
{
    long_senders(i);
    core_feed(&run,
              "smtp: F%07X: to=<u%d@%.200s.v%d.example>, relay=none, delay=1, dsn=4.0.0, "
              "status=deferred (x)",
              i, i, filler, i);
}

static void long_accounts(int i)
{
    core_feed(&run,
              "smtpd: F%07X: client=c[198.51.%d.%d], sasl_method=PLAIN, sasl_username=%s%d\n"
              "qmgr: F%07X: from=<%s%d@spam.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: F%07X: to=<u@v.example>, relay=none, delay=1, dsn=4.0.0, status=deferred (x)",
              i, i / 256 % 256, i % 256, filler, i, i, filler, i, i);
}

static void many_recipients(int i)
{
    core_feed(&run,
              "smtpd: F%07X: client=c.example[198.51.100.1]\n"
              "qmgr: F%07X: from=<a@spam.example>, size=1, nrcpt=500 (queue active)",
              i, i);
    for (int k = 0; k < 500; k++)
        core_feed(&run,
                  "smtp: F%07X: to=<u%d@v%d.example>, relay=none, delay=1, dsn=4.0.0, "
                  "status=deferred (x)",
                  i, k, k);
}

/* One account, a new client and a long sender each time. */
static void long_lists(int i)
{
    core_feed(&run,
              "smtpd: F%07X: client=c%d[198.%d.%d.%d], sasl_method=PLAIN, sasl_username=u%d\n"
              "qmgr: F%07X: from=<%s%d@spam%d.example>, size=1, nrcpt=1 (queue active)\n"
              "smtp: F%07X: to=<u@v%d.example>, relay=none, delay=1, dsn=2.0.0, status=sent (x)\n"
              "qmgr: F%07X: removed",
              i, i, i / 65536, i / 256 % 256, i % 256, i / 300, i, filler, i, i, i, i, i);
}

/* Forged bounces to addresses that nobody has. */
static void long_victims(int i)
{
    core_feed(&run,
              "smtpd: F%07X: client=c[198.51.100.%d]\n"
              "qmgr: F%07X: from=<>, size=1, nrcpt=1 (queue active)\n"
              "local: F%07X: to=<%s%d@example.net>, relay=local, delay=1, dsn=2.0.0, "
              "status=sent (x)\n"
              "qmgr: F%07X: removed",
              i, i % 256, i, i, filler, i, i);
}

static const struct flood floods[] = {
    {"senders", 20000, long_senders},   {"relayed", 20000, long_relayed},
    {"accounts", 10000, long_accounts}, {"recipients", 400, many_recipients},
    {"lists", 20000, long_lists},       {"victims", 20000, long_victims},
};

static uint64_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Mail of others, in the queue since before the flood, is still known afterwards. */
START_TEST(flood_of_long_texts)
{
    const struct flood *flood = &floods[_i];
    uint64_t before = allocated(), most = 0;

    for (int i = 0; i < OTHERS; i++)
        core_feed(&run,
                  "smtpd: A%07X: client=c.example[10.0.0.1]\n"
                  "qmgr: A%07X: from=<a%d@example.net>, size=1, nrcpt=1 (queue active)",
                  i, i, i);
    for (int i = 0; i < flood->count; i++) {
        run.now_s = CORE_BEGIN_S + 100 + (uint32_t)i / 50;
        flood->message(i);
        most = counted() > most ? counted() : most;
    }
    /* A batch of lines may go beyond it. */
    ck_assert_msg(most < LIMIT + 65536 * 4, "%s: got %llu bytes, want at most %llu", flood->name,
                  (unsigned long long)most, (unsigned long long)LIMIT);
    /* Fixed tables, the ring of message-ids and the halves of malloc that are free come on top. */
    ck_assert_msg(allocated() < before + LIMIT + (4 << 20), "%s: got %llu bytes allocated",
                  flood->name, (unsigned long long)(allocated() - before));
    int known = 0;
    for (int i = 0; i < OTHERS; i++) {
        char id[16];
        snprintf(id, sizeof(id), "A%07X", i);
        known += core_find(&run, id) != NULL;
    }
    want_number(flood->name, known, OTHERS);
}
END_TEST

/* What is counted for something is taken off again with it. */
START_TEST(nothing_is_counted_that_is_gone)
{
    const struct flood *flood = &floods[_i];

    for (int i = 0; i < flood->count / 20; i++)
        flood->message(i);
    struct bytes bytes = {0};
    char why[SNAPSHOT_WHY_MAX];
    ck_assert_int_eq(snapshot_write(run.p, bytes_put, &bytes), 0);
    struct pipeline_options options = run.p->options;
    struct pipeline *again = snapshot_read(span_of(bytes.at, bytes.len), &options, why);
    ck_assert_msg(again != NULL, "%s", why);
    want_number("listed, read back", (int64_t)again->texts.listed, (int64_t)run.p->texts.listed);
    pipeline_free(again);
    free(bytes.at);
    pipeline_tick(run.p, (run.now_s + (wall_us)40 * 86400) * US_PER_S);
    for (uint32_t minute = 0; minute < 20; minute++) {
        tracker_sweep(&run.p->tracker, 0, run.now_s / 60 + 40 * 1440 + minute);
        detector_sweep(&run.p->detector, 0, run.now_s / 60 + 40 * 1440 + minute);
    }
    want_number("messages", run.p->tracker.count, 0);
    for (uint32_t i = 0; i < run.p->detector.cell_count; i++)
        if (run.p->detector.cell[i].key)
            cell_free(&run.p->detector, &run.p->detector.cell[i]);
    key_counts_drop_clients(&run.p->detector);
    want_number("listed", (int64_t)run.p->texts.listed, 0);
    want_number("clients of keys", (int64_t)run.p->detector.key_client_bytes, 0);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("memory");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_set_timeout(tc, 120);
    ADD_ROWS(tc, flood_of_long_texts, floods);
    ADD_ROWS(tc, nothing_is_counted_that_is_gone, floods);
    return run_suite("memory", tc);
}
