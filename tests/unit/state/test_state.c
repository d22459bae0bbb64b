/* SPDX-License-Identifier: MIT */
/* Every step of a save fails, in every way, or is the last one before kill -9. Numbers in names are
 * those of the scenarios of log following. */
#include "state_faults.h"

START_TEST(nothing_there)
{
    ck_assert_int_eq(load(), -1);
    ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(save_and_load)
{
    struct stat st;

    save(3);
    ck_assert_int_eq(load(), 3);
    ck_assert_str_eq(why, "");
    ck_assert(!exists("state.prev") && !exists("state.tmp"));
    save(5);
    ck_assert_int_eq(load(), 5);
    ck_assert(exists("state.prev") && !exists("state.tmp") && !exists("state.link"));
    ck_assert_int_eq(stat(in_dir("state"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

/* What `scan` says of the whole, the run that was saved and killed says too. */
START_TEST(goes_on_exactly)
{
    struct run whole, first, rest;
    struct state *state = open_state();

    run_of(&whole, 1000);
    run_of(&first, 400);
    ck_assert_int_eq(state_save_now(state, first.p, "files", "x"), 0);
    run_messages(&first, 400, 100); /* lost with the process */
    run_end(&first);
    state_close(state);
    state = open_state();
    run_prepare(&rest, &settings, OPEN_RELAY_DUMP);
    struct pipeline_options options = run_options(&rest, 1);
    ck_assert_int_eq(state_load(state, &options, &rest.p, why), 1);
    run_messages(&rest, 400, 600);
    char *want = run_outcome(&whole), *got = run_outcome(&rest);
    ck_assert_str_eq(got, want);
    free(want);
    free(got);
    run_end(&whole);
    run_end(&rest);
    state_close(state);
}
END_TEST

/* --- 65: killed ------------------------------------------------------------------------------- */

static const enum fault kills[] = {FAULT_KILL_BEFORE, FAULT_KILL_AFTER};

START_TEST(s65_killed_at_every_step)
{
    int step = 0, old = 0, fresh = 0;

    for (bool ended = false; !ended; step++) {
        names("", true);
        save(2);
        save(3);
        pid_t pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
            struct state *state = open_state();
            plan.fault = kills[_i];
            plan.at = step;
            _exit(save_now(state, 4) == 0 ? 0 : 1);
        }
        int status;
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ended = WIFEXITED(status);
        ck_assert(ended ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
        int loaded = load();
        ck_assert_msg(loaded == 3 || loaded == 4, "step %d: %d", step, loaded);
        ck_assert_msg(!*why, "step %d: %s", step, why);
        old += loaded == 3;
        fresh += loaded == 4;
        ck_assert_msg(!ended || loaded == 4, "saved, but not there");
        save(5); /* what was left behind is in nobody's way */
        ck_assert_int_eq(load(), 5);
        ck_assert(!exists("state.tmp"));
    }
    ck_assert_int_gt(old, 5);
    ck_assert_int_ge(fresh, 2);
}
END_TEST

/* The same of the child that saves for a parent that lives on. */
START_TEST(s65_child_killed_at_every_step)
{
    bool ended = false;

    for (int step = 1; !ended; step++) { /* 0 is the fork, in the parent */
        struct run run;
        int status;
        names("", true);
        save(2);
        struct state *state = open_state();
        run_of(&run, 4);
        plan.fault = kills[_i];
        plan.at = step;
        plan.calls = 0;
        ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":4}"), 0);
        plan.fault = FAULT_NONE;
        ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":4}"), -EBUSY);
        pid_t pid = waitpid(-1, &status, 0);
        ended = WIFEXITED(status);
        ck_assert(!state_child_ended(state, pid + 1, 0));
        ck_assert(state_child_ended(state, pid, status));
        ck_assert(!state_is_saving(state));
        ck_assert_int_eq(*state_error(state) == '\0', ended);
        ck_assert_uint_eq(state_retry_s(state), !ended);
        run_end(&run);
        state_close(state);
        int loaded = load();
        ck_assert_msg(loaded == 2 || loaded == 4, "step %d: %d", step, loaded);
        ck_assert(!ended || loaded == 4);
    }
}
END_TEST

/* --- 66, 68, 73 ------------------------------------------------------------------------------- */

static const int errors[] = {ENOSPC, EIO, EROFS, EACCES, EDQUOT};

START_TEST(s66_child_says_what_failed)
{
    struct state *state = open_state();
    struct run run;
    int status;

    run_of(&run, 3);
    for (size_t e = 0; e < COUNT(errors); e++) {
        plan.fault = FAULT_ERROR;
        plan.error = errors[e];
        plan.name = "write";
        plan.at = -1;
        ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":3}"), 0);
        pid_t pid = waitpid(-1, &status, 0);
        ck_assert(state_child_ended(state, pid, status));
        ck_assert_ptr_nonnull(strstr(state_error(state), strerror(errors[e])));
        ck_assert_uint_eq(state_retry_s(state), 1u << e);
    }
    plan.name = "fork";
    plan.error = EAGAIN;
    ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":3}"), -EAGAIN);
    no_faults();
    ck_assert(!state_is_saving(state));
    ck_assert_int_eq(state_save_start(state, run.p, "files", NULL), -ENOMEM);
    ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":3}"), 0);
    pid_t pid = waitpid(-1, &status, 0);
    ck_assert(state_child_ended(state, pid, status));
    ck_assert_str_eq(state_error(state), "");
    run_end(&run);
    state_close(state);
    ck_assert_int_eq(load(), 3);
}
END_TEST

