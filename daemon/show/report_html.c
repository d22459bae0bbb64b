/* SPDX-License-Identifier: MIT */
#include "show/report_html.h"

#include "report/html.h"
#include "show/report_style.h"

/* In pixels; the style has a class for each. */
enum { WIDE = 720, NARROW = 336 };

void report_begin(struct buf *to, const char *title)
{
    buf_add_str(to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                    "<meta http-equiv=\"Content-Security-Policy\" "
                    "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
                    "<meta name=\"viewport\" content=\"width=device-width\"/>\n"
                    "<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>");
    html_text_cut(to, span_str(title), REPORT_NAME_MAX);
    buf_add_str(to, "</title>\n<style>\n");
    buf_add_str(to, report_style);
    buf_add_str(to, "</style>\n</head>\n<body>\n");
}

void report_end(struct buf *to)
{
    buf_add_str(to, "<footer>Written by relaywatch " RELAYWATCH_VERSION
                    " from the log of a mail server. All times are UTC. In brackets, such as "
                    "[U+202E], stands what can't be seen in names that strangers have chosen."
                    "</footer>\n</body>\n</html>\n");
}

void report_heading(struct buf *to, const char *text)
{
    html_element(to, "h2", NULL, text);
}

const char *report_time(const char *utc, char *buf)
{
    snprintf(buf, REPORT_TIME_MAX, "%s", utc);
    if (strlen(utc) == sizeof("2026-11-24T03:47:12Z") - 1 && utc[10] == 'T')
        snprintf(buf, REPORT_TIME_MAX, "%.10s %.8s UTC", utc, utc + 11);
    return buf;
}

void report_sentence(struct buf *to, const char *text)
{
    if (*text >= 'a' && *text <= 'z') {
        buf_printf(to, "%c", *text - 'a' + 'A');
        text++;
    }
    html_text(to, span_str(text));
    buf_add_str(to, ".");
}

void report_line(struct buf *to, struct span text, size_t max)
{
    buf_add_str(to, "<span>");
    html_text_cut(to, text, max);
    buf_add_str(to, "\n</span>");
}

void report_figure(struct buf *to, uint64_t n, const char *what)
{
    buf_printf(to, "<li><b>%llu</b> ", (unsigned long long)n);
    html_text(to, span_str(what));
    buf_add_str(to, "</li>\n");
}

void report_severity(struct buf *to, const char *severity)
{
    bool is_known = !strcmp(severity, "critical") || !strcmp(severity, "warning");

    html_element(to, "span",
                 !is_known                      ? "badge info"
                 : !strcmp(severity, "warning") ? "badge warning"
                                                : "badge critical",
                 severity);
}

void report_plot(struct buf *to, const struct plot *plot, const char *caption)
{
    buf_add_str(to, "<figure>\n");
    plot_svg(to, plot, WIDE);
    plot_svg(to, plot, NARROW);
    plot_legend(to, plot);
    html_element(to, "figcaption", NULL, caption);
    buf_add_str(to, "</figure>\n");
}

uint64_t report_count(const json_t *object, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(object, name));
}
