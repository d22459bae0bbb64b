/* SPDX-License-Identifier: MIT */
#include "parse/log_form.h"
#include "rows.h"

#define RECORD "4FBFE15E604A: removed"
#define LINE   "Nov 24 03:47:12 mx1 postfix/qmgr[812]: " RECORD

static const struct {
    const char *name;
    struct span head;
    const char *is; /* NULL: unknown */
} rows[] = {
    {"a log", SPAN(LINE "\n"), NULL},
    {"nothing", SPAN(""), NULL},
    {"words", SPAN("the quick brown fox\njumps\n"), NULL},
    {"xz",
     SPAN("\xfd"
          "7zXZ\0\0"),
     "compressed with xz"},
    {"bzip2", SPAN("BZh91AY&SY"), "compressed with bzip2"},
    {"zip", SPAN("PK\x03\x04\x14"), "a zip archive"},
    {"a journal", SPAN("LPKSHHRH\0\0"), "a journal"},
    {"UTF-16", SPAN("\xff\xfeN\0o\0v\0"), "UTF-16, as Windows PowerShell's > writes it"},
    {"UTF-16, from Unix", SPAN("\xfe\xff\0N\0o\0v"), "UTF-16"},
    {"UTF-16 without its mark",
     SPAN("N\0o\0v\0 \0002\0004\0 \0000\0003\0:\0004\0007\0:\0001\0002\0 \0m\0x\0001\0 \0p\0o\0s\0"
          "t\0f\0i\0x\0/\0q\0m\0g\0r\0[\0008\0001\0002\0]\0"),
     "UTF-16, as Windows PowerShell's > writes it"},
    {"two letters and zeros", SPAN("N\0o\0"), NULL},
    {"json-pretty",
     SPAN("{\n\t\"__CURSOR\" : \"s=1\",\n\t\"__REALTIME_TIMESTAMP\" : \"1795492032185246\"\n}\n"),
     "the output of journalctl -o json-pretty"},
    {"jq's", SPAN("{\n  \"log\": \"" LINE "\"\n}\n"), "JSON over several lines"},
    {"gcloud's", SPAN("[\n  {\n    \"insertId\": \"x\"\n  }\n]\n"), "an array of JSON"},
    {"one line of them", SPAN("[{\"log\":\"" LINE "\"}]"), "an array of JSON"},
    {"aws's", SPAN("{\n    \"events\": [\n        {\n"), "an array of JSON in another object"},
    {"an object of something else", SPAN("{\"a\":1}\n{\"a\":1}\n"), NULL},
    {"a brace", SPAN("{\n}\n"), NULL},
    {"export", SPAN("__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795492032185246\n"),
     "the output of journalctl -o export"},
    {"verbose",
     SPAN("Tue 2026-11-24 03:47:12.185246 UTC [s=dcf;i=1]\n    PRIORITY=6\n    _HOSTNAME=mx1\n"),
     "the output of journalctl -o verbose"},
    {"a word with a =", SPAN("    he wrote x=y\n"), NULL},
    {"short-monotonic", SPAN("-- Boot 5c1e77a0b9d2 --\n[  123.456789] mx1 postfix/qmgr[8]: x\n"),
     "the output of journalctl -o short-monotonic, which counts seconds since the boot and has no "
     "date"},
    {"short-delta, the first", SPAN("[  123.456789                ] mx1 postfix/qmgr[8]: x\n"),
     "the output of journalctl -o short-delta, which counts seconds since the boot and has no "
     "date"},
    {"short-delta, later", SPAN("[  123.456789 <    1.234567 >] mx1 postfix/qmgr[8]: x\n"),
     "the output of journalctl -o short-delta, which counts seconds since the boot and has no "
     "date"},
    {"short-delta, after a boot", SPAN("[  123.456789 <    1.000000*>] mx1 postfix/qmgr[8]: x\n"),
     "the output of journalctl -o short-delta, which counts seconds since the boot and has no "
     "date"},
    {"numbers in brackets", SPAN("[12] y\n[1.5 x\n[x.5] y\n[1.5    x\n"), NULL},
    {"cat", SPAN("\n" RECORD "\n"),
     "a log without dates and programs, like the output of journalctl -o cat"},
    {"cat, of connections", SPAN("connect from unknown[192.0.2.1]\n"),
     "a log without dates and programs, like the output of journalctl -o cat"},
    {"a page", SPAN("<!DOCTYPE html>\n<html>"), "a page of HTML"},
};

START_TEST(a_form_is_named)
{
    const struct log_form *form = log_form_of(rows[_i].head);

    want_text(rows[_i].name, form ? form->is : "", rows[_i].is ? rows[_i].is : "");
    ck_assert(!form || !form->filter != !form->instead);
}
END_TEST

/* The sanitizer says where more is read. */
START_TEST(any_part_of_a_log_is_safe)
{
    for (size_t len = 0; len <= rows[_i].head.len; len++) {
        char *copy = malloc(len ? len : 1);
        memcpy(copy, rows[_i].head.at, len);
        log_form_of(span_of(copy, len));
        free(copy);
    }
}
END_TEST

static const struct {
    const char *name, *head;
    bool escaped;
} logs[] = {
    {"a log", "Nov 24 03:47:12 mx1 postfix/qmgr[1]: A: from=<a@b>, size=1\n", false},
    {"escaped", "Nov 24 03:47:12 mx1 postfix/qmgr[1]: A: from=&lt;a@b&gt;, size=1\n", true},
    {"one of many", "x\nNov 24 03:47:12 mx1 postfix/smtp[1]: A: to=&lt;a@b&gt;, relay=none\n",
     true},
    {"a stranger's words",
     "Nov 24 03:47:12 mx1 postfix/cleanup[1]: A: message-id=<: to=&lt;a@b&gt;>\n", false},
    {"other words", "Nov 24 03:47:12 mx1 a: 1 &lt; 2\n", false},
    {"nothing", "", false},
};

START_TEST(an_escaped_log_is_known)
{
    want_number(logs[_i].name, log_form_of_lines(span_str(logs[_i].head)) != NULL,
                logs[_i].escaped);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("log_form");

    ADD_ROWS(tc, a_form_is_named, rows);
    ADD_ROWS(tc, any_part_of_a_log_is_safe, rows);
    ADD_ROWS(tc, an_escaped_log_is_known, logs);
    return run_suite("log_form", tc);
}
