/* SPDX-License-Identifier: MIT */
/* A clock that is off is told of, once, and ends. */
#include "engine/host_clocks.h"

#include "core_run.h"

static struct core_run run;

static const char *const hosts[] = {"mx1", "mx2", "mx3", "mx4"};
enum { HOUR_S = 3600 };

/* Warnings as "OVER TEXT;", by the beginnings of their texts. */
static const char *warnings(void)
{
    static char text[2000];

    text[0] = '\0';
    for (size_t i = 0; i < site_warning_count(run.site); i++) {
        const struct site_warning *warning = site_warning(run.site, i);
        if (strcmp(warning->code, "clock-off") == 0)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%.*s;",
                     warning->over ? "over: " : "", (int)strcspn(warning->text, ".,"),
                     warning->text);
    }
    return text;
}

static void line_of(int host, int32_t off_s)
{
    run.host = hosts[host];
    run.off_s = off_s;
    core_feed(&run, "qmgr: AAAAA01: removed");
}

/* So many lines of each of these hosts in turns, a second apart; the last one's clock is off. */
static void turns(int lines, int count, int32_t off_s)
{
    for (int i = 0; i < lines; i++, run.now_s++)
        for (int host = 0; host < count; host++)
            line_of(host, host == count - 1 ? off_s : 0);
}

START_TEST(the_other_hosts_tell)
{
    static const struct {
        const char *name, *want;
        int32_t off_s;
        int count;
    } rows[] = {
        {"ahead", "The clock of host mx4 is 2 hours ahead;", 2 * HOUR_S, 4},
        {"behind", "The clock of host mx3 is 1 day behind;", -24 * HOUR_S, 3},
        {"minutes", "The clock of host mx3 is 6 minutes ahead;", 360, 3},
        {"a little", "", 280, 4},
        {"which of two", "", 2 * HOUR_S, 2},
    };

    for (int i = 0; i < COUNT(rows); i++) {
        core_begin(&run, NULL);
        turns(600, rows[i].count, rows[i].off_s);
        want_text(rows[i].name, warnings(), rows[i].want);
        turns(600, rows[i].count, rows[i].off_s - 60);
        want_text(rows[i].name, warnings(), rows[i].want);
        core_end(&run);
    }
}
END_TEST

/* One log behind the other: where hosts don't take turns, their times tell nothing. */
START_TEST(logs_in_a_row_tell_nothing)
{
    core_begin(&run, NULL);
    for (int host = 0; host < 4; host++) {
        run.now_s = CORE_BEGIN_S;
        for (int i = 0; i < 400; i++, run.now_s += 20)
            line_of(host, 0);
    }
    want_text("warnings", warnings(), "");
    core_end(&run);
}
END_TEST

START_TEST(it_ends)
{
    core_begin(&run, NULL);
    turns(600, 3, -HOUR_S);
    want_text("off", warnings(), "The clock of host mx3 is 1 hour behind;");
    turns(600, 3, 0);
    want_text("right again", warnings(), "over: The clock of host mx3 is 1 hour behind;");
    core_end(&run);
}
END_TEST

static void compare(void)
{
    pipeline_tick(run.p, run.now_s * US_PER_S);
    host_clocks_compare(run.p, run.now_s * US_PER_S);
}

/* Minutes of a log that is followed. */
static void follow(int minutes, int count, int32_t off_s)
{
    for (int i = 0; i < minutes; i++) {
        turns(1, count, off_s);
        run.now_s += 59;
        compare();
    }
}

START_TEST(the_wall_clock_tells)
{
    core_begin(&run, NULL);
    turns(3, 2, -2 * HOUR_S); /* read before it was followed */
    host_clocks_compare(run.p, WHEN_UNKNOWN);
    run.now_s += HOUR_S;
    for (int i = 0; i < 5; i++, run.now_s += 60)
        compare();
    want_text("silent since", warnings(), "");
    follow(2, 1, 7 * HOUR_S);
    want_text("one host is enough", warnings(), "The clock of host mx1 is 7 hours ahead;");
    follow(3, 2, -HOUR_S / 2);
    want_text("two", warnings(),
              "The clock of host mx1 is 7 hours ahead;The clock of host mx2 is 30 minutes behind;");
    follow(3, 2, 0);
    want_text("one is right again", warnings(),
              "The clock of host mx1 is 7 hours ahead;"
              "over: The clock of host mx2 is 30 minutes behind;");
    core_end(&run);
}
END_TEST

/* A reload makes another site, which doesn't know. */
START_TEST(another_site_is_told_again)
{
    struct site *site = site_new();

    core_begin(&run, NULL);
    turns(600, 3, HOUR_S);
    want_text("told", warnings(), "The clock of host mx3 is 1 hour ahead;");
    struct site *before = run.site;
    pipeline_set(run.p, &run.settings, run.site = site);
    turns(600, 3, HOUR_S);
    want_text("told again", warnings(), "The clock of host mx3 is 1 hour ahead;");
    site_free(before);
    core_end(&run);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("host_clocks");

    tcase_add_test(tc, the_other_hosts_tell);
    tcase_add_test(tc, logs_in_a_row_tell_nothing);
    tcase_add_test(tc, it_ends);
    tcase_add_test(tc, the_wall_clock_tells);
    tcase_add_test(tc, another_site_is_told_again);
    return run_suite("host_clocks", tc);
}
