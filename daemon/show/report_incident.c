/* SPDX-License-Identifier: MIT */
#include "show/report_incident.h"

#include "common/text_of.h"
#include "detect/scope.h"
#include "report/html.h"
#include "show/incident_whole.h"
#include "show/report_html.h"
#include "show/terminal.h"

enum { ACTS_MAX = 12, ACT_MAX = 600, WHAT_MAX = 200 };

/* --- what the JSON says ----------------------------------------------------------------------- */

static int kind_of(const char *name)
{
    int kind = KIND_COUNT - 1;

    while (kind >= 0 && strcmp(kind_name((enum kind)kind), name) != 0)
        kind--;
    return kind;
}

static int key_type_of(const char *name)
{
    int type = KEY_COUNT - 1;

    while (type >= 0 && strcmp(key_type_name((enum key_type)type), name) != 0)
        type--;
    return type;
}

static enum cause cause_of(const json_t *incident)
{
    int cause = CAUSE_COUNT - 1;

    while (cause > CAUSE_NONE &&
           strcmp(cause_name((enum cause)cause), text_of(incident, "cause")) != 0)
        cause--;
    return (enum cause)cause;
}

bool report_subject(const json_t *incident, struct activity_subject *ret)
{
    const json_t *more = json_object_get(incident, INCIDENT_MORE);
    json_t *key = json_object_get(incident, "key");
    void *member = json_object_iter(key);
    const char *type = member ? json_object_iter_key(member) : "";
    int kind = kind_of(text_of(incident, "kind")), key_type = key_type_of(type);

    if (kind < 0 || key_type < 0)
        return false;
    /* After its type and a blank, `more` has a uid's text too. */
    struct span text = span_str(text_of(more, "key"));
    if (key_type == KEY_UID)
        span_take(&text, SPAN("uid "));
    else
        text = span_str(text_of(key, type));
    *ret = (struct activity_subject){.kind = (enum kind)kind,
                                     .cause = cause_of(incident),
                                     .key_type = (enum key_type)key_type,
                                     .key = text,
                                     .host = span_str(text_of(incident, "host")),
                                     .first_s = (uint32_t)report_count(more, "first_s"),
                                     .last_s = (uint32_t)report_count(more, "last_s")};
    return true;
}

static uint32_t seconds_of(const json_t *incident, const char *name)
{
    wall_us t = terminal_parse_time(text_of(incident, name));

    return t == WHEN_UNKNOWN || t < 0 ? 0 : (uint32_t)(t / US_PER_S);
}

static bool is_kind(const json_t *incident, enum kind kind)
{
    return strcmp(text_of(incident, "kind"), kind_name(kind)) == 0;
}

/* --- the parts of the page -------------------------------------------------------------------- */

static void add_state(struct buf *to, const json_t *incident)
{
    const char *state = text_of(incident, "state");
    char first[REPORT_TIME_MAX], last[REPORT_TIME_MAX], text[256];

    snprintf(text, sizeof(text), "%s. First seen %s, last seen %s.",
             !strcmp(state, "open")        ? "It goes on"
             : !strcmp(state, "withdrawn") ? "It was a false alarm, and is withdrawn"
             : !strcmp(state, "closed")    ? "It is closed"
                                           : "It is over",
             report_time(text_of(incident, "first_seen"), first),
             report_time(text_of(incident, "last_seen"), last));
    html_element(to, "p", NULL, text);
}

static void add_head(struct buf *to, const json_t *incident)
{
    const char *key = text_of(json_object_get(incident, INCIDENT_MORE), "key");

    buf_add_str(to, "<header>\n");
    report_severity(to, text_of(incident, "severity"));
    html_element(to, "span", "dim", text_of(incident, "severity_reason"));
    buf_add_str(to, "<h1>");
    html_text(to, span_str(text_of(incident, "kind")));
    buf_add_str(to, ": ");
    html_text_cut(to, span_str(key), REPORT_NAME_MAX);
    buf_add_str(to, "</h1>\n");
    buf_add_str(to, "<p class=\"verdict\">");
    report_sentence(to, text_of(incident, "reason"));
    buf_add_str(to, "</p>\n");
    add_state(to, incident);
    buf_add_str(to, "<p class=\"dim\">On ");
    html_text_cut(to, span_str(text_of(incident, "host")), REPORT_NAME_MAX);
    buf_add_str(to, ", incident ");
    html_text(to, span_str(text_of(incident, "id")));
    buf_add_str(to, "</p>\n</header>\n");
}

