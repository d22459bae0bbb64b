/* SPDX-License-Identifier: MIT */
/* What a line does to its host's clock and to the counters, whichever way it takes. */
#include "base/buf.h"
#include "core_run.h"
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

START_TEST(pause_is_believed_at_its_second_line)
{
    run.now_s = CORE_BEGIN_S;
    core_feed(&run, "qmgr: AAAAA01: removed");
    run.now_s += 4 * 86400;
    core_feed(&run, "qmgr: AAAAA01: removed");
    want_number("after one", run.p->now_s, CORE_BEGIN_S);
    core_feed(&run, "qmgr: AAAAA01: removed");
    want_number("after two", run.p->now_s, CORE_BEGIN_S + 4 * 86400);
    want_number("lines", counter_of(run.p, "postfix"), 3);
}
END_TEST

/* The line after a pause of days is held back for the next one, the clock, or the log's end. After
 * that it is like any other. */
START_TEST(first_line_after_a_pause_counts_in_its_time)
{
    for (int how = 0; how < 5; how++) {
        again("");
        core_feed(&run, "qmgr: AAAAA01: removed");
        run.now_s += 4 * 86400;
        core_feed(&run, "smtpd: AAAAA02: client=unknown[192.0.2.1]");
        ck_assert_ptr_null(core_find(&run, "AAAAA02"));
        want_number("next tick", pipeline_next_tick(run.p) / US_PER_S, CORE_BEGIN_S + 3 * 86400);
        if (how == 0)
            core_feed(&run, "qmgr: AAAAA02: from=<a@b.example>, size=1, nrcpt=1 (queue active)");
        else if (how == 1)
            pipeline_tick(run.p, pipeline_next_tick(run.p));
        else if (how == 2)
            pipeline_finish(run.p);
        else if (how == 4) /* a late tick of the clock */
            pipeline_tick(run.p, (CORE_BEGIN_S + 4 * 86400 + 3600) * US_PER_S);
        else /* an outlier still counts */
            pipeline_lines(
                run.p, SPAN("2026-11-24T03:00:01Z mx1 postfix/qmgr[1]: AAAAA01: removed\n").at, 57);
        ck_assert_msg(core_find(&run, "AAAAA02") != NULL, "%d: the line is lost", how);
        want_number("begun", core_find(&run, "AAAAA02")->begun_s, CORE_BEGIN_S + 4 * 86400);
        want_number("now", run.p->now_s,
                    how < 3    ? CORE_BEGIN_S + 4 * 86400
                    : how == 3 ? CORE_BEGIN_S + 1
                               : CORE_BEGIN_S + 4 * 86400 + 3600);
        want_number("jumps", counter_of(run.p, "time_jumps"), how == 3);
        want_number("late", counter_of(run.p, "late"), 0);
    }
}
END_TEST

/* --- lines that change nothing ---------------------------------------------------------------- */

#define AT(time)   "Nov 24 03:00:0" time " mx1 "
#define SMTPD      "postfix/smtpd[123]: "
#define CONNECT    "connect from mail.customer.example[192.0.2.1]\n"
#define OTHER      "dovecot[900]: imap-login: Login: user=<anna@example.org>\n"
#define TLS        "postfix/smtp[77]: Trusted TLS connection established to mx.example[192.0.2.9]:25\n"
#define ANVIL      "postfix/anvil[5]: statistics: max connection rate 1/60s for (smtp:192.0.2.1)\n"
#define LOST       "postfix[5]: 4FBFE15E604A: removed, or what else there is of such a line\n"
#define REMOVED    "postfix/qmgr[123]: 4FBFE15E604A: removed, and this is no Postfix's\n"
#define FAR_AHEAD  "Nov 26 03:00:00 mx1 "
#define OTHER_HOST "Nov 24 03:00:00 mx2 "

static const struct {
    const char *name, *text;
} streams[] = {
    {"one second", AT("0") SMTPD CONNECT AT("0") SMTPD CONNECT AT("0") SMTPD "dis" CONNECT},
    {"seconds go on", AT("0") SMTPD CONNECT AT("1") SMTPD CONNECT AT("1") SMTPD CONNECT},
    {"late", AT("1") SMTPD CONNECT AT("0") SMTPD CONNECT AT("0") SMTPD CONNECT AT("0") ANVIL},
    {"other programs", AT("0") OTHER AT("0") OTHER AT("0") SMTPD CONNECT AT("0") OTHER},
    {"TLS", AT("0") TLS AT("0") TLS AT("0") TLS},
    {"anvil", AT("0") ANVIL AT("0") ANVIL AT("0") ANVIL},
    {"a lost name", AT("0") LOST AT("0") LOST AT("0") LOST},
    {"no shape", AT("0") REMOVED AT("0") REMOVED AT("0") REMOVED},
    {"a line is held back",
     AT("0") SMTPD CONNECT FAR_AHEAD SMTPD CONNECT FAR_AHEAD SMTPD CONNECT AT("1") SMTPD CONNECT},
    {"another program's line is held back for",
     AT("0") OTHER AT("0") SMTPD CONNECT FAR_AHEAD SMTPD CONNECT FAR_AHEAD OTHER FAR_AHEAD OTHER},
    {"another program's line refutes it",
     AT("0") OTHER AT("0") SMTPD CONNECT FAR_AHEAD SMTPD CONNECT AT("0") OTHER AT("0") OTHER},
    {"two hosts",
     AT("0") SMTPD CONNECT OTHER_HOST SMTPD CONNECT AT("0") SMTPD CONNECT OTHER_HOST SMTPD CONNECT},
};

static void watch(void *ctx, const struct pipeline_line *line)
{
    *(uint64_t *)ctx += line->text.len > 0;
}

static void list_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    struct buf *list = ctx;

    (void)sentence;
    buf_printf(list, "%s=%" PRIu64 "\n", name, value);
}

/* All counters and clocks. Somebody who watches makes each line take the long way. */
static void play(const char *text, bool watched, struct buf *list)
{
    uint64_t seen = 0;

    again(NULL);
    pipeline_set_reference(run.p, (wall_us)(CORE_BEGIN_S + 3 * 86400) * US_PER_S);
    if (watched) {
        run.p->options.on_line = watch;
        run.p->options.on_line_ctx = &seen;
    }
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        pipeline_lines(run.p, line, (size_t)(strchr(line, '\n') + 1 - line));
        pipeline_each_counter(run.p, list_counter, list);
        for (uint16_t i = 0; i < run.p->hosts.host_count; i++)
            buf_printf(list, "%u: now %u kept %u\n", i, run.p->hosts.host[i].now_s,
                       run.p->hosts.host[i].kept);
        ck_assert(!watched || seen > 0);
    }
}

START_TEST(line_that_changes_nothing_is_counted_as_any)
{
    struct buf list[2] = {buf_new(1 << 20), buf_new(1 << 20)};

    for (int watched = 0; watched < 2; watched++)
        play(streams[_i].text, watched, &list[watched]);
    ck_assert(!list[0].failed && !list[1].failed);
    want_long_text(streams[_i].name, list[0].at, list[1].at);
    buf_done(&list[0]);
    buf_done(&list[1]);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pipeline_take");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, pause_is_believed_at_its_second_line);
    tcase_add_test(tc, first_line_after_a_pause_counts_in_its_time);
    ADD_ROWS(tc, line_that_changes_nothing_is_counted_as_any, streams);
    return run_suite("pipeline_take", tc);
}
