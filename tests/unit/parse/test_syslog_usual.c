/* SPDX-License-Identifier: MIT */
/* The short way to a header gives what the long way gives, or nothing. */
#include "parse/syslog_usual.h"

#include "rows.h"

static struct syslog_prefix prefixes[SYSLOG_PREFIXES];
static struct syslog_clock clock;

static void begin(void)
{
    memset(prefixes, 0, sizeof(prefixes));
    clock = (struct syslog_clock){
        .reference = 1795489200 * US_PER_S, .last = WHEN_UNKNOWN, .prefix = prefixes};
}

#define TEXT "4FBFE15E604A: removed, or what else"

static const struct {
    const char *name, *line;
    bool usual; /* once it has been seen */
} lines[] = {
    {"as most", "Nov 24 03:00:00 mx1 postfix/smtpd[12345]: " TEXT, true},
    {"short names", "Nov 24 03:00:00 a dovecot[1]: " TEXT, true},
    {"eight bytes before the process", "Nov 24 03:00:00 mx1 spam[1234567]: " TEXT, true},
    {"seven bytes", "Nov 24 03:00:00 mx1 spa[1234567]: " TEXT, false},
    {"31 bytes", "Nov 24 03:00:00 mx1.example.org postfix/cleanup[1]: " TEXT, true},
    {"32 bytes", "Nov 24 03:00:00 mail.example.org postfix/cleanup[1]: " TEXT, false},
    {"eight digits", "Nov 24 03:00:00 mx1 postfix/smtpd[12345678]: " TEXT, false},
    {"no process", "Nov 24 03:00:00 mx1 postfix/smtpd: " TEXT, false},
    {"no blank", "Nov 24 03:00:00 mx1 postfix/smtpd[1]:" TEXT, false},
    {"repeated", "Nov 24 03:00:00 mx1 postfix/smtpd[1]: message repeated 2 times: [ " TEXT "]",
     false},
    {"Solaris", "Nov 24 03:00:00 mx1 postfix/smtpd[1]: [ID 197553 mail.info] " TEXT, false},
    {"a blank at its end", "Nov 24 03:00:00 mx1 postfix/smtpd[1]: " TEXT " ", false},
    {"a carriage return", "Nov 24 03:00:00 mx1 postfix/smtpd[1]: " TEXT "\r", false},
    {"a day of one digit", "Nov 4 03:00:00 mx1 postfix/smtpd[1]: " TEXT, true},
    {"a fraction", "Nov 24 03:00:00.5 mx1 postfix/smtpd[1]: " TEXT, true},
    {"RFC 3339", "2026-11-24T03:00:00Z mx1 postfix/smtpd[1]: " TEXT, true},
    {"RFC 3339 as rsyslog has it", "2026-11-24T03:00:00.123456+01:00 mx1 postfix/smtpd[1]: " TEXT,
     true},
    {"RFC 3339, a long fraction", "2026-11-24T03:00:00.1234567Z mx1 postfix/smtpd[1]: " TEXT, true},
    {"RFC 3339, local", "2026-11-24T03:00:00.123 mx1 postfix/smtpd[1]: " TEXT, true},
    {"RFC 3339, a host of digits", "2026-11-24T03:00:00Z 4mx postfix/smtpd[1]: " TEXT, false},
    {"RFC 3339 before a container's", "2026-11-24T03:00:00Z Nov 24 03:00:00 mx1 smtpd[1]: " TEXT,
     false},
    {"a container", "Nov 24 03:00:00 mx1 dockerd[1]: Nov 24 03:00:00 x postfix/smtpd[1]: x", false},
};

static bool header_equal(const struct syslog_header *a, const struct syslog_header *b)
{
    return a->when == b->when && a->pid == b->pid && a->prefix == b->prefix &&
           a->prefix_new == b->prefix_new && a->host.at == b->host.at &&
           a->host.len == b->host.len && a->tag.at == b->tag.at && a->tag.len == b->tag.len &&
           a->text.at == b->text.at && a->text.len == b->text.len;
}

/* True if it is usual; then both ways agree. */
static bool ask(struct span line)
{
    struct syslog_header quick, full;
    struct syslog_usual usual;
    bool found = syslog_usual_find(&clock, line, &usual);

    if (found) {
        want_number("last", clock.last, usual.when);
        syslog_usual_header(&clock, line, &usual, &quick);
    }
    bool parsed = syslog_header_parse(&clock, line, &full);
    ck_assert_msg(!found || (parsed && header_equal(&quick, &full)), "%.*s: got another header",
                  (int)line.len, line.at);
    return found;
}

START_TEST(line_is_usual)
{
    want_number("before", ask(span_str(lines[_i].line)), false);
    want_number(lines[_i].name, ask(span_str(lines[_i].line)), lines[_i].usual);
}
END_TEST

/* In a buffer of just its length, where the sanitizer sees what is read behind it. */
static void ask_exactly(const char *line, size_t len)
{
    char *copy = malloc(len + 1);

    memcpy(copy + 1, line, len);
    ask(span_of(copy + 1, len));
    free(copy);
}

/* Loki's end where their quotes do: behind what would be a host and a tag. */
START_TEST(labels_are_no_host_to_remember)
{
    static const char *const two[] = {
        "2026-11-24T03:00:00Z {x=\"} postfix/smtpd[1]: " TEXT,
        "2026-11-24T03:00:00Z {x=\"} postfix/smtpd[1]: x\"} mx1 postfix/qmgr[2]: " TEXT};

    for (int i = 0; i < 4; i++)
        ck_assert(!ask(span_str(two[i % 2])));
}
END_TEST

START_TEST(broken_lines_are_read_as_ever)
{
    static const char bytes[] = "\0 \t\n09:[]amz{\x7f\x80\xff";
    char text[256];

    for (size_t i = 0; i <= strlen(lines[_i].line); i++) {
        for (size_t b = 0; b < sizeof(bytes); b++) {
            size_t len = strlen(lines[_i].line);
            ask(span_str(lines[_i].line));
            memcpy(text, lines[_i].line, len + 1);
            text[i] = bytes[b];
            ask_exactly(text, len);
            memmove(text + i + 1, lines[_i].line + i, len - i);
            ask_exactly(text, len + 1);
        }
        ask_exactly(lines[_i].line, i);
        ask_exactly(lines[_i].line + i, strlen(lines[_i].line + i));
    }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("syslog_usual");

    tcase_add_checked_fixture(tc, begin, NULL);
    ADD_ROWS(tc, line_is_usual, lines);
    tcase_add_test(tc, labels_are_no_host_to_remember);
    ADD_ROWS(tc, broken_lines_are_read_as_ever, lines);
    return run_suite("syslog_usual", tc);
}