static void add_figures(struct buf *to, const json_t *incident)
{
    static const struct {
        const char *name, *what;
    } rows[] = {{"messages", "messages"}, {"recipients", "recipients"}, {"notices", "notices"},
                {"sent", "sent"},         {"deferred", "deferred"},     {"bounced", "bounced"},
                {"queued", "queued"},     {"held", "of them on hold"},  {"undecided", "untried"}};

    buf_add_str(to, "<ul class=\"figures\">\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint64_t n = report_count(incident, rows[i].name);
        /* What none of most incidents has is not worth a zero. */
        bool is_rare = !strcmp(rows[i].name, "notices") || !strcmp(rows[i].name, "held") ||
                       !strcmp(rows[i].name, "undecided");
        if (n || !is_rare)
            report_figure(to, n, rows[i].what);
    }
    buf_add_str(to, "</ul>\n");
}

/* One of the lists: who, to whom. */
static void add_tally(struct buf *to, const json_t *more, const char *name, const char *title,
                      const char *unit)
{
    const json_t *tally = json_object_get(more, name), *top = json_object_get(tally, "top");
    uint64_t distinct = report_count(tally, "distinct");

    if (!json_array_size(top))
        return;
    buf_add_str(to, "<section>\n<h3>");
    html_text(to, span_str(title));
    buf_printf(to, " (%s)</h3>\n<table>\n", unit);
    for (size_t i = 0; i < json_array_size(top); i++) {
        const json_t *pair = json_array_get(top, i);
        buf_add_str(to, "<tr><td>");
        html_text_cut(to, span_str(json_string_value(json_array_get(pair, 0))), REPORT_NAME_MAX);
        buf_printf(to, "</td><td class=\"n\">%lld</td></tr>\n",
                   (long long)json_integer_value(json_array_get(pair, 1)));
    }
    if (distinct > json_array_size(top))
        buf_printf(to, "<tr><td>and %llu more</td><td></td></tr>\n",
                   (unsigned long long)(distinct - json_array_size(top)));
    buf_add_str(to, "</table>\n</section>\n");
}

static void add_who(struct buf *to, const json_t *incident)
{
    const json_t *more = json_object_get(incident, INCIDENT_MORE);
    const char *unit = is_kind(incident, KIND_BACKSCATTER_SOURCE)   ? "notices"
                       : is_kind(incident, KIND_BACKSCATTER_VICTIM) ? "messages"
                                                                    : "recipients";
    char hosts[64];

    report_heading(to, "Who, and to whom");
    buf_add_str(to, "<div class=\"grid\">\n");
    snprintf(hosts, sizeof(hosts), "%llu hosts",
             (unsigned long long)report_count(json_object_get(more, "hosts"), "distinct"));
    add_tally(to, more, "hosts", hosts, unit);
    add_tally(to, more, "clients", "Clients", unit);
    add_tally(to, more, "networks", "Client networks", unit);
    add_tally(to, more, "senders", "Senders", unit);
    add_tally(to, more, "sender_domains", "Sender domains", unit);
    add_tally(to, more, "recipient_domains", "Sent to", unit);
    add_tally(to, more, "refused_by", "Refused by", unit);
    add_tally(to, more, "scripts", "Scripts, by the mail's headers", "messages");
    add_tally(to, more, "subjects", "Subjects", "messages");
    buf_add_str(to, "</div>\n");
}

static void add_cure(struct buf *to, const json_t *incident)
{
    const json_t *advice = json_object_get(incident, "advice");
    const json_t *commands = json_object_get(incident, "commands");
    const char *setting = text_of(incident, "setting");
    char what[WHAT_MAX];

    report_heading(to, "What lets it happen, and what ends it");
    if (*text_of(incident, "cause")) {
        buf_add_str(to, "<p>Cause: ");
        html_text(to, span_str(text_of(incident, "cause")));
        buf_add_str(to, *setting ? "; the setting of Postfix that ends it: <code>" : "");
        html_text(to, span_str(setting));
        buf_add_str(to, *setting ? "</code></p>\n" : "</p>\n");
    }
    buf_add_str(to, json_array_size(advice) ? "<ol>\n" : "");
    for (size_t i = 0; i < json_array_size(advice); i++)
        html_element(to, "li", NULL, text_or_empty(json_string_value(json_array_get(advice, i))));
    buf_add_str(to, json_array_size(advice) ? "</ol>\n" : "");
    if (!json_array_size(commands))
        return;
    buf_add_str(to, "<p>In this order, as root:</p>\n<pre>");
    for (size_t i = 0; i < json_array_size(commands); i++) {
        const json_t *command = json_array_get(commands, i);
        snprintf(what, sizeof(what), "# %s", text_of(command, "what"));
        report_line(to, span_str(what), SIZE_MAX);
        report_line(to, span_str(text_of(command, "command")), SIZE_MAX);
    }
    buf_add_str(to, "</pre>\n");
}

