/* SPDX-License-Identifier: MIT */
/* What the table tests share: "name: got X, want Y", and a main that runs one suite. */
#ifndef RELAYWATCH_TESTS_ROWS_H
#define RELAYWATCH_TESTS_ROWS_H

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

#define ADD_ROWS(tc, test, table) tcase_add_loop_test(tc, test, 0, COUNT(table))

/* The step of the longest loops. A sanitizer makes them many times as long, and sees all that
 * happens to memory in every n-th turn; `./dev test` takes each turn with the build of clang. `n`
 * has no divisor in common with what repeats in the loop. */
#ifdef __SANITIZE_ADDRESS__
#define STRIDE(n) (n)
#else
#define STRIDE(n) 1
#endif

static inline void want_text(const char *name, const char *got, const char *want)
{
    ck_assert_msg(strcmp(got, want) == 0, "%s: got \"%s\", want \"%s\"", name, got, want);
}

static inline void want_number(const char *name, int64_t got, int64_t want)
{
    ck_assert_msg(got == want, "%s: got %" PRId64 ", want %" PRId64, name, got, want);
}

/* Of long texts: shows where they begin to differ. */
static inline void want_long_text(const char *name, const char *got, const char *want)
{
    size_t at = 0, shown = 200;

    while (got[at] && got[at] == want[at])
        at++;
    size_t begin = at > shown ? at - shown : 0;
    ck_assert_msg(got[at] == want[at], "%s: got\n%.*s\nwant\n%.*s", name, (int)(2 * shown),
                  got + begin, (int)(2 * shown), want + begin);
}

static inline int run_suite(const char *name, TCase *tc)
{
    Suite *suite = suite_create(name);
    SRunner *runner = srunner_create(suite);

    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
