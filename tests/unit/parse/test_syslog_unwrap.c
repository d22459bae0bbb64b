/* SPDX-License-Identifier: MIT */
#include "parse/syslog_unwrap.h"
#include "rows.h"

#include <stdio.h>

#define LINE "Nov 24 03:47:12 mx1 postfix/qmgr[1]: A: removed"

static const struct {
    const char *name, *line, *want; /* NULL: as it is */
} rows[] = {
    {"a line", LINE, NULL},
    {"nothing", "", NULL},
    {"JSON", "{\"log\":\"" LINE "\"}", LINE},
    {"no JSON", "{\"log\"", NULL},
    {"a sequence of JSON", "\x1e{\"log\":\"" LINE "\"}", LINE},
    {"a sequence of something else", "\x1e" LINE, NULL},
    {"a sequence of nothing", "\x1e", NULL},
    {"one colour", "\x1b[32m" LINE "\x1b[0m", LINE},
    {"grep's", "\x1b[35m\x1b[Kmail.log\x1b[m\x1b[K:" LINE, "mail.log:" LINE},
    {"compose's", "\x1b[36msmtp-1  | \x1b[0m" LINE, "smtp-1  | " LINE},
    {"stern's", "\x1b[38;5;2mpostfix-0\x1b[0m \x1b[38;5;3mpostfix\x1b[0m " LINE,
     "postfix-0 postfix " LINE},
    {"cut", "\x1b[1mA\x1b[1;3", "A\x1b[1;3"},
    {"no colour", "\x1b]0;title\x07" LINE, NULL},
    {"not at the beginning", "Nov 24 03:47:12 \x1b[1mmx1\x1b[0m postfix/qmgr[1]: A: removed", NULL},
    {"a table", "\"" LINE "\"", LINE},
    {"a table with a time", "\"2026-11-24T03:47:12+0000\",\"" LINE "\",mx1", LINE},
    {"quotes in it", "\"Nov 24 03:47:12 mx1 x: from=<\"\"a,\"\"@b>\",",
     "Nov 24 03:47:12 mx1 x: from=<\"a,\"@b>"},
    {"no date in it", "\"he wrote " LINE "\"", NULL},
    {"not closed", "\"" LINE, NULL},
    {"closed within", "\"" LINE "\" and more", NULL},
    {"too late in it", "\"a\",\"b\",\"" LINE "\"", NULL},
    {"a quote", "\"", NULL},
    {"a mark", "\xef\xbb\xbf" LINE, LINE},
    {"a mark and more", "\xef\xbb\xbf{\"log\":\"" LINE "\"}", LINE},
    {"half a mark", "\xef\xbb" LINE, NULL},
    {"a mark in it", LINE "\xef\xbb\xbf", NULL},
    {"Graylog", "\"2026-11-24T03:47:12.000Z\",\"mx1\",\"postfix/qmgr[1]: A: \"\"x\"\"\"",
     "2026-11-24T03:47:12.000Z mx1 postfix/qmgr[1]: A: \"x\""},
    {"its head", "\"timestamp\",\"source\",\"message\"", NULL},
    {"no host", "\"2026-11-24T03:47:12.000Z\",\"he wrote\",\"postfix/qmgr[1]: A\"", NULL},
    {"more than a time", "\"x 2026-11-24T03:47:12.000Z\",\"mx1\",\"postfix/qmgr[1]: A\"", NULL},
    {"more than a text", "\"2026-11-24T03:47:12.000Z\",\"mx1\",\"postfix/qmgr[1]: A\",\"b\"", NULL},
    {"CloudWatch", "1795492032000,\"" LINE ", \"\"x\"\"\"", LINE ", \"x\""},
    {"Logs Insights", "2026-11-24 03:47:12.000,\"" LINE "\"", LINE},
    {"no time before it", "1,2,\"" LINE "\"", NULL},
    {"no line in it", "1795492032000,\"he wrote " LINE "\"", NULL},
    {"a record that ends in a quote", LINE " said \"x\"", NULL},
    {"Fluentd", "2026-11-24T03:47:12+00:00\tmail\t{\"ident\":\"a\",\"message\":\"b\"}",
     "2026-11-24T03:47:12+00:00 - a: b"},
    {"Fluentd, of a container", "2026-11-24T03:47:12+00:00\tmail\t{\"log\":\"" LINE "\"}", LINE},
    {"Fluentd, of an application",
     "2026-11-24T03:47:12+00:00\tmail\t{\"message\":\"postfix/qmgr[1]: A\"}", NULL},
    {"Fluent Bit", "[0] tail.0: [[1795492032.185246, {}], {\"log\"=>\"" LINE "\"}]", LINE},
    {"Fluent Bit's older form", "[12] mail: [1795492032, {\"log\"=>\"" LINE "\"}]", LINE},
    {"quotes that Fluent Bit didn't escape",
     "[0] a: [1795492032.1, {\"log\"=>\"" LINE " (said \"x\"}] \"y\")\"}]",
     LINE " (said \"x\"}] \"y\")"},
    {"fields before the line", "[0] a: [1795492032.1, {\"b\"=>\"c\", \"log\"=>\"" LINE "\"}]",
     NULL},
    {"a word in Fluent Bit", "[0] a: [1795492032.1, {\"log\"=>\"he wrote " LINE "\"}]", NULL},
    {"a pod's name", "[pod/postfix-0/postfix] " LINE "]", NULL},
    {"brackets", "[0] a: [1, ]", NULL},
    {"a record that ends in a brace", "2026-11-24T03:47:12+00:00 mx1 a: \t{\"log\":\"" LINE "\"}",
     NULL},
    {"two words before a brace", "2026-11-24T03:47:12+00:00\the wrote\t{\"log\":\"" LINE "\"}",
     NULL},
};

START_TEST(a_line_is_unwrapped)
{
    static char buf[4096], got[4096];
    size_t len = strlen(rows[_i].line);
    char *copy = malloc(len + 1); /* of the line's own length, so that one byte too far is seen */
    memcpy(copy, rows[_i].line, len);
    struct span line = span_of(copy, len), plain = syslog_unwrap(line, buf, sizeof(buf));

    ck_assert((plain.at == line.at) == !rows[_i].want); /* what is new is in the buffer */
    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(plain));
    want_text(rows[_i].name, got, rows[_i].want ? rows[_i].want : rows[_i].line);
    free(copy);
}
END_TEST

START_TEST(a_small_buffer_is_enough_or_changes_nothing)
{
    char buf[64];

    for (size_t size = 0; size < sizeof(buf); size++) {
        struct span line = span_str(rows[_i].line), plain = syslog_unwrap(line, buf, size);
        ck_assert(plain.at == line.at || (plain.at == buf && plain.len <= size));
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("syslog_unwrap");

    ADD_ROWS(tc, a_line_is_unwrapped, rows);
    ADD_ROWS(tc, a_small_buffer_is_enough_or_changes_nothing, rows);
    return run_suite("syslog_unwrap", tc);
}
