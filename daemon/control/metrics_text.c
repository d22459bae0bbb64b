/* SPDX-License-Identifier: MIT */
/*
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/. Every series of one name
 * must stand together below its HELP and TYPE lines, hence one pass over the objects per name.
 */
#include "control/metrics_text.h"

#include "base/terms.h"
#include "source/blind.h"
#include "common/text_of.h"

#define OLD_NAME "Old name, gone in the next version: "

static int64_t figure_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void add_head(struct evbuffer *out, const char *name, const char *type, const char *help)
{
    evbuffer_add_printf(out, "# HELP relaywatch_%s %s\n# TYPE relaywatch_%s %s\n", name, help, name,
                        type);
}

static void add_figure(struct evbuffer *out, const char *name, const char *type, const char *help,
                       int64_t value)
{
    add_head(out, name, type, help);
    evbuffer_add_printf(out, "relaywatch_%s %lld\n", name, (long long)value);
}

/* Quoted and made printable: strangers choose the value. */
static void add_label(struct evbuffer *out, const char *name, const char *value)
{
    evbuffer_add_printf(out, "%s=\"", name);
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\')
            evbuffer_add_printf(out, "\\%c", *c);
        else
            evbuffer_add_printf(out, "%c", printable_char(*c));
    }
    evbuffer_add_printf(out, "\"");
}

static bool is_type(const json_t *object, const char *type)
{
    return span_equal(span_str(text_of(object, "type")), span_str(type));
}

/* --- status ----------------------------------------------------------------------------------- */

/* Figures of the status object: group (or NULL) and member there, then name, type and help here. */
static const struct {
    const char *group, *member, *name, *type, *help;
} figures[] = {
    {NULL, "uptime_s", "uptime_seconds", "gauge", "How long the daemon has been running."},
    {"messages", "seen", "messages_total", "counter", "Messages seen."},
    {"messages", "in_flight", "messages_in_flight", "gauge", "Messages in the queue."},
    {"messages", "waiting", "messages_waiting", "gauge", "Messages waiting for their origin."},
    {"hosts", "count", "hosts", "gauge", "Hosts that were heard, where there are several."},
    {"hosts", "silent", "hosts_silent", "gauge",
     "Hosts of which no line has come for ten times their longest pause."},
    {"hosts", "late", "hosts_late", "gauge",
     "Hosts whose last line came five minutes late or more, or whose clock is that far behind."},
    {"hosts", "clock_ahead", "hosts_clock_ahead", "gauge",
     "Hosts whose clock is five minutes ahead or more."},
    {"source", "bytes_behind", "bytes_behind", "gauge", OLD_NAME "behind_bytes."},
    {"incidents", "open", "incidents_open", "gauge", "Open incidents."},
    {"alerts", "sent", "alerts_sent_total", "counter", "Alerts sent."},
    {"alerts", "dropped", "alerts_dropped_total", "counter",
     "Alerts that could not be sent, and failed runs of the command."},
    {"state", "saves", "state_saves_total", "counter", "How often the state was saved."},
    {"state", "failures", "state_failures_total", "counter", "How often saving the state failed."},
};

static void add_notes(struct evbuffer *out, const json_t *notes)
{
    const char *note;
    json_t *value, *object = (json_t *)(uintptr_t)notes;

    if (!json_object_size(notes))
        return;
    add_head(out, "source_notes_total", "counter", "Events in the log source.");
    json_object_foreach(object, note, value)
    {
        evbuffer_add_printf(out, "relaywatch_source_notes_total{");
        add_label(out, "note", note);
        evbuffer_add_printf(out, "} %lld\n", (long long)json_integer_value(value));
    }
}

static void add_limits(struct evbuffer *out, const json_t *limits, const char *member,
                       const char *name, const char *type, const char *help)
{
    add_head(out, name, type, help);
    for (size_t i = 0; i < json_array_size(limits); i++) {
        const json_t *limit = json_array_get(limits, i);
        evbuffer_add_printf(out, "relaywatch_%s{", name);
        add_label(out, "table", text_of(limit, "name"));
        evbuffer_add_printf(out, "} %lld\n", (long long)figure_of(limit, member));
    }
}

