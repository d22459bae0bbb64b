/* SPDX-License-Identifier: MIT */
#include "show/report_overview.h"

#include "base/terms.h"
#include "common/text_of.h"
#include "report/html.h"
#include "show/incident_whole.h"
#include "show/report_html.h"
#include "show/status_text.h"
#include "show/terminal.h"

static const json_t *at(const json_t *list, size_t i)
{
    return json_array_get(list, i);
}

static size_t how_many(const json_t *incidents, const char *member, const char *value)
{
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(incidents); i++)
        n += strcmp(text_of(at(incidents, i), member), value) == 0;
    return n;
}

/* "This log shows 2 incidents, 1 critical: 1 open-relay, 1 backscatter-source." */
static void add_verdict(struct buf *to, const json_t *incidents)
{
    size_t n = json_array_size(incidents), critical = how_many(incidents, "severity", "critical");
    const char *before = ": ";

    buf_add_str(to, "<p class=\"verdict\">");
    if (!n)
        buf_add_str(to, "Nothing in this log looks like abuse of the server");
    else
        buf_printf(to, "This log shows %zu incident%s, %zu critical", n, n == 1 ? "" : "s",
                   critical);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        size_t of_kind = how_many(incidents, "kind", kind_name((enum kind)kind));
        if (!of_kind)
            continue;
        buf_printf(to, "%s%zu %s", before, of_kind, kind_name((enum kind)kind));
        before = ", ";
    }
    buf_add_str(to, ".</p>\n");
}

static void add_head(struct buf *to, const struct report_overview *report)
{
    char utc[WHEN_TEXT_MAX], began[REPORT_TIME_MAX], until[REPORT_TIME_MAX];
    char lines[32], messages[32];

    report_time(when_print(report->began_s * US_PER_S, utc), began);
    report_time(when_print(report->until_s * US_PER_S, utc), until);
    html_element(to, "h1", NULL, "What a mail log shows");
    add_verdict(to, report->incidents);
    if (report->began_s)
        buf_printf(to, "<p>%s to %s.</p>\n", began, until);
    buf_printf(to, "<p class=\"dim\">%s lines, %s messages.</p>\n",
               number_text(report_count(report->summary, "lines"), lines),
               number_text(report_count(report->summary, "messages"), messages));
}

static void add_plot(struct buf *to, const struct report_overview *report)
{
    char caption[256], number[24];
    struct plot plot = {.timeline = report->origins,
                        .series = {[ACTIVITY_OUTSIDE] = {"from outside", "red", false},
                                   [ACTIVITY_OF_ACCOUNT] = {"by a login", "violet", false},
                                   [ACTIVITY_LOCAL] = {"by local programs", "blue", false},
                                   [ACTIVITY_TRUSTED] = {"trusted clients", "green", false},
                                   [ACTIVITY_NOTICE] = {"notices", "amber", false},
                                   [ACTIVITY_OTHER] = {"unknown", "grey", false}},
                        .what = caption};

    if (!report->origins->count)
        return;
    for (int s = 0; s < TIMELINE_SERIES; s++)
        if (!timeline_sum(report->origins, s))
            plot.series[s].name = NULL;
    report_heading(to, "Mail by origin");
    for (size_t i = 0; i < json_array_size(report->incidents); i++) {
        wall_us raised = terminal_parse_time(text_of(at(report->incidents, i), "raised_at"));
        snprintf(number, sizeof(number), "%zu", i + 1);
        if (raised > 0)
            plot_mark(&plot, (uint32_t)(raised / US_PER_S), number);
    }
    snprintf(caption, sizeof(caption),
             "Messages accepted per %s, by where they came from. A number marks when the incident "
             "below was raised.",
             plot_bucket(report->origins));
    report_plot(to, &plot, caption);
}

static void add_amounts(struct buf *to, const json_t *incident)
{
    char first[REPORT_TIME_MAX], last[REPORT_TIME_MAX];

    buf_printf(to, "<p class=\"dim\">%s to %s, %s; ",
               report_time(text_of(incident, "first_seen"), first),
               report_time(text_of(incident, "last_seen"), last), text_of(incident, "state"));
    buf_printf(to, "sent %llu, deferred %llu, bounced %llu, queued %llu; id ",
               (unsigned long long)report_count(incident, "sent"),
               (unsigned long long)report_count(incident, "deferred"),
               (unsigned long long)report_count(incident, "bounced"),
               (unsigned long long)report_count(incident, "queued"));
    html_text(to, span_str(text_of(incident, "id")));
    buf_add_str(to, "</p>\n");
}

/* What it is, and the first thing to do about it. */
static void add_incident(struct buf *to, const json_t *incident, size_t number)
{
    const json_t *advice = json_object_get(incident, "advice");

    buf_printf(to, "<section class=\"card\">\n<p><b>%zu</b> ", number);
    report_severity(to, text_of(incident, "severity"));
    buf_add_str(to, "<b>");
    html_text(to, span_str(text_of(incident, "kind")));
    buf_add_str(to, ": ");
    html_text_cut(to, span_str(text_of(json_object_get(incident, INCIDENT_MORE), "key")),
                  REPORT_NAME_MAX);
    buf_add_str(to, "</b> on ");
    html_text_cut(to, span_str(text_of(incident, "host")), REPORT_NAME_MAX);
    buf_add_str(to, "</p>\n<p>");
    report_sentence(to, text_of(incident, "reason"));
    buf_add_str(to, "</p>\n");
    if (json_array_size(advice)) {
        buf_add_str(to, "<p>What to do: ");
        report_sentence(to, text_or_empty(json_string_value(at(advice, 0))));
        buf_add_str(to, "</p>\n");
    }
    add_amounts(to, incident);
    buf_add_str(to, "</section>\n");
}

static void add_incidents(struct buf *to, const json_t *incidents)
{
    size_t n = json_array_size(incidents), shown = n;

    if (shown > REPORT_INCIDENTS_MAX)
        shown = REPORT_INCIDENTS_MAX;
    if (n)
        report_heading(to, "Incidents");
    for (size_t i = 0; i < shown; i++)
        add_incident(to, at(incidents, i), i + 1);
    if (n > shown)
        buf_printf(to, "<p>And %zu more; <code>relaywatch scan</code> lists them.</p>\n",
                   n - shown);
    if (n)
        buf_add_str(to, "<p class=\"dim\"><code>relaywatch report ID FILE...</code>, with an "
                        "incident's id, writes a page about one.</p>\n");
}

static void add_warnings(struct buf *to, const json_t *warnings)
{
    if (!json_array_size(warnings))
        return;
    report_heading(to, "What else was seen");
    buf_add_str(to, "<ul>\n");
    for (size_t i = 0; i < json_array_size(warnings); i++)
        html_element(to, "li", NULL, text_of(at(warnings, i), "text"));
    buf_add_str(to, "</ul>\n");
}

char *report_overview_page(const struct report_overview *report)
{
    struct buf page = buf_new(REPORT_MAX);

    report_begin(&page, "What a mail log shows");
    add_head(&page, report);
    add_plot(&page, report);
    add_incidents(&page, report->incidents);
    add_warnings(&page, report->warnings);
    report_end(&page);
    return buf_take(&page);
}
