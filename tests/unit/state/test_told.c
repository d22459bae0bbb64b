/* SPDX-License-Identifier: MIT */
#include "state/told.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows.h"

enum { RAISED, UPDATED };

static char directory[64], path[96];

static void setup(void)
{
    snprintf(directory, sizeof(directory), "/tmp/relaywatch-told-XXXXXX");
    ck_assert(mkdtemp(directory) != NULL);
    snprintf(path, sizeof(path), "%s/told", directory);
}

static void teardown(void)
{
    unlink(path);
    rmdir(path);
    rmdir(directory);
}

static struct told_mark mark_of(const char *id, unsigned kind, uint32_t at_s, uint32_t slack_s)
{
    struct told_mark mark = {.kind = kind, .at_s = at_s, .slack_s = slack_s};

    snprintf(mark.id, sizeof(mark.id), "%s", id);
    return mark;
}

static bool before(const struct told *told, const char *id, unsigned kind, uint32_t at_s,
                   uint32_t slack_s)
{
    struct told_mark mark = mark_of(id, kind, at_s, slack_s);

    return told_before(told, &mark);
}

static void begin(struct told *told, const char *id, unsigned kind, uint32_t at_s)
{
    struct told_mark mark = mark_of(id, kind, at_s, 0);

    told_begin(told, &mark);
}

static void end(struct told *told, const char *id, unsigned kind)
{
    struct told_mark mark = mark_of(id, kind, 0, 0);

    told_end(told, &mark);
}

/* As after kill -9. */
static struct told *again(struct told *told)
{
    told_close(told);
    told = told_open(directory);
    ck_assert(told != NULL);
    return told;
}

START_TEST(told_alert_is_known_after_a_crash)
{
    struct told *told = again(NULL);

    ck_assert(!before(told, "or-1", RAISED, 100, 0));
    begin(told, "or-1", RAISED, 100);
    end(told, "or-1", RAISED);
    ck_assert(!before(told, "or-1", RAISED, 100, 0)); /* not of this run */
    told = again(told);
    ck_assert(before(told, "or-1", RAISED, 100, 0));
    ck_assert(!before(told, "or-1", RAISED, 101, 0));
    ck_assert(before(told, "or-1", RAISED, 101, 1));
    ck_assert(before(told, "or-1", RAISED, 99, 0));
    ck_assert(!before(told, "or-1", UPDATED, 100, 0));
    ck_assert(!before(told, "or-12", RAISED, 100, 0));
    told = again(told);
    ck_assert(before(told, "or-1", RAISED, 100, 0));
    told_close(told);
}
END_TEST

START_TEST(unfinished_alert_is_told_once_more)
{
    struct told *told = again(NULL);

    begin(told, "or-1", RAISED, 100);
    told = again(told);
    ck_assert(!before(told, "or-1", RAISED, 100, 0));
    begin(told, "or-1", RAISED, 100);
    told = again(told);
    ck_assert(before(told, "or-1", RAISED, 100, 0));
    /* One that comes later is another one, with attempts of its own. */
    ck_assert(!before(told, "or-1", RAISED, 200, 0));
    told_close(told);
}
END_TEST

START_TEST(attempt_that_came_to_nothing_does_not_count)
{
    struct told_mark mark = mark_of("or-1", RAISED, 100, 0);
    struct told *told = again(NULL);

    for (int i = 0; i < 5; i++) {
        told_begin(told, &mark);
        told_undo(told, &mark);
        if (i % 2)
            told = again(told);
        ck_assert(!told_before(told, &mark));
    }
    told_begin(told, &mark);
    told_end(told, &mark);
    told = again(told);
    ck_assert(told_before(told, &mark));
    told_close(told);
}
END_TEST

START_TEST(what_waited_is_known_after_a_crash)
{
    struct told_mark mark = mark_of("or-1", RAISED, 100, 0);
    struct told *told = again(NULL);

    told_wait(told, &mark);
    ck_assert(!told_waited(told, &mark)); /* in this run it still waits */
    for (int i = 0; i < 3; i++) {
        told = again(told);
        ck_assert(told_waited(told, &mark));
        ck_assert(!told_before(told, &mark));
        told_wait(told, &mark);
    }
    told_begin(told, &mark);
    told = again(told); /* it may have left */
    ck_assert(!told_before(told, &mark));
    told_wait(told, &mark);
    told_begin(told, &mark);
    told = again(told);
    ck_assert(told_before(told, &mark));
    ck_assert(!told_waited(told, &mark));
    told_wait(told, &mark);
    told_begin(told, &mark);
    told_end(told, &mark);
    told = again(told);
    ck_assert(told_before(told, &mark));
    ck_assert(!told_waited(told, &mark));
    told_close(told);
}
END_TEST

START_TEST(oldest_is_forgotten_at_the_bound)
{
    struct told *told = again(NULL);
    char id[TOLD_ID_MAX];

    for (unsigned i = 0; i < TOLD_MAX + 1; i++) {
        snprintf(id, sizeof(id), "or-%u", i);
        begin(told, id, RAISED, i);
        end(told, id, RAISED);
    }
    told = again(told);
    ck_assert(!before(told, "or-0", RAISED, 0, 0));
    ck_assert(before(told, "or-1", RAISED, 1, 0));
    ck_assert(before(told, id, RAISED, TOLD_MAX, 0));
    told_close(told);
}
END_TEST

START_TEST(damage_forgets_one)
{
    struct told *told = again(NULL);

    begin(told, "or-1", RAISED, 100);
    end(told, "or-1", RAISED);
    begin(told, "or-2", RAISED, 100);
    end(told, "or-2", RAISED);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(pwrite(fd, "x", 1, 5), 1);
    close(fd);
    told = again(told);
    ck_assert(!before(told, "or-1", RAISED, 100, 0));
    ck_assert(before(told, "or-2", RAISED, 100, 0));
    ck_assert_int_eq(truncate(path, 60), 0);
    told = again(told);
    ck_assert(!before(told, "or-2", RAISED, 100, 0));
    told_close(told);
}
END_TEST

START_TEST(nothing_is_remembered_without_a_file)
{
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_ptr_null(told_open(directory));
    ck_assert_int_eq(errno, EISDIR);
    begin(NULL, "or-1", RAISED, 100);
    end(NULL, "or-1", RAISED);
    ck_assert(!before(NULL, "or-1", RAISED, 100, 0));
    told_close(NULL);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("told");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, told_alert_is_known_after_a_crash);
    tcase_add_test(tc, unfinished_alert_is_told_once_more);
    tcase_add_test(tc, attempt_that_came_to_nothing_does_not_count);
    tcase_add_test(tc, what_waited_is_known_after_a_crash);
    tcase_add_test(tc, oldest_is_forgotten_at_the_bound);
    tcase_add_test(tc, damage_forgets_one);
    tcase_add_test(tc, nothing_is_remembered_without_a_file);
    return run_suite("told", tc);
}
