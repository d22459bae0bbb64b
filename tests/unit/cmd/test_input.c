/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "common/complain.h"
#include "cmd/judge_input.h"
#include "pipeline_run.h"
#include "whole_file.h"

static struct settings settings;
static char dir[64], name[2][80], complaint[256];

/* Instead of the daemon's, to look at it. */
void complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(complaint, sizeof(complaint), format, args);
    va_end(args);
}

static void setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/relaywatch-input-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    for (int i = 0; i < 2; i++)
        snprintf(name[i], sizeof(name[i]), "%s/part%d", dir, i);
}

static void teardown(void)
{
    for (int i = 0; i < 2; i++)
        unlink(name[i]);
    rmdir(dir);
}

/* Of 2018, as its dates without a year. */
static void write_part(int part, struct span text)
{
    const struct timespec then[2] = {{.tv_sec = 1537704000}, {.tv_sec = 1537704000}};
    int fd = open(name[part], O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text.at, text.len), (ssize_t)text.len);
    ck_assert_int_eq(futimens(fd, then), 0);
    close(fd);
}

/* All that comes of it: for free(). */
static char *outcome_of(int files, bool second_first)
{
    char *names[2] = {name[second_first], name[!second_first]};
    struct input *input = NULL;
    struct run run;

    complaint[0] = '\0';
    run_begin(&run, &settings, NULL);
    ck_assert_msg(input_open(names, files, false, &input) == 0, "refused: %s", complaint);
    ck_assert_msg(judge_input(input, run.p, NULL, NULL) == 0, "not read: %s", complaint);
    char *text = run_outcome(&run);
    input_close(input);
    run_end(&run);
    return text;
}

/* Where they part, with some of both. */
static void want_same(const char *what, size_t at, const char *got, const char *want)
{
    size_t i = 0;

    while (got[i] && got[i] == want[i])
        i++;
    while (i > 0 && got[i - 1] != '\n')
        i--;
    ck_assert_msg(strcmp(got, want) == 0, "%s, cut at %zu: got \"%.300s\", want \"%.300s\"", what,
                  at, got + i, want + i);
}

static const struct {
    const char *name, *ini;
    const char *end; /* of the log */
} logs[] = {
    {"the seed", "[open-relay]\nrecipients = 1\n[backscatter-source]\nnotices = 1\n", ""},
    {"without its last newline", "[open-relay]\nrecipients = 1\n", NULL},
    {"odd lines at its end", "[open-relay]\nrecipients = 1\n",
     "\n\r\nno syslog\nSep 22 13:34:55 xxxx postfix/qmgr[1]: 4FBFE15E604A: removed\r\n"},
};

/* A log cut in two at any byte tells what the whole one tells. */
START_TEST(cut_at_every_byte)
{
    static const char site[] = "[site]\nown_domains = example.net\ntrusted_networks = 127.0.0.0/8\n"
                               "[limits]\nmessages = 1000\ncells = 64\n";
    char *seed = whole_file(SOURCE_DIR "/tests/seed/mail.log"), ini[256];
    struct buf log = buf_new(1 << 16);
    struct inifile_error err;

    snprintf(ini, sizeof(ini), "%s%s", logs[_i].ini, site);
    ck_assert(settings_init(&settings));
    ck_assert_msg(settings_parse(&settings, span_str(ini), &err), "%s", err.text);
    buf_add(&log, span_of(seed, strlen(seed) - (logs[_i].end == NULL)));
    buf_add_str(&log, logs[_i].end ? logs[_i].end : "");
    write_part(0, buf_span(&log));
    char *want = outcome_of(1, false);
    ck_assert_ptr_nonnull(strstr(want, "open-relay"));
    for (size_t at = 0; at <= log.len; at += STRIDE(7)) {
        write_part(0, span_of(log.at, at));
        write_part(1, span_of(log.at + at, log.len - at));
        char *got = outcome_of(2, false);
        want_same(logs[_i].name, at, got, want);
        free(got);
        /* In whatever order they are named; a part that begins within a line has no date. */
        if (at > 0 && at < log.len && log.at[at - 1] == '\n' && log.at[at] == 'S') {
            got = outcome_of(2, true);
            want_same("the second named first", at, got, want);
            free(got);
        }
    }
    free(want);
    free(seed);
    buf_done(&log);
    settings_done(&settings);
}
END_TEST

/* A file that lacks its last newline is no half of a line where the next begins with one. */
START_TEST(last_newline_is_missing)
{
    static const char first[] = "Sep 17 21:20:40 mx1 postfix/qmgr[1]: AAAAA01: removed\n",
                      second[] = "Sep 17 21:20:41 mx1 postfix/qmgr[1]: AAAAA02: removed\n";

    ck_assert(settings_init(&settings));
    write_part(1, SPAN(second));
    write_part(0, SPAN(first));
    char *want = outcome_of(2, false);
    ck_assert_msg(strncmp(want, "lines 2\n", 8) == 0, "got %.20s", want);
    write_part(0, span_of(first, sizeof(first) - 2));
    char *got = outcome_of(2, false);
    want_same("no last newline", sizeof(first) - 2, got, want);
    free(got);
    free(want);
    settings_done(&settings);
}
END_TEST

