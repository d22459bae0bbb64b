/* SPDX-License-Identifier: MIT */
#include "core_run.h"

static struct core_run run;

static void begin(void)
{
    core_begin(&run, NULL);
}

static void end(void)
{
    core_end(&run);
}

static enum record_type seen_type;
static int seen_state, seen_lines;

static void see(void *ctx, const struct pipeline_line *line)
{
    (void)ctx;
    seen_lines++;
    seen_type = line->record ? line->record->type : RECORD_TYPE_COUNT;
    seen_state = line->message ? line->message->state : -1;
}

START_TEST(listener_gets_every_line_and_its_result)
{
    struct pipeline_options options = {.settings = &run.settings, .site = run.site, .on_line = see};

    pipeline_free(run.p);
    run.p = pipeline_new(&options);
    seen_lines = 0;
    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1]");
    want_number("type", seen_type, RECORD_CLIENT);
    want_number("state", seen_state, MESSAGE_NEW);
    core_feed(&run, "qmgr: AAAAA01: from=<a@b.example>, size=1, nrcpt=1 (queue active)");
    want_number("state", seen_state, MESSAGE_QUEUED);
    core_feed(&run, "qmgr: AAAAA01: skipped, still being delivered");
    want_number("type", seen_type, RECORD_NOTE);
    core_feed(&run, "smtpd: connect from a[192.0.2.1]");
    want_number("type", seen_type, RECORD_IGNORED);
    want_number("state", seen_state, -1);
    core_feed(&run, "qmgr: AAAAA01: removed");
    want_number("state", seen_state, MESSAGE_GONE);
    pipeline_lines(run.p, "nothing\n\n", 9);
    want_number("type", seen_type, RECORD_TYPE_COUNT);
    want_number("lines", seen_lines, 7);
}
END_TEST

static char traced[200];

static void keep(void *ctx, enum trace_area area, const char *text)
{
    (void)ctx;
    (void)area;
    snprintf(traced, sizeof(traced), "%s", text);
}

START_TEST(a_trace_names_the_record)
{
    struct trace trace = {.areas = 1u << TRACE_RECORD, .listener = keep};
    struct pipeline_options options = {
        .settings = &run.settings, .site = run.site, .trace = &trace};

    pipeline_free(run.p);
    run.p = pipeline_new(&options);
    core_feed(&run, "smtpd: AAAAA01: client=a[192.0.2.1]");
    want_text("with an ID", traced,
              "AAAAA01 smtpd: accepted from a client: AAAAA01: client=a[192.0.2.1]");
    core_feed(&run, "qmgr: nonsense");
    want_text("no shape", traced, "- qmgr: not understood: nonsense");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pipeline_show");

    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, listener_gets_every_line_and_its_result);
    tcase_add_test(tc, a_trace_names_the_record);
    return run_suite("pipeline_show", tc);
}
