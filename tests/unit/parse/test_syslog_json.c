/* SPDX-License-Identifier: MIT */
#include "parse/syslog_json.h"
#include "rows.h"

#include <stdio.h>

static const struct {
    const char *name, *line, *want; /* NULL: as it is */
} rows[] = {
    {"no object", "Nov 24 03:47:12 mx1 postfix/qmgr[1]: A: removed", NULL},
    {"an object of something else", "{\"a\":1}", NULL},
    {"cut", "{\"log\":\"Nov 24", NULL},
    {"docker",
     "{\"log\":\"Nov 24 03:47:12 mx1 postfix/qmgr[1]: A: removed\\n\",\"stream\":\"stdout\","
     "\"time\":\"2026-11-24T03:47:12.5Z\"}",
     "2026-11-24T03:47:12.5Z stdout F Nov 24 03:47:12 mx1 postfix/qmgr[1]: A: removed"},
    {"Fluent Bit, of a part",
     "{\"log\":\"mx1 a[1]: b\",\"stream\":\"stderr\",\"logtag\":\"P\","
     "\"time\":\"2026-11-24T03:47:12.5Z\"}",
     "2026-11-24T03:47:12.5Z stderr P mx1 a[1]: b"},
    {"a stream that is none",
     "{\"log\":\"mx1 a[1]: b\",\"stream\":\"P P \",\"time\":\"2026-11-24T03:47:12.5Z\"}",
     "2026-11-24T03:47:12.5Z mx1 a[1]: b"},
    {"a time that is no figure",
     "{\"log\":\"mx1 a[1]: b\",\"stream\":\"stdout\",\"time\":\"Nov 24 03:47:12\"}",
     "Nov 24 03:47:12 mx1 a[1]: b"},
    {"journalctl",
     "{\"_SOURCE_REALTIME_TIMESTAMP\":\"1795492032000000\",\"_HOSTNAME\":\"mx1\","
     "\"SYSLOG_IDENTIFIER\":\"postfix/qmgr\",\"SYSLOG_PID\":\"7\",\"MESSAGE\":\"A: removed\"}",
     "1795492032.000000 mx1 postfix/qmgr[7]: A: removed"},
    {"a fraction", "{\"date\":1795492032.5,\"ident\":\"postfix/qmgr\",\"message\":\"A: removed\"}",
     "1795492032.500000 - postfix/qmgr: A: removed"},
    {"milliseconds",
     "{\"date\":1795492032500,\"ident\":\"postfix/qmgr\",\"message\":\"A: removed\"}",
     "1795492032.500 - postfix/qmgr: A: removed"},
    {"a number that is no time", "{\"date\":1e300,\"ident\":\"a\",\"message\":\"A: removed\"}",
     NULL},
    {"a number in words",
     "{\"time\":\"Nov 24 03:47:12 mx1 a: b\",\"ident\":\"a\",\"message\":\"c\"}", NULL},
    {"NXLog",
     "{\"EventTime\":\"2026-11-24 03:47:12\",\"Hostname\":\"mx1\",\"SourceName\":\"postfix/qmgr\","
     "\"ProcessID\":7,\"Message\":\"A: removed\"}",
     "2026-11-24 03:47:12 mx1 postfix/qmgr[7]: A: removed"},
    {"three words are no time",
     "{\"EventTime\":\"2026-11-24 03:47:12 b\",\"SourceName\":\"a\",\"Message\":\"c\"}", NULL},
    {"no time of ours", "{\"date\":1.5,\"log\":\"A\"}", NULL},
    {"one in another",
     "{\"result\":{\"_raw\":\"Nov 24 03:47:12 mx1 postfix/qmgr[1]: A: removed\"}}",
     "Nov 24 03:47:12 mx1 postfix/qmgr[1]: A: removed"},
    {"not deeper",
     "{\"result\":{\"result\":{\"_raw\":\"Nov 24 03:47:12 mx1 postfix/qmgr[1]: A\"}}}", NULL},
};

START_TEST(an_object_becomes_its_line)
{
    static char buf[4096], got[4096];
    struct span plain = syslog_json_convert(span_str(rows[_i].line), buf, sizeof(buf));

    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(plain));
    want_text(rows[_i].name, got, rows[_i].want ? rows[_i].want : rows[_i].line);
}
END_TEST

/* Docker cuts at 16 KiB. */
static const struct {
    const char *name, *end, *want;
    int len;
} lengths[] = {
    {"as long as may be", "\\n", "2026-11-24T03:47:12.5Z stdout F 0", 16384},
    {"cut", "", "2026-11-24T03:47:12.5Z stdout P 0", 16384},
    {"without a newline", "", "2026-11-24T03:47:12.5Z stdout F 0", 16383},
};

START_TEST(what_docker_cut_is_a_part)
{
    static char line[20000], buf[20000];

    snprintf(line, sizeof(line),
             "{\"log\":\"%0*d%s\",\"stream\":\"stdout\",\"time\":\"2026-11-24T03:47:12.5Z\"}",
             lengths[_i].len, 0, lengths[_i].end);
    struct span plain = syslog_json_convert(span_str(line), buf, sizeof(buf));
    want_number(lengths[_i].name, span_starts(plain, span_str(lengths[_i].want)), true);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("syslog_json");

    ADD_ROWS(tc, an_object_becomes_its_line, rows);
    ADD_ROWS(tc, what_docker_cut_is_a_part, lengths);
    return run_suite("syslog_json", tc);
}