static void add_stanza(struct buf *to, const json_t *incident)
{
    struct span rest = span_str(text_of(incident, "stanza")), line;

    if (!rest.len)
        return;
    report_heading(to, "If this mail is wanted");
    buf_add_str(to, "<p>Add to relaywatch.conf, and run <code>systemctl reload relaywatch</code>:"
                    "</p>\n<pre>");
    while (span_take_line(&rest, &line))
        report_line(to, line, SIZE_MAX);
    buf_add_str(to, "</pre>\n");
}

static void add_names(struct buf *to, const json_t *list, const char *title)
{
    if (!json_array_size(list))
        return;
    buf_printf(to, "<p class=\"dim\">%s: ", title);
    for (size_t i = 0; i < json_array_size(list) && i < 5; i++) {
        buf_add_str(to, i ? ", " : "");
        html_text_cut(to, span_str(json_string_value(json_array_get(list, i))), REPORT_NAME_MAX);
    }
    buf_add_str(to, "</p>\n");
}

static void add_evidence(struct buf *to, const struct report_incident *report)
{
    const json_t *grounds = json_object_get(report->incident, "evidence");

    report_heading(to, "Evidence");
    buf_add_str(to, json_array_size(grounds) ? "<ul>\n" : "");
    for (size_t i = 0; i < json_array_size(grounds); i++)
        html_element(to, "li", NULL, text_or_empty(json_string_value(json_array_get(grounds, i))));
    buf_add_str(to, json_array_size(grounds) ? "</ul>\n" : "");
    add_names(to, json_object_get(report->incident, "queue_ids"),
              "Queue IDs of the first messages");
    add_names(to, json_object_get(report->incident, "message_ids"), "Their message-ids");
    if (!report->line_count)
        return;
    buf_add_str(to, "<p>Lines of the log about them:</p>\n<pre>");
    for (size_t i = 0; i < report->line_count; i++)
        report_line(to, span_of(report->line[i].text, report->line[i].len), REPORT_LINE_MAX);
    buf_add_str(to, "</pre>\n");
}

/* --- what was done ---------------------------------------------------------------------------- */

struct act {
    uint32_t at_s;
    char text[ACT_MAX];
};

struct acts {
    struct act act[ACTS_MAX];
    int count;
};

/* In the order of time; of those at the same second, in the order in which they are added. */
__attribute__((format(printf, 3, 4))) static void add_act(struct acts *acts, uint32_t at_s,
                                                          const char *format, ...)
{
    int at = acts->count;
    va_list args;

    if (!at_s || at == ACTS_MAX)
        return;
    acts->count++;
    for (; at > 0 && acts->act[at - 1].at_s > at_s; at--)
        acts->act[at] = acts->act[at - 1];
    acts->act[at].at_s = at_s;
    va_start(args, format);
    vsnprintf(acts->act[at].text, ACT_MAX, format, args);
    va_end(args);
}

static void add_postsuper(struct acts *acts, const struct activity_acts *done, const char *what)
{
    char until[WHEN_TEXT_MAX], last[REPORT_TIME_MAX];

    if (!done->n)
        return;
    report_time(when_print(done->last_s * US_PER_S, until), last);
    add_act(acts, done->first_s, "%llu message%s %s%s%s", (unsigned long long)done->n,
            done->n == 1 ? " was" : "s were", what, done->last_s != done->first_s ? ", until " : "",
            done->last_s != done->first_s ? last : "");
}

static void collect_acts(struct acts *acts, const struct report_incident *report)
{
    const json_t *incident = report->incident, *more = json_object_get(incident, INCIDENT_MORE);
    const char *crossed = text_of(more, "crossed"), *why = text_of(incident, "close_reason");
    bool is_withdrawn = !strcmp(text_of(incident, "state"), "withdrawn");
    uint64_t reopened = report_count(incident, "reopened");

    add_act(acts, (uint32_t)report_count(more, "first_s"), "the first of these messages");
    add_act(acts, seconds_of(incident, "raised_at"), "relaywatch raised the alarm%s%s",
            *crossed ? ": " : "", crossed);
    if (report->activity) {
        add_postsuper(acts, &report->activity->held, "put on hold");
        add_postsuper(acts, &report->activity->released, "released from hold");
        add_postsuper(acts, &report->activity->deleted, "deleted");
    }
    add_act(acts, seconds_of(incident, "closed_at"), "somebody closed it%s%.400s", *why ? ": " : "",
            why);
    add_act(acts, (uint32_t)report_count(more, "last_s"), "the last that was seen of it%s",
            reopened ? "; it had ended and come again" : "");
    add_act(acts, seconds_of(incident, "ended_at"),
            is_withdrawn ? "withdrawn as a false alarm" : "relaywatch called it over");
}

