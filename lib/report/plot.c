/* SPDX-License-Identifier: MIT */
#include "report/plot.h"

#include <stdlib.h>

#include "base/when.h"
#include "report/html.h"

/* In pixels. LETTER: an average letter of the labels. */
enum { LEFT = 46, RIGHT = 24, BOTTOM = 36, HEIGHT = 170, ROW = 15, ROWS_MAX = 4, LETTER = 7 };
enum { TICK_ROOM = 64, SHOWN_MIN = 15, DAY_S = 86400, LINES = 4 };

/* Where things are. */
struct frame {
    const struct plot *plot;
    int width, top;
    uint64_t begin_s, span_s;
    uint64_t most; /* at the upper edge */
};

void plot_mark(struct plot *plot, uint32_t at_s, const char *label)
{
    int at = plot->mark_count;

    if (!at_s || at == PLOT_MARKS_MAX)
        return;
    plot->mark_count++;
    for (; at > 0 && plot->mark[at - 1].at_s > at_s; at--)
        plot->mark[at] = plot->mark[at - 1];
    plot->mark[at].at_s = at_s;
    snprintf(plot->mark[at].label, sizeof(plot->mark[at].label), "%s", label);
}

const char *plot_bucket(const struct timeline *t)
{
    static const char *const names[] = {"minute",
                                        "5 minutes",
                                        "15 minutes",
                                        "hour",
                                        "3 hours",
                                        "6 hours",
                                        "day",
                                        "week",
                                        "4 weeks",
                                        "year (52 weeks)",
                                        "2 years (104 weeks)"};

    return names[t->width];
}

/* --- the scales ------------------------------------------------------------------------------- */

static double x_of(const struct frame *f, uint64_t at_s)
{
    double part = (double)(at_s - f->begin_s) / (double)f->span_s;

    return LEFT + part * (f->width - LEFT - RIGHT);
}

static double height_of(const struct frame *f, uint64_t n)
{
    return (double)n / (double)f->most * HEIGHT;
}

/* What the bars of a bucket add up to, or its line. */
static uint64_t highest(const struct plot *plot, uint32_t bucket)
{
    uint64_t bars = 0, line = 0;

    for (int s = 0; s < TIMELINE_SERIES; s++)
        if (!plot->series[s].name)
            continue;
        else if (plot->series[s].is_line)
            line = plot->timeline->n[bucket][s];
        else
            bars += plot->timeline->n[bucket][s];
    return bars > line ? bars : line;
}

/* The lowest multiple of LINES that leaves room for n, in steps that people count in. */
static uint64_t round_up(uint64_t n)
{
    static const uint64_t steps[] = {1, 2, 3, 4, 5, 6, 8};

    for (uint64_t ten = 1;; ten *= 10)
        for (int i = 0; i < 7; i++)
            if (n <= ten * steps[i] * LINES)
                return ten * steps[i] * LINES;
}

static bool is_shown(const struct frame *f, const struct plot_mark *mark)
{
    return mark->at_s >= f->begin_s && mark->at_s - f->begin_s <= f->span_s;
}

/* --- axes ------------------------------------------------------------------------------------- */

static void add_number(struct buf *to, uint64_t n)
{
    if (n >= 10000000)
        buf_printf(to, "%llu M", (unsigned long long)(n / 1000000));
    else if (n >= 10000)
        buf_printf(to, "%llu k", (unsigned long long)(n / 1000));
    else
        buf_printf(to, "%llu", (unsigned long long)n);
}

static void draw_y(struct buf *to, const struct frame *f)
{
    for (unsigned i = 0; i <= LINES; i++) {
        double y = f->top + HEIGHT - (double)HEIGHT * i / LINES;
        buf_printf(to, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, f->width - RIGHT);
        buf_printf(to, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 6, y + 4);
        add_number(to, f->most / LINES * i);
        buf_add_str(to, "</text>\n");
    }
}

