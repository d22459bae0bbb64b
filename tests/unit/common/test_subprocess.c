/* SPDX-License-Identifier: MIT */
#include "common/spawn.h"
#include "common/subprocess.h"
#include "rows.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Runs a shell line; returns what subprocess_run does, and its text. */
static int run(const char *line, int timeout_s, size_t max, char **ret)
{
    const char *const argv[] = {"sh", "-c", line, NULL};
    struct buf text = buf_new(0);
    int r = subprocess_run(argv, timeout_s, max, &text);

    *ret = r == 0 ? buf_take(&text) : NULL;
    return r;
}

static const struct {
    const char *name, *line, *want; /* NULL: fails */
    int r;
} rows[] = {
    {"text", "echo hello", "hello\n", 0},
    {"nothing", ":", "", 0},
    {"errors are dropped", "echo a; echo b >&2", "a\n", 0},
    {"no input", "cat; echo end", "end\n", 0},
    {"in pieces", "echo a; sleep 0.05; echo b", "a\nb\n", 0},
    {"status", "echo a; exit 3", NULL, -EIO},
    {"signal", "kill -9 $$", NULL, -EIO},
    {"just enough", "printf 1234567890", "1234567890", 0},
    {"too much", "printf 12345678901", NULL, -EFBIG},
    {"endless", "while :; do echo xxxxxxxxxxxxxxxx; done", NULL, -EFBIG},
    {"too slow", "echo a; sleep 60", NULL, -ETIMEDOUT},
    {"output closed, and too slow", "exec >&-; sleep 60", NULL, -ETIMEDOUT},
    {"a child too slow", "sleep 60 & wait", NULL, -ETIMEDOUT},
};

START_TEST(programs_are_run_within_bounds)
{
    char *text;

    want_number(rows[_i].name, run(rows[_i].line, 1, 10, &text), rows[_i].r);
    if (rows[_i].want)
        want_text(rows[_i].name, text, rows[_i].want);
    else
        ck_assert_ptr_null(text);
    free(text);
}
END_TEST

START_TEST(much_text_comes_whole)
{
    char *text;

    ck_assert_int_eq(run("seq 1 200000", 30, 1 << 24, &text), 0);
    ck_assert_uint_eq(strlen(text), 1288895);
    ck_assert_str_eq(text + strlen(text) - 7, "200000\n");
    free(text);
}
END_TEST

START_TEST(signals_are_as_usual_in_the_program)
{
    sigset_t all, before;
    char *text;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(run("grep -E 'Sig(Blk|Ign)' /proc/self/status", 10, 1000, &text), 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    ck_assert_ptr_nonnull(strstr(text, "SigBlk:\t0000000000000000"));
    /* SIGPIPE is 13: bit 12 */
    char *ignored = strstr(text, "SigIgn:\t");
    ck_assert_ptr_nonnull(ignored);
    ck_assert_uint_eq(strtoull(ignored + 8, NULL, 16) & (1 << 12), 0);
    free(text);
}
END_TEST

/* Programs that select(2), or close all there might be, don't expect more. */
START_TEST(programs_get_as_many_files_as_we_began_with)
{
    struct rlimit before, few;
    char *text;

    if (getenv("UNDER_VALGRIND")) {
        puts("SKIP subprocess, as many files as we began with: valgrind keeps limits to itself");
        return;
    }
    getrlimit(RLIMIT_NOFILE, &before);
    few = (struct rlimit){200, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    spawn_allow_all_files();
    spawn_allow_all_files();
    getrlimit(RLIMIT_NOFILE, &few);
    ck_assert_uint_eq(few.rlim_cur, before.rlim_max);
    ck_assert_int_eq(run("ulimit -Sn", 10, 100, &text), 0);
    ck_assert_str_eq(text, "200\n");
    free(text);
    setrlimit(RLIMIT_NOFILE, &before);
}
END_TEST

START_TEST(missing_program_or_file_is_an_error)
{
    const char *const argv[] = {"relaywatch-no-such-program", NULL};
    struct buf text;

    ck_assert_int_eq(subprocess_run(argv, 1, 100, &text), -ENOENT);
    ck_assert_int_eq(subprocess_read_file("/no/such/file", false, 100, &text), -ENOENT);
}
END_TEST

START_TEST(programs_are_found_without_a_path)
{
    char *path = strdup(getenv("PATH")), *text;

    unsetenv("PATH");
    ck_assert_int_eq(run("echo a", 10, 100, &text), 0);
    free(text);
    setenv("PATH", "::.:relative", 1);
    ck_assert_int_eq(run("echo a", 10, 100, &text), 0);
    free(text);
    setenv("PATH", path, 1);
    free(path);
}
END_TEST

START_TEST(files_are_read_within_bounds)
{
    char dir[] = "/tmp/relaywatch-subprocess-XXXXXX", path[64];
    struct buf text;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/file", dir);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("0123456789", file);
    fclose(file);
    ck_assert_int_eq(subprocess_read_file(path, false, 10, &text), 0);
    ck_assert_str_eq(text.at, "0123456789");
    buf_done(&text);
    ck_assert_int_eq(subprocess_read_file(path, false, 9, &text), -EFBIG);
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(subprocess_read_file(path, false, 10, &text), -EINVAL);
    ck_assert_int_eq(subprocess_read_file(dir, false, 10, &text), -EINVAL);
    unlink(path);
    rmdir(dir);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("subprocess");

    ADD_ROWS(tc, programs_are_run_within_bounds, rows);
    tcase_add_test(tc, much_text_comes_whole);
    tcase_add_test(tc, signals_are_as_usual_in_the_program);
    tcase_add_test(tc, programs_get_as_many_files_as_we_began_with);
    tcase_add_test(tc, missing_program_or_file_is_an_error);
    tcase_add_test(tc, programs_are_found_without_a_path);
    tcase_add_test(tc, files_are_read_within_bounds);
    return run_suite("subprocess", tc);
}