/* One series per cause, always there, so that an alert rule never lacks its series. */
static void add_blind(struct evbuffer *out, const json_t *list)
{
    add_head(out, "blind", "gauge",
             "Reasons for which attacks may go unseen now: logs that can't be read, are not there, "
             "stand still, and so on.");
    for (int cause = 0; cause < BLIND_CAUSE_COUNT; cause++) {
        const char *name = blind_cause_name((enum blind_cause)cause);
        int64_t count = 0;
        for (size_t i = 0; i < json_array_size(list); i++)
            if (span_equal(span_str(text_of(json_array_get(list, i), "cause")), span_str(name)))
                count = figure_of(json_array_get(list, i), "count");
        evbuffer_add_printf(out, "relaywatch_blind{cause=\"%s\"} %lld\n", name, (long long)count);
    }
}

/* At most ten, whichever these are. */
static void add_hosts(struct evbuffer *out, const json_t *list, const char *member,
                      const char *name, const char *help)
{
    add_head(out, name, "gauge", help);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *host = json_array_get(list, i);
        if (!json_is_integer(json_object_get(host, member)))
            continue;
        evbuffer_add_printf(out, "relaywatch_%s{", name);
        add_label(out, "host", text_of(host, "host"));
        evbuffer_add_printf(out, "} %lld\n", (long long)figure_of(host, member));
    }
}

static void add_status(struct evbuffer *out, const json_t *status)
{
    const json_t *limits = json_object_get(status, "limits");

    for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
        const char *group = figures[i].group;
        add_figure(out, figures[i].name, figures[i].type, figures[i].help,
                   figure_of(group ? json_object_get(status, group) : status, figures[i].member));
    }
    add_figure(out, "memory_bytes", "gauge", OLD_NAME "process_resident_memory_bytes.",
               figure_of(status, "memory_kib") * 1024);
    add_figure(out, "site_warnings", "gauge", "Site warnings that need attention.",
               (int64_t)json_array_size(json_object_get(status, "warnings")));
    add_blind(out, json_object_get(status, "blind"));
    const json_t *hosts = json_object_get(json_object_get(status, "hosts"), "list");
    add_hosts(out, hosts, "quiet_s", "host_quiet_seconds",
              "For how long no line of a host has come; of the ten that are most worth a look.");
    add_hosts(out, hosts, "late_s", "host_late_seconds",
              "How late the last line of these hosts came.");
    add_notes(out, json_object_get(json_object_get(status, "source"), "notes"));
    add_limits(out, limits, "used", "table_used", "gauge", "Entries in a table of [limits].");
    add_limits(out, limits, "max", "table_limit", "gauge", "Limit of a table of [limits].");
    add_limits(out, limits, "given_up", "table_given_up_total", "counter",
               "Entries evicted at the limit.");
}

/* --- open incidents --------------------------------------------------------------------------- */

static void add_key(struct evbuffer *out, const json_t *value)
{
    if (json_is_integer(value))
        evbuffer_add_printf(out, "key=\"%lld\"", (long long)json_integer_value(value));
    else
        add_label(out, "key", json_is_string(value) ? json_string_value(value) : "");
}

static void add_incident_labels(struct evbuffer *out, const json_t *incident)
{
    void *key = json_object_iter(json_object_get(incident, "key"));

    add_label(out, "id", text_of(incident, "id"));
    evbuffer_add_printf(out, ",");
    add_label(out, "kind", text_of(incident, "kind"));
    evbuffer_add_printf(out, ",");
    add_label(out, "host", text_of(incident, "host"));
    evbuffer_add_printf(out, ",");
    add_label(out, "key_type", key ? json_object_iter_key(key) : "");
    evbuffer_add_printf(out, ",");
    add_key(out, key ? json_object_iter_value(key) : NULL);
}

/* One gauge for each open incident. The key is a label of its own, so that a query can select
 * it. */
