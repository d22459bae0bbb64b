/* SPDX-License-Identifier: MIT */
/*
 * Does:         draws a timeline as SVG: bars on top of each other, a line, marked moments.
 * Doesn't know: what it is a plot of; how it is coloured (the page's style has the classes).
 * Owns:         nothing.
 * Time:         seconds since 1970, written as UTC.
 * Fails:        as buf.h. A mark outside of what the timeline spans is left out.
 */
#ifndef RELAYWATCH_REPORT_PLOT_H
#define RELAYWATCH_REPORT_PLOT_H

#include "base/buf.h"
#include "report/timeline.h"

enum { PLOT_MARKS_MAX = 24 };

/* Its class in the style; a series without a name is not drawn. */
struct plot_series {
    const char *name, *class;
    bool is_line;
};

/* By time; without a time (0) it is left out. */
struct plot_mark {
    uint32_t at_s;
    char label[16];
};

struct plot {
    const struct timeline *timeline;
    struct plot_series series[TIMELINE_SERIES];
    struct plot_mark mark[PLOT_MARKS_MAX];
    int mark_count;
    const char *what; /* for who can't see it */
};

/* Beyond PLOT_MARKS_MAX, marks are left out. */
void plot_mark(struct plot *plot, uint32_t at_s, const char *label);
/* Draws it so many pixels wide. */
void plot_svg(struct buf *to, const struct plot *plot, int width);
/* Its legend: each series with its sum. */
void plot_legend(struct buf *to, const struct plot *plot);
/* "minute", "5 minutes": what a bar stands for. */
const char *plot_bucket(const struct timeline *t);

#endif
