/* SPDX-License-Identifier: MIT */
#include "report/plot.h"

#include "rows.h"

enum { AT_S = 1795489200, MINUTE_S = 60, DAY_S = 86400 }; /* 2026-11-24T03:00:00Z */

static const struct plot kinds = {.series = {[0] = {"sent", "blue", false},
                                             [1] = {"bounced", "red", false},
                                             [3] = {"accepted", "ink", true}},
                                  .what = "a <plot>"};

static char *draw(struct plot plot, const struct timeline *timeline, int width)
{
    struct buf got = buf_new(1 << 20);

    plot.timeline = timeline;
    plot_svg(&got, &plot, width);
    return buf_take(&got);
}

static void want_part(const char *got, const char *part)
{
    ck_assert_msg(strstr(got, part) != NULL, "no %s in\n%s", part, got);
}

START_TEST(test_bars_on_top_of_each_other)
{
    struct timeline t = {0};

    timeline_add(&t, AT_S, 0, 3);
    timeline_add(&t, AT_S, 1, 1);
    timeline_add(&t, AT_S + MINUTE_S, 3, 2);
    char *got = draw(kinds, &t, 220);
    /* 15 buckets in 150 pixels; 4 is the upper edge, 170 pixels above 180. */
    want_part(got, "<path class=\"blue\" d=\"M46.0 180.0v-127.50h9.0v127.50z\"/>");
    want_part(got, "<path class=\"red\" d=\"M46.0 52.5v-42.50h9.0v42.50z\"/>");
    want_part(got, "<path class=\"ink\" d=\"M46 180V180.0H56.0V95.0H66.0V180\"/>");
    want_part(got, ">4</text>");
    want_part(got, "aria-label=\"a &lt;plot&gt;\"");
    free(got);
}
END_TEST

/* What the axis says below its ticks. */
static const struct {
    const char *name;
    uint32_t span_s;
    int width;
    const char *first, *last;
} axes[] = {
    {"minutes", 50 * MINUTE_S, 720, ">03:00</text>", ">03:45</text>"},
    {"hours", 30 * 3600, 720, ">03:00</text>", ">09:00</text>"},
    {"narrow", 30 * 3600, 336, ">12:00</text>", ">00:00</text>"},
    {"the date below", 30 * 3600, 720, ">24 Nov</text>", ">25 Nov</text>"},
    {"days", 8 * DAY_S, 720, ">25 Nov</text>", ">2 Dec</text>"},
    {"the year below", 60 * DAY_S, 720, ">2026</text>", ">2027</text>"},
};

START_TEST(test_axis)
{
    struct timeline t = {0};

    timeline_add(&t, AT_S, 0, 12000);
    timeline_add(&t, AT_S + axes[_i].span_s, 0, 1);
    char *got = draw(kinds, &t, axes[_i].width);
    const char *first = strstr(got, axes[_i].first);
    ck_assert_msg(first && strstr(first, axes[_i].last), "%s: %s", axes[_i].name, got);
    want_part(got, ">12 k</text>");
    free(got);
}
END_TEST

START_TEST(test_marks)
{
    struct plot plot = kinds;
    struct timeline t = {0};

    timeline_add(&t, AT_S, 0, 1);
    timeline_add(&t, AT_S + 20 * MINUTE_S, 0, 1);
    plot_mark(&plot, AT_S + 2 * MINUTE_S, "held");
    plot_mark(&plot, AT_S + MINUTE_S, "<raised>");
    plot_mark(&plot, AT_S + 20 * MINUTE_S + 59, "closed");
    plot_mark(&plot, AT_S + DAY_S, "out of sight");
    plot_mark(&plot, AT_S - DAY_S, "out of sight");
    plot_mark(&plot, 0, "never");
    char *got = draw(plot, &t, 720);
    want_part(got, "y=\"15\">&lt;raised&gt;</text>");
    want_part(got, "y=\"30\">held</text>"); /* below, as they would overlap */
    want_part(got, "y=\"15\" text-anchor=\"end\">closed</text>");
    ck_assert_ptr_null(strstr(got, "sight"));
    ck_assert_ptr_null(strstr(got, "never"));
    free(got);
    for (int i = 0; i < 2 * PLOT_MARKS_MAX; i++)
        plot_mark(&plot, AT_S, "more");
    want_number("bound", plot.mark_count, PLOT_MARKS_MAX);
}
END_TEST

START_TEST(test_legend)
{
    struct plot plot = kinds;
    struct timeline t = {0};
    struct buf got = buf_new(4096);

    timeline_add(&t, AT_S, 0, 3);
    timeline_add(&t, AT_S + DAY_S, 0, 4);
    plot.timeline = &t;
    plot_legend(&got, &plot);
    want_part(got.at, "</svg> sent 7</li>");
    want_part(got.at, "</svg> bounced 0</li>");
    want_text("bucket", plot_bucket(&t), "15 minutes");
    buf_done(&got);
}
END_TEST

/* Even at the end of time there is an end to the ticks. */
START_TEST(test_any_time)
{
    static const uint32_t times[] = {0, 1, 59, AT_S, UINT32_MAX - 1, UINT32_MAX};

    for (int i = 0; i < COUNT(times); i++)
        for (int k = 0; k < COUNT(times); k++) {
            struct timeline t = {0};
            timeline_add(&t, times[i], 0, UINT32_MAX);
            timeline_add(&t, times[k], 1, UINT32_MAX);
            char *got = draw(kinds, &t, 336);
            ck_assert_ptr_nonnull(got);
            ck_assert_msg(strlen(got) < 20000, "%zu bytes", strlen(got));
            free(got);
        }
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("plot");

    tcase_add_test(tc, test_bars_on_top_of_each_other);
    ADD_ROWS(tc, test_axis, axes);
    tcase_add_test(tc, test_marks);
    tcase_add_test(tc, test_legend);
    tcase_add_test(tc, test_any_time);
    return run_suite("plot", tc);
}