static void add_series(struct evbuffer *out, const json_t *objects, const char *member,
                       const char *help)
{
    char name[64];

    snprintf(name, sizeof(name), "incident_%s", member);
    add_head(out, name, "gauge", help);
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *incident = json_array_get(objects, i);
        if (!is_type(incident, "open_incident") || !json_object_get(incident, "key"))
            continue;
        evbuffer_add_printf(out, "relaywatch_%s{", name);
        add_incident_labels(out, incident);
        evbuffer_add_printf(out, "} %lld\n", (long long)figure_of(incident, member));
    }
}

/* A gauge that is always 1, so that a rule can pick incidents by their severity. */
static void add_infos(struct evbuffer *out, const json_t *objects)
{
    add_head(out, "incident_info", "gauge",
             "Always 1, for an open incident; of at most 100, those seen last.");
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *incident = json_array_get(objects, i);
        if (!is_type(incident, "open_incident") || !json_object_get(incident, "key"))
            continue;
        evbuffer_add_printf(out, "relaywatch_incident_info{");
        add_incident_labels(out, incident);
        evbuffer_add_printf(out, ",");
        add_label(out, "severity", text_of(incident, "severity"));
        evbuffer_add_printf(out, "} 1\n");
    }
}

/* --- figures with labels, and counters -------------------------------------------------------- */

static void add_labels(struct evbuffer *out, const json_t *labels)
{
    const char *name, *between = "{";
    json_t *value, *object = (json_t *)(uintptr_t)labels;

    json_object_foreach(object, name, value)
    {
        evbuffer_add_printf(out, "%s", between);
        add_label(out, name, json_string_value(value));
        between = ",";
    }
    evbuffer_add_printf(out, "%s", json_object_size(labels) ? "}" : "");
}

/* Those of one name stand together in the answer. before: the object before it. */
static void add_labelled(struct evbuffer *out, const json_t *series, const json_t *before)
{
    const json_t *value = json_object_get(series, "value");
    const char *name = text_of(series, "name");

    if (!is_type(before, "series") ||
        !span_equal(span_str(text_of(before, "name")), span_str(name)))
        evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, text_of(series, "help"),
                            name, text_of(series, "metric_type"));
    evbuffer_add_printf(out, "%s", name);
    add_labels(out, json_object_get(series, "labels"));
    if (json_is_real(value))
        evbuffer_add_printf(out, " %.6f\n", json_real_value(value));
    else
        evbuffer_add_printf(out, " %lld\n", (long long)json_integer_value(value));
}

/* Those that the status has are told there: in_flight is a gauge, and alerts_dropped tells of all
 * that were lost. */
static bool is_in_status(struct span name)
{
    static const struct span names[] = {SPAN("in_flight"), SPAN("alerts_sent"),
                                        SPAN("alerts_dropped"), SPAN("saves"),
                                        SPAN("save_failures")};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (span_equal(name, names[i]))
            return true;
    return false;
}

/* Under its name, and under that which it had up to 0.1. */
static void add_counter(struct evbuffer *out, const json_t *counter)
{
    const char *name = text_of(counter, "name"), *sentence = text_of(counter, "sentence");
    char full[96], help[256];

    snprintf(full, sizeof(full), "%s_total", name);
    if (!is_in_status(span_str(name)))
        add_figure(out, full, "counter", sentence, figure_of(counter, "value"));
    if (span_equal(span_str(name), SPAN("in_flight")))
        return;
    snprintf(full, sizeof(full), "count_%s_total", name);
    snprintf(help, sizeof(help), OLD_NAME "%s", sentence);
    add_figure(out, full, "counter", help, figure_of(counter, "value"));
}

void metrics_text(struct evbuffer *out, const json_t *objects)
{
    const json_t *before = NULL;

    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);
        if (is_type(object, "status"))
            add_status(out, object);
        else if (is_type(object, "series"))
            add_labelled(out, object, before);
        else if (is_type(object, "counter"))
            add_counter(out, object);
        before = object;
    }
    add_infos(out, objects);
    add_series(out, objects, "messages", "Messages of an open incident.");
    add_series(out, objects, "recipients", "Recipients of an open incident.");
    add_series(out, objects, "notices", "Notices of an open incident.");
    add_series(out, objects, "queued", "Messages of an open incident that are still queued.");
    add_series(out, objects, "held", "Messages of an open incident that are on hold.");
}
