/* SPDX-License-Identifier: MIT */
#include "report/shell_quote.h"

#include "rows.h"
#include "shell.h"

static const struct {
    const char *text, *want;
} rows[] = {
    {"", "''"},
    {"bob@example.net", "'bob@example.net'"},
    {"two words", "'two words'"},
    {"o'hara", "'o'\\''hara'"},
    {"'", "''\\'''"},
    {"-rf", "'-rf'"},
    {"$(touch x)`touch y`;touch z|&>*?!~#\\\"", "'$(touch x)`touch y`;touch z|&>*?!~#\\\"'"},
    {"%s\\n", "'%s\\n'"},
    {"m\xc3\xbcller", "\"$(printf 'm\\303\\274ller')\""},
    {"\xff'%$\\", "\"$(printf '\\377\\047\\045\\044\\134')\""},
};

START_TEST(text_becomes_one_word)
{
    struct buf buf = buf_new(1024);

    ck_assert(shell_quote(&buf, span_str(rows[_i].text)));
    want_text(rows[_i].text, buf.at, rows[_i].want);
    buf_done(&buf);
}
END_TEST

/* The shell hands on what was written, byte for byte. */
START_TEST(a_shell_reads_it_back)
{
    struct buf script = buf_new(1024);
    char got[256];

    buf_add_str(&script, "show() { printf '%s:%s' \"$#\" \"$1\"; }; show ");
    ck_assert(shell_quote(&script, span_str(rows[_i].text)));
    char want[256];
    snprintf(want, sizeof(want), "1:%s", rows[_i].text);
    shell_run(script.at, got, sizeof(got));
    want_text(rows[_i].text, got, want);
    buf_done(&script);
}
END_TEST

/* A line break would run what follows it; an escape shows something else than what is there. */
static const struct span controls[] = {
    {"a\nb", 3}, {"\n", 1}, {"a\0b", 3}, {"\x1b[2K", 4}, {"a\rb", 3}, {"a\tb", 3}, {"\x7f", 1},
};

static const struct {
    const char *text, *want;
} words[] = {
    {"", "''"},
    {"/var/log/mail.log-20240506", "/var/log/mail.log-20240506"},
    {"a@b+c,d:e_F9", "a@b+c,d:e_F9"},
    {"-rf", "'-rf'"},
    {"~root", "'~root'"},
    {"a b", "'a b'"},
    {"a=b", "'a=b'"},
    {"{a,b}", "'{a,b}'"},
    {"a$b", "'a$b'"},
    {"/var/log/*", "'/var/log/*'"},
    {"m\xc3\xbc", "\"$(printf 'm\\303\\274')\""},
};

START_TEST(plain_words_stay_as_they_are)
{
    struct buf buf = buf_new(1024);

    ck_assert(shell_word(&buf, span_str(words[_i].text)));
    want_text(words[_i].text, buf.at, words[_i].want);
    buf_done(&buf);
}
END_TEST

START_TEST(control_characters_are_refused)
{
    struct buf buf = buf_new(1024);

    ck_assert_msg(!shell_quote(&buf, controls[_i]), "%d: quoted", _i);
    ck_assert_msg(!shell_word(&buf, controls[_i]), "%d: a word", _i);
    want_number("bytes", (int64_t)buf.len, 0);
    buf_done(&buf);
}
END_TEST

static const struct {
    const char *name;
    bool is_host;
} hosts[] = {
    {"mx1", true},
    {"MX-1.example.net", true},
    {"mail_3", true},
    {"10.0.0.1", true},
    {"2001:db8::1", true},
    {"", false},
    {"-oProxyCommand=x", false},
    {"-l", false},
    {".", false},
    {"_mx", false},
    {"a b", false},
    {"root@mx1", false},
    {"ssh://mx1", false},
    {"a;b", false},
    {"$h", false},
    {"m\xc3\xbc", false},
    {"a\nb", false},
};

START_TEST(only_names_that_ssh_takes_for_hosts)
{
    want_number(hosts[_i].name, shell_is_host(span_str(hosts[_i].name)), hosts[_i].is_host);
}
END_TEST

START_TEST(no_host_has_a_longer_name)
{
    char name[256];

    memset(name, 'a', sizeof(name));
    want_number("253", shell_is_host(span_of(name, 253)), true);
    want_number("254", shell_is_host(span_of(name, 254)), false);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("shell_quote");

    ADD_ROWS(tc, text_becomes_one_word, rows);
    ADD_ROWS(tc, a_shell_reads_it_back, rows);
    ADD_ROWS(tc, plain_words_stay_as_they_are, words);
    ADD_ROWS(tc, control_characters_are_refused, controls);
    ADD_ROWS(tc, only_names_that_ssh_takes_for_hosts, hosts);
    tcase_add_test(tc, no_host_has_a_longer_name);
    return run_suite("shell_quote", tc);
}