static void add_acts(struct buf *to, const struct report_incident *report)
{
    struct acts acts = {.count = 0};
    char utc[WHEN_TEXT_MAX], when[REPORT_TIME_MAX];

    collect_acts(&acts, report);
    report_heading(to, "What was done, and when");
    buf_add_str(to, "<table>\n");
    for (int i = 0; i < acts.count; i++) {
        report_time(when_print(acts.act[i].at_s * US_PER_S, utc), when);
        buf_printf(to, "<tr><td class=\"when\">%s</td><td>", when);
        html_text(to, span_str(acts.act[i].text));
        buf_add_str(to, "</td></tr>\n");
    }
    buf_add_str(to, "</table>\n");
}

static void add_related(struct buf *to, const json_t *related)
{
    for (size_t i = 0; i < json_array_size(related); i++) {
        const json_t *pair = json_array_get(related, i);
        buf_add_str(to, i ? ", " : "<p>See also: ");
        html_text(to, span_str(json_string_value(json_array_get(pair, 0))));
        buf_add_str(to, " ");
        html_text(to, span_str(json_string_value(json_array_get(pair, 1))));
    }
    buf_add_str(to, json_array_size(related) ? "</p>\n" : "");
}

/* --- the plots -------------------------------------------------------------------------------- */

static void set_marks(struct plot *plot, const struct report_incident *report)
{
    plot_mark(plot, seconds_of(report->incident, "raised_at"), "raised");
    plot_mark(plot, report->activity->held.first_s, "held");
    plot_mark(plot, report->activity->deleted.first_s, "deleted");
    plot_mark(plot, seconds_of(report->incident, "closed_at"), "closed");
    plot_mark(plot, seconds_of(report->incident, "ended_at"), "ended");
}

static void add_plot(struct buf *to, const struct report_incident *report,
                     const struct timeline *timeline, const char *of)
{
    bool is_notice = is_kind(report->incident, KIND_BACKSCATTER_SOURCE);
    char caption[256];
    struct plot plot = {
        .timeline = timeline,
        .series = {[ACTIVITY_SENT] = {"sent", "blue", false},
                   [ACTIVITY_DEFERRED] = {"deferred", "amber", false},
                   [ACTIVITY_BOUNCED] = {"bounced", "red", false},
                   [ACTIVITY_ACCEPTED] = {is_notice ? "notices written" : "messages accepted",
                                          "ink", true}},
        .what = caption};

    snprintf(caption, sizeof(caption),
             "%s, per %s. Line: %s. Bars: attempts to deliver them to a recipient, by result; a "
             "deferred one is tried again.",
             of, plot_bucket(timeline), is_notice ? "notices written" : "messages accepted");
    set_marks(&plot, report);
    report_plot(to, &plot, caption);
}

static void add_plots(struct buf *to, const struct report_incident *report)
{
    const struct activity_subject *a = report->activity;

    report_heading(to, "What happened when");
    if (!a || !a->timeline.count) {
        html_element(to, "p", NULL,
                     a ? "There is no plot: the log that could be read no longer has this mail."
                       : "There is no plot: the log could not be read.");
        return;
    }
    if (timeline_width_s(&a->timeline) > 60 && a->begin.count)
        add_plot(to, report, &a->begin, "The first two hours");
    struct timeline all = a->timeline;
    if (seconds_of(report->incident, "closed_at"))
        timeline_add(&all, seconds_of(report->incident, "closed_at"), ACTIVITY_ACCEPTED, 0);
    add_plot(to, report, &all, "All of it");
}

char *report_incident_page(const struct report_incident *report)
{
    const json_t *incident = report->incident, *more = json_object_get(incident, INCIDENT_MORE);
    struct buf page = buf_new(REPORT_MAX), title = buf_new(4096);

    buf_printf(&title, "%s: %s", text_of(incident, "kind"), text_of(more, "key"));
    report_begin(&page, text_or_empty(title.at));
    buf_done(&title);
    add_head(&page, incident);
    add_figures(&page, incident);
    add_plots(&page, report);
    add_cure(&page, incident);
    add_who(&page, incident);
    add_acts(&page, report);
    add_evidence(&page, report);
    add_stanza(&page, incident);
    add_related(&page, json_object_get(more, "related"));
    report_end(&page);
    return buf_take(&page);
}
