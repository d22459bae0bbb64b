/* SPDX-License-Identifier: MIT */
/* Plays tests/scenarios: see scenario.h. */
#include "base/hash.h"
#include "scenario.h"
#include "rows.h"
#include "scenario_read.h"
#include "scenario_play.h"

#include <glob.h>

static glob_t files;

START_TEST(story_comes_out_as_expected)
{
    struct scenario *s = scenario_read(files.gl_pathv[_i]);
    struct manner manner = {.judge = true};

    free(scenario_play(s, &manner));
    scenario_free(s);
}
END_TEST

/* The lines are fed in chunks of different sizes. */
START_TEST(story_does_not_depend_on_chunks)
{
    static const int chunks[] = {1, 2, 7, 0};
    struct scenario *s = scenario_read(files.gl_pathv[_i]);
    struct manner whole = {.judge = false};
    char *want = scenario_play(s, &whole);

    for (int i = 0; i < COUNT(chunks); i += STRIDE(2)) {
        struct manner manner = {.lines_at_once = chunks[i]};
        char *got = scenario_play(s, &manner);
        ck_assert_msg(strcmp(got, want) == 0, "%s, %d lines at once: got %s, want %s", s->name,
                      chunks[i], got, want);
        free(got);
    }
    free(want);
    scenario_free(s);
}
END_TEST

enum { SEEDS = 10 / STRIDE(10) };

START_TEST(story_does_not_depend_on_the_seed)
{
    struct scenario *s = scenario_read(files.gl_pathv[_i]);
    struct manner plain = {.judge = false};
    char *want = scenario_play(s, &plain);

    for (uint64_t n = 1; n <= SEEDS; n++) { /* for each story other ones */
        uint64_t seed = (uint64_t)_i * SEEDS + n;
        struct manner manner = {.seed = hash_mix(seed, HASH_ODD_1)};
        char *got = scenario_play(s, &manner);
        ck_assert_msg(strcmp(got, want) == 0, "%s, seed %d: got %s, want %s", s->name, (int)seed,
                      got, want);
        free(got);
    }
    free(want);
    scenario_free(s);
}
END_TEST

/* A scan has no clock except the log. */
START_TEST(story_does_not_need_a_clock)
{
    struct scenario *s = scenario_read(files.gl_pathv[_i]);
    struct manner manner = {.silent = true, .judge = true};
    bool passes = false;

    for (int i = 0; i < s->steps; i++)
        passes |= s->step[i].type == STEP_PASS && !expects_more(s, i + 1);
    /* If time goes on after the last line, only a clock can show it. */
    if (!passes)
        free(scenario_play(s, &manner));
    scenario_free(s);
}
END_TEST

START_TEST(attack_comes_out_the_same_in_any_order)
{
    struct scenario *s = scenario_read(files.gl_pathv[_i]);

    for (int i = 1; i <= s->shuffles; i++) {
        struct manner manner = {.shuffle = (uint64_t)i, .judge = true};
        free(scenario_play(s, &manner));
    }
    scenario_free(s);
}
END_TEST

int main(int argc, char **argv)
{
    TCase *tc = tcase_create("scenarios");

    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            glob(argv[i], i > 1 ? GLOB_APPEND : 0, NULL, &files);
    } else {
        glob(SOURCE_DIR "/tests/scenarios/*.scenario", 0, NULL, &files);
    }
    tcase_add_loop_test(tc, story_comes_out_as_expected, 0, (int)files.gl_pathc);
    tcase_add_loop_test(tc, story_does_not_depend_on_chunks, 0, (int)files.gl_pathc);
    tcase_add_loop_test(tc, story_does_not_depend_on_the_seed, 0, (int)files.gl_pathc);
    tcase_add_loop_test(tc, story_does_not_need_a_clock, 0, (int)files.gl_pathc);
    tcase_add_loop_test(tc, attack_comes_out_the_same_in_any_order, 0, (int)files.gl_pathc);
    int status = files.gl_pathc ? run_suite("scenarios", tc) : EXIT_FAILURE;
    globfree(&files);
    return status;
}
