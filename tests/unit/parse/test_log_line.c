/* SPDX-License-Identifier: MIT */
/* What a line says by itself; tests/corpus/lines.txt has the headers and records. */
#include "parse/log_line.h"

#include "base/hash.h"
#include "rows.h"

#include <stdio.h>

enum { SEED = 7 };
static struct log_line_parser parser;

static void begin(void)
{
    log_line_parser_init(&parser, NULL, NULL, ADDRESS_FORM_UNKNOWN, SEED);
}

#define HEAD "2026-11-24T03:00:00Z mx1 "

static const struct {
    const char *name, *text;
    enum log_line_kind kind;
} kinds[] = {
    {"nothing", "", LOG_LINE_EMPTY},
    {"a carriage return", "\r", LOG_LINE_EMPTY},
    {"a sentence", "the quick brown fox", LOG_LINE_NO_SYSLOG},
    {"another program", HEAD "dovecot[1]: 4FBFE15E604A: removed", LOG_LINE_OTHER},
    {"Postfix", HEAD "postfix/qmgr[1]: 4FBFE15E604A: removed", LOG_LINE_POSTFIX},
    /* RSYSLOG_SyslogProtocol23Format of rsyslog 8.2302 */
    {"a cut tag",
     "<22>1 2026-11-28T13:37:00.219776+00:00 mx1 postfix 812 - -  4FBFE15E604A: removed",
     LOG_LINE_NO_PROGRAM},
    {"a cut tag of an instance",
     "<22>1 2026-11-28T13:37:00Z mx1 postfix-out 812 - -  4FBFE15E604A: x", LOG_LINE_NO_PROGRAM},
    {"a cut tag of no message", "<22>1 2026-11-28T13:37:00Z mx1 postfix 812 - -  connect from x",
     LOG_LINE_OTHER},
    {"another name that begins so", HEAD "postfixadmin[1]: 4FBFE15E604A: x", LOG_LINE_OTHER},
    {"a cut tag as in RFC 3164", HEAD "postfix[1]: 4FBFE15E604A: removed", LOG_LINE_NO_PROGRAM},
};

START_TEST(line_is)
{
    struct log_line line;

    for (int i = 0; i < 2; i++) { /* what it remembers of the last line must not matter */
        log_line_parse(&parser, span_str(kinds[_i].text), &line);
        want_number(kinds[_i].name, line.kind, kinds[_i].kind);
    }
    if (line.kind == LOG_LINE_POSTFIX) {
        want_number("program", line.record.program, PROGRAM_QMGR);
        want_number("record", line.record.type, RECORD_REMOVED);
        want_number("process", line.record.pid, 1);
    }
}
END_TEST

START_TEST(what_surrounds_a_line)
{
    static const char record[] = HEAD "postfix/qmgr[1]: 4FBFE15E604A: removed";
    char *text = calloc(1, LOG_LINE_MAX + 100);
    struct log_line line;

    memcpy(text + 50, record, sizeof(record) - 1);
    log_line_parse(&parser, span_of(text, 50 + sizeof(record) - 1), &line);
    want_number("zeros before it", line.record.type, RECORD_REMOVED);
    memset(text, 0, 50);
    log_line_parse(&parser, span_of(text, 50), &line);
    want_number("nothing but zeros", line.kind, LOG_LINE_EMPTY);
    memset(text, 'x', LOG_LINE_MAX + 100);
    log_line_parse(&parser, span_of(text, LOG_LINE_MAX + 100), &line);
    want_number("length", (int64_t)line.text.len, LOG_LINE_MAX);
    free(text);
}
END_TEST

START_TEST(entry_is_a_line_without_text)
{
    struct syslog_header header = {
        .host = SPAN("mx1"),
        .tag = SPAN("postfix/relay/smtp"),
        .text = SPAN("4FBFE15E604A: to=<a@b>, relay=none, delay=1, dsn=4.0.0, "
                     "status=deferred (x)"),
        .pid = 7,
        .prefix = -1};
    struct log_line line;

    log_line_parse_entry(&parser, &header, &line);
    want_number("kind", line.kind, LOG_LINE_POSTFIX);
    want_number("text", (int64_t)line.text.len, 0);
    want_number("process", line.record.pid, 7);
    want_number("by relay", line.record.by_relay_service, true);
    log_line_read_as(&line, ADDRESS_FORM_INTERNAL, SEED);
    want_number("by relay still", line.record.by_relay_service, true);
    want_number("hash", line.hash.text == hash_nocase(SPAN("a@b"), SEED), true);
    want_number("form", line.form, ADDRESS_FORM_INTERNAL);
    header.host = SPAN_NONE;
    log_line_parse_entry(&parser, &header, &line);
    want_number("without a host", line.kind, LOG_LINE_NO_SYSLOG);
}
END_TEST

static const struct {
    const char *name, *version;
    enum address_form configured, want; /* want: how the next line is read */
} versions[] = {
    {"3.4", "3.4.14", ADDRESS_FORM_UNKNOWN, ADDRESS_FORM_INTERNAL},
    {"3.5", "3.5.0", ADDRESS_FORM_UNKNOWN, ADDRESS_FORM_EXTERNAL},
    {"3.12", "3.12-20260821", ADDRESS_FORM_UNKNOWN, ADDRESS_FORM_EXTERNAL},
    {"2.3", "2.3.3", ADDRESS_FORM_UNKNOWN, ADDRESS_FORM_INTERNAL},
    {"none", "x", ADDRESS_FORM_UNKNOWN, ADDRESS_FORM_UNKNOWN},
    {"told", "3.4.14", ADDRESS_FORM_EXTERNAL, ADDRESS_FORM_EXTERNAL},
};

START_TEST(form_follows_the_version)
{
    char text[256];
    struct log_line line;

    log_line_parser_init(&parser, NULL, NULL, versions[_i].configured, SEED);
    snprintf(text, sizeof(text),
             HEAD "postfix/master[1]: daemon started -- version %s, "
                  "configuration /etc/postfix",
             versions[_i].version);
    log_line_parse(&parser, span_str(text), &line);
    want_number(versions[_i].name, line.record.type, RECORD_VERSION);
    log_line_parse(&parser, SPAN(HEAD "postfix/qmgr[1]: 4FBFE15E604A: removed"), &line);
    want_number(versions[_i].name, line.form, versions[_i].want);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("line");

    tcase_add_checked_fixture(tc, begin, NULL);
    ADD_ROWS(tc, line_is, kinds);
    tcase_add_test(tc, what_surrounds_a_line);
    tcase_add_test(tc, entry_is_a_line_without_text);
    ADD_ROWS(tc, form_follows_the_version, versions);
    return run_suite("line", tc);
}
