/* SPDX-License-Identifier: MIT */
#include "parse/syslog_wrap.h"
#include "rows.h"

#include <stdio.h>

static const struct {
    const char *tag;
    bool wraps;
} tags[] = {
    {"docker", true},
    {"docker/mail", true},
    {"dockerd", true},
    {"podman", true},
    {"conmon", true},
    {"5c1e77a0b9d2", true},
    {"dovecot", false},
    {"mail", true},
    {"5c1e77a0b9d", false},
    {"5c1e77a0b9dg", false},
    {"", false},
    {"postfix/qmgr", false},
    {"postfix-mailcow-1", true},
    {"systemd-mailserver", true},
    {"docker-compose", true},
};

START_TEST(only_a_runtime_wraps)
{
    want_number(tags[_i].tag, syslog_wrap_tag(span_str(tags[_i].tag)), tags[_i].wraps);
}
END_TEST

static const struct {
    const char *name;
    bool (*skip)(struct span *s);
    const char *text, *rest;
} parts[] = {
    {"compose", syslog_wrap_skip_container, "smtp_1  | Nov 24", "Nov 24"},
    {"kubectl", syslog_wrap_skip_container, "[pod/postfix-0/postfix] Nov 24", "Nov 24"},
    {"neither", syslog_wrap_skip_container, "Nov 24 03:47:12 mx1", NULL},
    {"a stream", syslog_wrap_skip_stream, "stdout F Nov 24", "Nov 24"},
    {"a part of a line", syslog_wrap_skip_stream, "stdout P Nov 24", NULL},
    {"a priority", syslog_wrap_skip_priority, "mail.info postfix", "postfix"},
    {"socklog's priority", syslog_wrap_skip_socklog, "mail.info: Nov 24", "Nov 24"},
    {"no colon", syslog_wrap_skip_socklog, "mail.info Nov 24", NULL},
    {"a word", syslog_wrap_skip_socklog, "mail: Nov 24", NULL},
    {"blanks", syslog_wrap_skip_other, " \t Nov 24", "Nov 24"},
    {"a file", syslog_wrap_skip_other, "/var/log/mail.log:Nov 24", "Nov 24"},
    {"a file and a line", syslog_wrap_skip_other, "mail.log.2.gz:17:Nov 24", "Nov 24"},
    {"words", syslog_wrap_skip_other, "he wrote:Nov 24", NULL},
    {"grep's context", syslog_wrap_skip_other, "mail.log-1-Nov 24 03:47:12 mx1",
     "Nov 24 03:47:12 mx1"},
    {"its line's number", syslog_wrap_skip_other, "17-Nov 24 03:47:12 mx1", "Nov 24 03:47:12 mx1"},
    {"no date", syslog_wrap_skip_other, "mail.log-x mx1", NULL},
    {"cat -n", syslog_wrap_skip_other, "    17\tNov 24", "Nov 24"},
    {"less -N", syslog_wrap_skip_other, "     17 Nov 24", "Nov 24"},
    {"a column", syslog_wrap_skip_other, "1795492032185,Nov 24 03:47:12 mx1",
     "Nov 24 03:47:12 mx1"},
    {"columns", syslog_wrap_skip_other, "2026-11-24 03:47:12\tMail.Info\tmx1\tNov 24 03:47:12 mx1",
     "Nov 24 03:47:12 mx1"},
    {"a column of words", syslog_wrap_skip_other,
     "2026-11-24 03:47:12\ta b\tmx1\tNov 24 03:47:12 a", NULL},
    {"columns without a date", syslog_wrap_skip_other, "2026-11-24 03:47:12\ta\tmx1\tx", NULL},
    {"stern", syslog_wrap_skip_other, "pod-0 postfix Nov 24 03:47:12 mx1", "Nov 24 03:47:12 mx1"},
    {"stern with namespaces", syslog_wrap_skip_other, "mail pod-0 postfix Nov 24 03:47:12 mx1",
     "Nov 24 03:47:12 mx1"},
    {"no pod", syslog_wrap_skip_other, "pod postfix Nov 24 03:47:12 mx1", NULL},
    {"no names", syslog_wrap_skip_other, "Pod-0 postfix Nov 24 03:47:12 mx1", NULL},
    {"labels", syslog_wrap_skip_stream_name, "{a=\"\\\"} b\", c=\"d\"}   Nov 24", "Nov 24"},
    {"labels that don't end", syslog_wrap_skip_stream_name, "{a=\"} Nov 24", NULL},
    {"a log stream", syslog_wrap_skip_stream_name, "mail/a Nov 24 03:47:12 mx1",
     "Nov 24 03:47:12 mx1"},
    {"a host", syslog_wrap_skip_stream_name, "mx1 postfix/qmgr[1]: x", NULL},
    {"AIX's priority", syslog_wrap_skip_aix, "auth|security:notice su: x", "su: x"},
    {"a tag of AIX's", syslog_wrap_skip_aix, "mail:information x", NULL},
    {"a tag and a text", syslog_wrap_skip_aix, "mail: info x", NULL},
    {"no priority", syslog_wrap_skip_priority, "mx1 postfix", NULL},
};

