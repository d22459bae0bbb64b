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
    ck_assert_msg(input_open(names, files, &input) == 0, "refused: %s", complaint);
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
     "\n\r\nno syslog\nSep 17 21:20:44 xxxx postfix/qmgr[1]: 4FBFE15E604A: removed\r\n"},
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
    for (size_t at = 0; at <= log.len; at++) {
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

int main(void)
{
    TCase *tc = tcase_create("input");

    tcase_add_checked_fixture(tc, setup, teardown);
    ADD_ROWS(tc, cut_at_every_byte, logs);
    tcase_add_test(tc, last_newline_is_missing);
    return run_suite("input", tc);
}