/* The stop does not wait for a child that is saving what is old by now. */
START_TEST(now_overtakes_a_child)
{
    struct state *state = open_state();
    struct run run;

    run_of(&run, 3);
    ck_assert_int_eq(state_save_start(state, run.p, "files", "{\"at\":3}"), 0);
    ck_assert_int_eq(save_now(state, 4), 0);
    ck_assert(!state_is_saving(state));
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    run_end(&run);
    state_close(state);
    ck_assert_int_eq(load(), 4);
}
END_TEST

START_TEST(s68_second_instance)
{
    struct state *first = open_state(), *second = NULL;

    ck_assert_int_eq(state_open(dir, &second, why), -EBUSY);
    ck_assert_ptr_nonnull(strstr(why, "another relaywatch"));
    state_close(first);
    ck_assert_int_eq(state_open(dir, &second, why), 0);
    state_close(second);
}
END_TEST

/* Killed while its child saves: the child ends with it, and the lock with both. */
START_TEST(s68_killed_with_a_child)
{
    struct state *state = NULL;

    save(1);
    pid_t pid = fork();
    if (pid == 0) {
        struct run run;
        struct state *mine = open_state();
        run_of(&run, 20000);
        state_save_start(mine, run.p, "files", "{\"at\":20000}");
        raise(SIGKILL);
    }
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert_int_eq(state_open(dir, &state, why), 0);
    state_close(state);
    int loaded = load();
    ck_assert(loaded == 1 || loaded == 20000);
}
END_TEST

/* How many saves the file has behind it: the third number of its header (state_file.c). */
static uint64_t saves(void)
{
    uint64_t header[3] = {0};
    FILE *f = fopen(in_dir("state"), "r");

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fread(header, sizeof(header), 1, f), 1);
    fclose(f);
    return le64toh(header[2]);
}

/* Each source has its own position, which it keeps while another source is followed. */
START_TEST(s73_positions)
{
    struct state *state = open_state();
    struct run run;
    uint32_t files_s, journal_s;
    char id[POSITION_ID_MAX];

    run_of(&run, 3);
    ck_assert_int_eq(state_save_now(state, run.p, "files", "file position"), 0);
    run_messages(&run, 3000, 3);
    ck_assert_int_eq(state_save_now(state, run.p, "journal", "a cursor"), 0);
    state_close(state);
    state = open_state();
    pipeline_free(run.p);
    struct pipeline_options options = run_options(&run, 1);
    ck_assert_int_eq(state_load(state, &options, &run.p, why), 1);
    ck_assert_str_eq(state_position(state, "files", &files_s), "file position");
    ck_assert_str_eq(state_position(state, "journal", &journal_s), "a cursor");
    ck_assert_uint_lt(files_s, journal_s);
    ck_assert_uint_eq(journal_s, run.p->now_s);
    ck_assert_ptr_null(state_position(state, "other", NULL));
    ck_assert_uint_eq(saves(), 2);
    for (int i = 0; i < 20; i++) { /* more than there is room for: the oldest go */
        run_messages(&run, 10000 + (unsigned)i * 1000, 1);
        snprintf(id, sizeof(id), "source%d", i);
        ck_assert_int_eq(state_save_now(state, run.p, id, id), 0);
    }
    ck_assert_ptr_null(state_position(state, "files", NULL));
    ck_assert_str_eq(state_position(state, "source19", NULL), "source19");
    run_end(&run);
    state_close(state);
}
END_TEST