/* Every line that is handed over, for the order of several logs. */
static void take_lines(void *ctx, const char *data, size_t len)
{
    buf_add(ctx, span_of(data, len));
    if (data[len - 1] != '\n')
        buf_add_str(ctx, "\n");
}

static void take_no_entry(void *ctx, const struct syslog_header *header)
{
    (void)ctx;
    (void)header;
}

static void take_reference(void *ctx, wall_us reference)
{
    (void)ctx;
    (void)reference;
}

#define LINE(day, time, text) "Sep " day " 21:20:" time " mx1 postfix/qmgr[1]: " text "\n"

/* The texts of two files' lines, and in which order they come. */
static const struct {
    const char *name, *first, *second, *want;
    const char *said;
} orders[] = {
    {"by turns", LINE("17", "01", "a") LINE("17", "03", "c"),
     LINE("17", "02", "b") LINE("17", "04", "d"), "abcd", ""},
    {"of one second", LINE("17", "01", "a") LINE("17", "02", "b"),
     LINE("17", "01", "c") LINE("17", "02", "d"), "acbd", ""},
    {"a later one first", LINE("18", "01", "c"), LINE("17", "01", "a") LINE("17", "02", "b"), "abc",
     ""},
    {"a clock that goes back", LINE("17", "05", "b") LINE("17", "03", "c"),
     LINE("17", "04", "a") LINE("17", "06", "d"), "abcd", ""},
    {"one line of a later day", LINE("17", "01", "a") LINE("23", "01", "c") LINE("17", "03", "d"),
     LINE("17", "02", "b") LINE("17", "04", "e"), "abcde", ""},
    {"lines without a time", LINE("17", "01", "a") "x\n" LINE("17", "03", "c"),
     LINE("17", "02", "b") "y\n", "axbyc", ""},
    {"a copy", LINE("17", "01", "a") LINE("17", "01", "a") LINE("17", "02", "b"),
     LINE("17", "01", "a") LINE("17", "01", "a") LINE("17", "02", "b"), "aab", "3 lines are"},
    {"a copy that begins later and goes on",
     LINE("17", "01", "a") LINE("17", "02", "b") LINE("17", "03", "c"),
     LINE("17", "02", "b") LINE("17", "03", "c") LINE("17", "04", "d"), "abcd", "2 lines are"},
    {"the next piece says within the second what this one said",
     LINE("17", "01", "a") LINE("17", "02", "b"),
     LINE("17", "02", "c") LINE("17", "02", "b") LINE("17", "03", "d"), "abcbd", ""},
    {"a copy of one line", LINE("17", "01", "a"), LINE("17", "01", "a"), "a", "1 lines are"},
    {"no last newline", LINE("17", "02", "b") "Sep 17 21:20:03 mx1 postfix/qmgr[1]: c",
     LINE("17", "01", "a") LINE("17", "04", "d"), "abcd", ""},
};

static void want_order(int i, const char *what, const char *want)
{
    struct buf log = buf_new(4096);
    const struct input_sink sink = {take_lines, take_no_entry, take_reference, NULL, &log};
    char *names[2] = {name[0], name[1]}, got[64] = "";
    struct input *input = NULL;
    struct span rest, line;

    complaint[0] = '\0';
    ck_assert_int_eq(input_open(names, 2, false, &input), 0);
    ck_assert_int_eq(input_read(input, &sink, false, false, NULL, NULL), 0);
    rest = buf_span(&log);
    while (span_take_line(&rest, &line))
        strncat(got, line.at + line.len - 1, 1);
    ck_assert_msg(strcmp(got, want) == 0, "%s, %s: got %s, want %s", orders[i].name, what, got,
                  want);
    ck_assert_msg(strstr(complaint, orders[i].said), "%s: said %s", orders[i].name, complaint);
    input_close(input);
    buf_done(&log);
}

START_TEST(lines_come_in_order)
{
    char command[256];

    write_part(0, span_str(orders[_i].first));
    write_part(1, span_str(orders[_i].second));
    want_order(_i, "plain", orders[_i].want);
    for (int part = 0; part < 2; part++) {
        snprintf(command, sizeof(command), "cd %s && gzip part%d && mv part%d.gz part%d", dir, part,
                 part, part);
        ck_assert_int_eq(system(command), 0);
        want_order(_i, part ? "both packed" : "one packed", orders[_i].want);
    }
}
END_TEST

/* A copy that was made a year later, of a log whose dates have no year. */
START_TEST(copy_of_another_year)
{
    const struct timespec then[2] = {{.tv_sec = 1537704000 + 400 * 86400},
                                     {.tv_sec = 1537704000 + 400 * 86400}};

    for (int part = 0; part < 2; part++)
        write_part(part, SPAN(LINE("17", "01", "a") LINE("17", "02", "b")));
    ck_assert_int_eq(utimensat(AT_FDCWD, name[0], then, 0), 0);
    want_order(0, "a copy of a year later", "ab");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("input");

    tcase_add_checked_fixture(tc, setup, teardown);
    ADD_ROWS(tc, cut_at_every_byte, logs);
    ADD_ROWS(tc, lines_come_in_order, orders);
    tcase_add_test(tc, copy_of_another_year);
    tcase_add_test(tc, last_newline_is_missing);
    return run_suite("input", tc);
}
