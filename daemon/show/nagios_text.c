/* SPDX-License-Identifier: MIT */
/*
 * The format: https://nagios-plugins.org/doc/guidelines.html. A bar ends the text, so none of a
 * stranger's may stand in it.
 */
#include "show/nagios_text.h"

#include "common/text_of.h"
#include "show/status_text.h"
#include "show/terminal.h"

enum { NAMED_MAX = 3, KEY_MAX = 100 };

static const char *const state_names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

/* How many open incidents have which severity. */
struct severities {
    uint64_t critical, warning, info;
};

static bool is_severity(const json_t *incident, const char *severity)
{
    return span_equal(span_str(text_of(incident, "severity")), span_str(severity));
}

/* Those that the answer had no room for have no known severity, as those of an older daemon. */
static struct severities severities_of(const json_t *status, const json_t *open)
{
    uint64_t all = count_of(json_object_get(status, "incidents"), "open");
    struct severities n = {0};

    for (size_t i = 0; i < json_array_size(open); i++) {
        n.critical += is_severity(json_array_get(open, i), "critical");
        n.info += is_severity(json_array_get(open, i), "info");
    }
    n.warning = all > n.critical + n.info ? all - n.critical - n.info : 0;
    return n;
}

static enum nagios_state state_of(const struct severities *n, bool blind)
{
    if (n->critical)
        return NAGIOS_CRITICAL;
    return n->warning || blind ? NAGIOS_WARNING : NAGIOS_OK;
}

/* --- the text --------------------------------------------------------------------------------- */

static void add_safe(struct buf *out, const char *text)
{
    for (const char *c = text; *c; c++)
        buf_printf(out, "%c", *c == '|' ? '?' : printable_char(*c));
}

static void add_incident(struct buf *out, const json_t *incident)
{
    json_t *key = json_object_get(incident, "key");
    void *member = json_object_iter(key);
    uint64_t notices = count_of(incident, "notices"), queued = count_of(incident, "queued");
    char text[KEY_MAX];

    add_safe(out, text_of(incident, "kind"));
    buf_add_str(out, " of ");
    if (member && json_is_string(json_object_iter_value(member))) {
        add_safe(out, json_object_iter_key(member));
        buf_add_str(out, " ");
    }
    add_safe(out, incident_key_text(incident, text, sizeof(text)));
    buf_printf(out, ": %llu %s, %llu queued (",
               (unsigned long long)(notices ? notices : count_of(incident, "recipients")),
               notices ? "notices" : "recipients", (unsigned long long)queued);
    add_safe(out, text_of(incident, "id"));
    buf_add_str(out, ")");
}

/* The worst come first, and of one severity those seen last. */
static void add_incidents(struct buf *out, const json_t *open, const struct severities *n)
{
    static const char *const severities[] = {"critical", "warning", "info"};
    uint64_t named = 0, all = n->critical + n->warning + n->info;

    buf_printf(out, "%llu open incident%s", (unsigned long long)all, all == 1 ? "" : "s");
    if (all)
        buf_printf(out, " (%llu critical, %llu warning, %llu info)",
                   (unsigned long long)n->critical, (unsigned long long)n->warning,
                   (unsigned long long)n->info);
    for (int severity = 0; severity < 3; severity++)
        for (size_t i = 0; i < json_array_size(open) && named < NAMED_MAX; i++) {
            const json_t *incident = json_array_get(open, i);
            if (!is_severity(incident, severities[severity]))
                continue;
            buf_add_str(out, named++ ? "; " : ": ");
            add_incident(out, incident);
        }
    if (named && all > named)
        buf_printf(out, "; and %llu more", (unsigned long long)(all - named));
}

static void add_blind(struct buf *out, const json_t *blind)
{
    for (size_t i = 0; i < json_array_size(blind); i++) {
        buf_add_str(out, "blind: ");
        add_safe(out, text_of(json_array_get(blind, i), "text"));
        buf_add_str(out, " ");
    }
}

/* --- the figures ------------------------------------------------------------------------------ */

/* 'label'=value[unit];[warn];[crit];[min]: a threshold of 0 is crossed by 1. A unit of c is a
 * counter. */
static void add_figure(struct buf *out, const char *label, const char *unit, const char *limits,
                       uint64_t value)
{
    buf_printf(out, " %s=%llu%s;%s;0", label, (unsigned long long)value, unit, limits);
}

static void add_figures(struct buf *out, const json_t *status, const struct severities *n)
{
    const json_t *source = json_object_get(status, "source");
    const json_t *lines = json_object_get(status, "lines");
    const json_t *messages = json_object_get(status, "messages");
    uint64_t blind = json_array_size(json_object_get(status, "blind"));
    uint64_t warnings = json_array_size(json_object_get(status, "warnings"));
    wall_us now = terminal_parse_time(text_of(status, "now"));
    wall_us read_at = terminal_parse_time(text_of(source, "read_at"));

    buf_add_str(out, " |");
    add_figure(out, "critical", "", ";0", n->critical);
    add_figure(out, "warning", "", "0;", n->warning);
    add_figure(out, "info", "", ";", n->info);
    add_figure(out, "blind", "", "0;", blind);
    add_figure(out, "site_warnings", "", ";", warnings > blind ? warnings - blind : 0);
    if (read_at != WHEN_UNKNOWN && now != WHEN_UNKNOWN)
        add_figure(out, "last_line_age", "s", ";",
                   now > read_at ? (uint64_t)((now - read_at) / US_PER_S) : 0);
    add_figure(out, "behind", "B", ";", count_of(source, "bytes_behind"));
    add_figure(out, "lines", "c", ";", count_of(lines, "read"));
    add_figure(out, "messages", "c", ";", count_of(messages, "seen"));
    add_figure(out, "in_flight", "", ";", count_of(messages, "in_flight"));
    add_figure(out, "alerts_dropped", "c", ";",
               count_of(json_object_get(status, "alerts"), "dropped"));
    add_figure(out, "memory", "B", ";", count_of(status, "memory_kib") * 1024);
}

enum nagios_state nagios_text(struct buf *out, const json_t *status, const json_t *open)
{
    const json_t *blind = json_object_get(status, "blind");
    const struct severities n = severities_of(status, open);
    enum nagios_state state = state_of(&n, json_array_size(blind) > 0);

    buf_printf(out, "RELAYWATCH %s - ", state_names[state]);
    add_blind(out, blind);
    add_incidents(out, open, &n);
    if (json_is_true(json_object_get(json_object_get(status, "source"), "catching_up")))
        buf_add_str(out, "; catching up");
    add_figures(out, status, &n);
    buf_add_str(out, "\n");
    return state;
}

enum nagios_state nagios_unknown(struct buf *out, const char *why)
{
    buf_printf(out, "RELAYWATCH %s - ", state_names[NAGIOS_UNKNOWN]);
    add_safe(out, why);
    buf_add_str(out, "\n");
    return NAGIOS_UNKNOWN;
}