/* --- a million -------------------------------------------------------------------------------- */

static double since_ms(const struct timespec *from)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - from->tv_sec) * 1e3 + (double)(now.tv_nsec - from->tv_nsec) / 1e6;
}

static double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* How long following is held up, and what the rest takes. RELAYWATCH_MILLION=1 makes it a million,
 * for which the bound of 50 ms is. Of the fifth of that the best of five counts, so that others on
 * this machine do not: it takes no more than three times its share of the bound, and a small part
 * of what it would take to write it here. */
START_TEST(hold_up)
{
    bool million = getenv("RELAYWATCH_MILLION") != NULL;
    unsigned count = million ? 1000000 : 200000;
    struct state *state = open_state();
    struct timespec from;
    struct stat st;
    struct run run;
    double worst = 0, whole = 0, feeding = 0, best = 1e9, best_cpu = 1e9;
    int status;

    run_of(&run, count);
    ck_assert_uint_eq(run.p->tracker.count, count);
    clock_gettime(CLOCK_MONOTONIC, &from);
    run_messages(&run, count, 20000);
    double quiet = since_ms(&from);
    for (unsigned i = 1; i <= 5; i++) {
        double cpu = cpu_ms();
        clock_gettime(CLOCK_MONOTONIC, &from);
        ck_assert_int_eq(state_save_start(state, run.p, "files", "{}"), 0);
        double ms = since_ms(&from);
        cpu = cpu_ms() - cpu;
        worst = ms > worst ? ms : worst;
        best = ms < best ? ms : best;
        best_cpu = cpu < best_cpu ? cpu : best_cpu;
        struct timespec feed;
        clock_gettime(CLOCK_MONOTONIC, &feed);
        run_messages(&run, count + i * 20000, 20000);
        feeding = since_ms(&feed) > feeding ? since_ms(&feed) : feeding;
        pid_t pid = waitpid(-1, &status, 0);
        whole = since_ms(&from) > whole ? since_ms(&from) : whole;
        ck_assert(state_child_ended(state, pid, status));
        ck_assert_str_eq(state_error(state), "");
    }
    ck_assert_int_eq(stat(in_dir("state"), &st), 0);
    clock_gettime(CLOCK_MONOTONIC, &from);
    struct bytes bytes = run_snapshot(&run);
    double write_ms = since_ms(&from);
    clock_gettime(CLOCK_MONOTONIC, &from);
    struct run again;
    ck_assert(run_resume(&again, &settings, NULL, span_of(bytes.at, bytes.len), why));
    printf("%u messages, %.0f MB: held up %.1f ms at worst, saved after %.0f ms;"
           " 80000 lines meanwhile %.0f ms, without %.0f ms; written in %.0f ms, read in %.0f ms\n",
           run.p->tracker.count, (double)st.st_size / 1e6, worst, whole, feeding, quiet, write_ms,
           since_ms(&from));
    if (million)
        ck_assert_msg(worst < 50, "held up for %.1f ms", worst);
    ck_assert_msg(best_cpu < 3 * 50 * (count / 1e6), "%u messages: %.1f ms of work at best", count,
                  best_cpu);
    ck_assert_msg(best < write_ms / 4, "held up for %.1f ms at best, written in %.1f ms", best,
                  write_ms);
    free(bytes.at);
    run_end(&again);
    run_end(&run);
    state_close(state);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("state");

    tcase_add_test(tc, nothing_there);
    tcase_add_test(tc, save_and_load);
    tcase_add_test(tc, goes_on_exactly);
    ADD_ROWS(tc, s65_killed_at_every_step, kills);
    ADD_ROWS(tc, s65_child_killed_at_every_step, kills);
    tcase_add_test(tc, s66_child_says_what_failed);
    tcase_add_test(tc, now_overtakes_a_child);
    tcase_add_test(tc, s68_second_instance);
    tcase_add_test(tc, s68_killed_with_a_child);
    tcase_add_test(tc, s73_positions);
    tcase_add_test(tc, hold_up);
    return run_state_suite("state", tc);
}
