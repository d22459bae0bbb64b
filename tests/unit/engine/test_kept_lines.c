/* SPDX-License-Identifier: MIT */
/* A line dated far ahead waits for the next line of its own host. */
#include "engine/kept_lines.h"

#include "core_run.h"

enum { HOSTS = 5 };

START_TEST(lines_are_kept_by_host)
{
    struct host host[HOSTS] = {0};
    struct hosts hosts = {.host = host};
    struct kept_lines kept = {0};

    for (uint16_t i = 0; i < HOSTS; i++) {
        struct log_line line = {.header = {.when = i + 1, .host = SPAN("mx"), .text = SPAN("x")}};
        ck_assert_ptr_null(kept_lines_of(&kept, &host[i]));
        ck_assert(kept_lines_put(&kept, &hosts, i, &line));
        want_number("kept", kept_lines_of(&kept, &host[i])->when, i + 1);
    }
    struct log_line_kept line = kept_lines_take(&kept, &hosts, 1);
    want_number("taken", line.when, 2);
    log_line_kept_done(&line);
    for (uint16_t i = 0; i < HOSTS; i++)
        want_number("left", host[i].kept ? kept_lines_of(&kept, &host[i])->when : 0,
                    i == 1 ? 0 : i + 1);
    kept_lines_done(&kept);
}
END_TEST

static struct core_run run;

static const struct host *host(int i)
{
    return &run.p->hosts.host[i];
}

static void line_of(const char *name, uint32_t now_s)
{
    run.host = name;
    run.now_s = now_s;
    core_feed(&run, "qmgr: AAAAA01: removed");
}

/* Two days ahead: mx2's lines say nothing of mx1's, whatever their dates. */
START_TEST(another_host_confirms_nothing)
{
    enum { DAYS_S = 2 * 86400 };

    core_begin(&run, NULL);
    line_of("mx1", CORE_BEGIN_S);
    line_of("mx2", CORE_BEGIN_S + DAYS_S);
    line_of("mx1", CORE_BEGIN_S + DAYS_S);
    line_of("mx2", CORE_BEGIN_S + DAYS_S + 1);
    want_number("mx1", host(0)->now_s, CORE_BEGIN_S);
    want_number("mx2", host(1)->now_s, CORE_BEGIN_S + DAYS_S + 1);
    line_of("mx1", CORE_BEGIN_S + 5); /* it was an outlier */
    want_number("mx1", host(0)->now_s, CORE_BEGIN_S + 5);
    want_number("jumps", (int64_t)run.p->counters.time_jumps, 1);
    want_number("late", (int64_t)run.p->counters.late, 0);
    line_of("mx1", CORE_BEGIN_S + DAYS_S);
    line_of("mx1", CORE_BEGIN_S + DAYS_S + 1); /* a pause */
    want_number("mx1", host(0)->now_s, CORE_BEGIN_S + DAYS_S + 1);
    want_number("jumps", (int64_t)run.p->counters.time_jumps, 1);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("kept_lines");

    tcase_add_test(tc, lines_are_kept_by_host);
    tcase_add_test(tc, another_host_confirms_nothing);
    return run_suite("kept_lines", tc);
}