START_TEST(a_part_is_cut_off)
{
    struct span s = span_str(parts[_i].text);
    bool skipped = parts[_i].skip(&s);
    char got[64];

    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(s));
    want_number(parts[_i].name, skipped, parts[_i].rest != NULL);
    want_text(parts[_i].name, got, parts[_i].rest ? parts[_i].rest : parts[_i].text);
}
END_TEST

static const struct {
    const char *text, *want; /* NULL: as it is */
} texts[] = {
    {"message repeated 3 times: [ A: removed]", "A: removed"},
    {"message repeated 3 times: [ [ID 197553 mail.info] A: removed]", "A: removed"},
    {"[ID 197553 mail.info] A: removed", "A: removed"},
    {"message repeated often: [ A: removed]", NULL},
    {"[ID 197553 mail.info]A: removed", NULL},
    {"[ID 197553", NULL},
    {"A: message repeated 3 times: [ x]", NULL},
    {"", NULL},
};

START_TEST(a_text_within_another_is_found)
{
    struct span text = syslog_wrap_within(span_str(texts[_i].text));
    char got[64];

    snprintf(got, sizeof(got), "%.*s", SPAN_ARG(text));
    want_text(texts[_i].text, got, texts[_i].want ? texts[_i].want : texts[_i].text);
}
END_TEST

static const struct {
    const char *word;
    bool may_be_host;
} hosts[] = {
    {"relay", true},         {"192.0.2.7", true},
    {"[2001:db8::7]", true}, {"s_net@mx1/Relay-2", true},
    {"{job=\"x\"}", false},  {"a,b", false},
    {"<22>", false},         {"", false},
};

static const struct {
    const char *text, *host, *rest;
} forwarded[] = {
    {"Message forwarded from mx1: postfix/qmgr[1]: x", "mx1", "postfix/qmgr[1]: x"},
    {"Message forwarded from mx1 postfix/qmgr[1]: x", NULL, NULL},
    {"Message forwarded from : postfix/qmgr[1]: x", NULL, NULL},
    {"Message forwarded from a,b: postfix/qmgr[1]: x", NULL, NULL},
    {"Message forwarded from mx1:", NULL, NULL},
    {"Message", NULL, NULL},
};

START_TEST(a_forwarded_line_names_its_host)
{
    struct span s = span_str(forwarded[_i].text), host = SPAN_NONE;

    want_number(forwarded[_i].text, syslog_wrap_take_forwarded(&s, &host), !!forwarded[_i].host);
    if (forwarded[_i].host)
        ck_assert(span_equal(host, span_str(forwarded[_i].host)) &&
                  span_equal(s, span_str(forwarded[_i].rest)));
    else
        ck_assert(span_equal(s, span_str(forwarded[_i].text)));
}
END_TEST

START_TEST(only_a_name_or_address_is_a_host)
{
    want_number(hosts[_i].word, syslog_wrap_is_host(span_str(hosts[_i].word)),
                hosts[_i].may_be_host);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("syslog_wrap");

    ADD_ROWS(tc, only_a_runtime_wraps, tags);
    ADD_ROWS(tc, a_part_is_cut_off, parts);
    ADD_ROWS(tc, a_text_within_another_is_found, texts);
    ADD_ROWS(tc, a_forwarded_line_names_its_host, forwarded);
    ADD_ROWS(tc, only_a_name_or_address_is_a_host, hosts);
    return run_suite("syslog_wrap", tc);
}