static const char *month_name(int month)
{
    static const char names[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return names[month - 1];
}

/* The time and, where the date changes, the date; or the date and, where that changes, the year. */
static void draw_tick(struct buf *to, const struct frame *f, uint64_t at_s, uint32_t step_s,
                      struct civil *last)
{
    struct civil c = when_to_civil((wall_us)at_s * US_PER_S);
    double x = x_of(f, at_s);
    int y = f->top + HEIGHT;

    buf_printf(to,
               "<path class=\"grid\" d=\"M%.1f %dv4\"/><text x=\"%.1f\" y=\"%d\" "
               "text-anchor=\"middle\">",
               x, y, x, y + 16);
    if (step_s < DAY_S)
        buf_printf(to, "%02d:%02d", c.hour, c.minute);
    else
        buf_printf(to, "%d %s", c.day, month_name(c.month));
    buf_add_str(to, "</text>");
    bool is_new =
        step_s < DAY_S ? c.day != last->day || c.month != last->month : c.year != last->year;
    if (is_new)
        buf_printf(to, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", x, y + 30);
    if (is_new && step_s < DAY_S)
        buf_printf(to, "%d %s</text>", c.day, month_name(c.month));
    else if (is_new)
        buf_printf(to, "%d</text>", c.year);
    buf_add_str(to, "\n");
    *last = c;
}

static void draw_x(struct buf *to, const struct frame *f)
{
    static const uint32_t steps[] = {
        60,         300,        600,         900,          1800,         3600,      7200,
        10800,      21600,      43200,       DAY_S,        2 * DAY_S,    7 * DAY_S, 14 * DAY_S,
        28 * DAY_S, 91 * DAY_S, 364 * DAY_S, 1820 * DAY_S, 3640u * DAY_S};
    size_t i = 0, last = sizeof(steps) / sizeof(*steps) - 1;
    uint32_t room = (uint32_t)(f->width - LEFT - RIGHT) / TICK_ROOM;
    struct civil before = {0};

    while (i < last && f->span_s / steps[i] > room)
        i++;
    for (uint64_t at = (f->begin_s + steps[i] - 1) / steps[i] * steps[i];
         at <= f->begin_s + f->span_s; at += steps[i])
        draw_tick(to, f, at, steps[i], &before);
}

/* --- what is plotted -------------------------------------------------------------------------- */

/* One path for all bars of a series, each on top of those of the series before. */
static void draw_bars(struct buf *to, const struct frame *f, int series, uint64_t *below)
{
    const struct timeline *t = f->plot->timeline;
    uint32_t width_s = timeline_width_s(t);
    double width = x_of(f, f->begin_s + width_s) - LEFT;
    /* A gap between bars, where there is room for one. */
    double bar = width > 3 ? width - 1 : width;

    buf_printf(to, "<path class=\"%s\" d=\"", f->plot->series[series].class);
    for (uint32_t i = 0; i < t->count; i++) {
        double y = f->top + HEIGHT - height_of(f, below[i]);
        double height = height_of(f, t->n[i][series]);
        below[i] += t->n[i][series];
        if (t->n[i][series])
            buf_printf(to, "M%.1f %.1fv%.2fh%.1fv%.2fz", LEFT + i * width, y, -height, bar, height);
    }
    buf_add_str(to, "\"/>\n");
}

/* Steps, as wide as the bars are. */
static void draw_line(struct buf *to, const struct frame *f, int series)
{
    const struct timeline *t = f->plot->timeline;
    double width = x_of(f, f->begin_s + timeline_width_s(t)) - LEFT;

    buf_printf(to, "<path class=\"%s\" d=\"M%d %d", f->plot->series[series].class, LEFT,
               f->top + HEIGHT);
    for (uint32_t i = 0; i < t->count; i++)
        buf_printf(to, "V%.1fH%.1f", f->top + HEIGHT - height_of(f, t->n[i][series]),
                   LEFT + (i + 1) * width);
    buf_printf(to, "V%d\"/>\n", f->top + HEIGHT);
}

/* Labels in as many rows as keep them apart. ret_row: each mark's, or NULL. Returns how many. */
static int rows_of_marks(const struct frame *f, int *ret_row)
{
    double free_from[ROWS_MAX] = {0};
    int rows = 0;

    for (int i = 0; i < f->plot->mark_count; i++) {
        const struct plot_mark *mark = &f->plot->mark[i];
        double x = is_shown(f, mark) ? x_of(f, mark->at_s) : 0;
        int row = 0;
        while (row < ROWS_MAX - 1 && x < free_from[row])
            row++;
        if (!is_shown(f, mark))
            continue;
        free_from[row] = x + LETTER * ((double)strlen(mark->label) + 1);
        rows = row + 1 > rows ? row + 1 : rows;
        if (ret_row)
            ret_row[i] = row;
    }
    return rows;
}

static void draw_marks(struct buf *to, const struct frame *f)
{
    int row[PLOT_MARKS_MAX] = {0};

    rows_of_marks(f, row);
    for (int i = 0; i < f->plot->mark_count; i++) {
        const struct plot_mark *mark = &f->plot->mark[i];
        double x = is_shown(f, mark) ? x_of(f, mark->at_s) : 0;
        int y = ROW * (row[i] + 1);
        if (!is_shown(f, mark))
            continue;
        bool is_right = x + LETTER * (double)strlen(mark->label) > f->width - RIGHT;
        buf_printf(to, "<path class=\"mark\" d=\"M%.1f %dV%d\"/>", x, y - 10, f->top + HEIGHT);
        buf_printf(to, "<text class=\"mark\" x=\"%.1f\" y=\"%d\"%s>", is_right ? x - 3 : x + 3, y,
                   is_right ? " text-anchor=\"end\"" : "");
        html_text(to, span_str(mark->label));
        buf_add_str(to, "</text>\n");
    }
}

static void draw_series(struct buf *to, const struct frame *f)
{
    uint64_t below[TIMELINE_BUCKETS] = {0};

    for (int s = 0; s < TIMELINE_SERIES; s++)
        if (f->plot->series[s].name && !f->plot->series[s].is_line)
            draw_bars(to, f, s, below);
    for (int s = 0; s < TIMELINE_SERIES; s++)
        if (f->plot->series[s].name && f->plot->series[s].is_line)
            draw_line(to, f, s);
}

void plot_svg(struct buf *to, const struct plot *plot, int width)
{
    const struct timeline *t = plot->timeline;
    uint64_t width_s = timeline_width_s(t), shown = t->count > SHOWN_MIN ? t->count : SHOWN_MIN;
    struct frame f = {.plot = plot, .width = width, .begin_s = t->first * width_s};

    f.span_s = shown * width_s;
    for (uint32_t i = 0; i < t->count; i++)
        f.most = highest(plot, i) > f.most ? highest(plot, i) : f.most;
    f.most = round_up(f.most);
    f.top = ROW * rows_of_marks(&f, NULL) + 10;
    int height = f.top + HEIGHT + BOTTOM;
    buf_printf(to,
               "<svg class=\"w%d\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
               "role=\"img\" aria-label=\"",
               width, width, height, width, height);
    html_text(to, span_str(plot->what));
    buf_add_str(to, "\">\n");
    draw_y(to, &f);
    draw_x(to, &f);
    draw_series(to, &f);
    draw_marks(to, &f);
    buf_add_str(to, "</svg>\n");
}

void plot_legend(struct buf *to, const struct plot *plot)
{
    buf_add_str(to, "<ul class=\"legend\">\n");
    for (int s = 0; s < TIMELINE_SERIES; s++) {
        if (!plot->series[s].name)
            continue;
        buf_printf(to,
                   "<li><svg width=\"14\" height=\"12\" aria-hidden=\"true\">"
                   "<path class=\"%s\" d=\"%s\"/></svg> ",
                   plot->series[s].class, plot->series[s].is_line ? "M0 6H14" : "M1 1H13V11H1z");
        html_text(to, span_str(plot->series[s].name));
        buf_printf(to, " %llu</li>\n", (unsigned long long)timeline_sum(plot->timeline, s));
    }
    buf_add_str(to, "</ul>\n");
}
