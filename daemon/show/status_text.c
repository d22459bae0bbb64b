/* SPDX-License-Identifier: MIT */
/*
 * Works on the JSON the daemon sent, which may be of another version: a missing member prints as
 * nothing or 0 instead of failing. Rows run out at the bottom, where the incidents are; hence the
 * rows reserved for them.
 */
#include "show/status_text.h"

#include "base/when.h"
#include "common/text_of.h"
#include "show/terminal.h"

enum { LABEL = 10, NUMBER_MAX = 32, LINE_BYTES = 512 };

#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

/* Where the text goes, and how much of the screen is left. */
struct screen {
    struct buf *out;
    int rows, columns;
    bool color;
};

const char *number_text(uint64_t n, char *buf)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), at = 0;

    /* 1234567 becomes "1,234,567". */
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buf[at++] = ',';
        buf[at++] = digits[i];
    }
    buf[at] = '\0';
    return buf;
}

/* Adds one printable line, cut at the screen's edge. color applies to all of it, or is NULL. */
__attribute__((format(printf, 3, 4))) static void add_line(struct screen *screen, const char *color,
                                                           const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;

    if (screen->rows <= 0)
        return;
    screen->rows--;
    va_start(args, format);
    int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (n > screen->columns)
        n = screen->columns;
    /* vsnprintf returns what it would have written. */
    if (n > LINE_BYTES - 1)
        n = LINE_BYTES - 1;
    for (int i = 0; i < n; i++)
        line[i] = printable_char(line[i]);
    /* A cut line or an empty last column would leave blanks at the end. */
    while (n > 0 && line[n - 1] == ' ')
        n--;
    if (screen->color && color)
        buf_printf(screen->out, "%s%.*s%s\n", color, n, line, PLAIN);
    else
        buf_printf(screen->out, "%.*s\n", n, line);
}

static wall_us time_of(const json_t *object, const char *name)
{
    return terminal_parse_time(text_of(object, name));
}

/* "last line read 12s ago" */
static const char *ago(wall_us then, wall_us now, char *buf, size_t size)
{
    char span[WHEN_TEXT_MAX];

    if (then == WHEN_UNKNOWN || now == WHEN_UNKNOWN)
        snprintf(buf, size, "no line read yet");
    else
        snprintf(buf, size, "last line read %s ago",
                 when_print_span(now > then ? now - then : 0, span));
    return buf;
}

/* --- incidents -------------------------------------------------------------------------------- */

const char *incident_key_text(const json_t *incident, char *buf, size_t size)
{
    const json_t *key = json_object_get(incident, "key");
    /* The key is an object with one member, whose name depends on the incident: an iterator
     * finds it. Jansson's is not const. */
    void *first = json_object_iter((json_t *)(uintptr_t)key);
    const json_t *value = first ? json_object_iter_value(first) : NULL;

    if (json_is_integer(value))
        snprintf(buf, size, "uid %lld", (long long)json_integer_value(value));
    else
        snprintf(buf, size, "%s", json_is_string(value) ? json_string_value(value) : "");
    return buf;
}

/* What each row has besides its kind, its severity and its key; and how one ended. */
enum { OTHER_COLUMNS = 45, ENDED_COLUMN = 6, SEVERITY_COLUMN = 5 };

/* How wide the columns are that depend on what is listed. */
struct widths {
    int kind, key;
    bool has_severity;
};

/* Each severity by four letters: a key needs the room. */
static const char *short_severity(const json_t *incident)
{
    static const char *const shorts[][2] = {
        {"critical", "crit"}, {"warning", "warn"}, {"info", "info"}};
    struct span severity = span_str(text_of(incident, "severity"));

    for (size_t i = 0; i < sizeof(shorts) / sizeof(*shorts); i++)
        if (span_equal(severity, span_str(shorts[i][0])))
            return shorts[i][1];
    return "";
}

/* One that is cut says so: half an address would be another one. */
static const char *fitting_key(const json_t *incident, int width, char *buf, size_t size)
{
    incident_key_text(incident, buf, size);
    if (strlen(buf) > (size_t)width)
        memcpy(buf + width - 2, "..", 3);
    return buf;
}

static void add_incident(struct screen *screen, const json_t *incident, const struct widths *widths)
{
    char key[256], last[32], severity[16] = "", when[TERMINAL_TIME_MAX];
    const char *state = text_of(incident, "state");
    bool over = *state && !span_equal(span_str(state), SPAN("open"));
    /* A backscatter source counts notices; its recipients are of no interest. */
    bool notices = count_of(incident, "notices") && !count_of(incident, "recipients");

    /* Month, day, hour and minute are enough here. */
    terminal_time_of(text_of(incident, "last_seen"), when);
    snprintf(last, sizeof(last), "%.5s %.5s", when + 5, when + 11);
    if (widths->has_severity)
        snprintf(severity, sizeof(severity), "%-4s ", short_severity(incident));
    add_line(screen, over ? NULL : RED, "%-15s %s%-*s %-*s %7llu %7llu %s%s%s",
             text_of(incident, "id"), severity, widths->kind, text_of(incident, "kind"),
             widths->key, fitting_key(incident, widths->key, key, sizeof(key)),
             (unsigned long long)count_of(incident, notices ? "notices" : "recipients"),
             (unsigned long long)count_of(incident, "queued"), last, over ? " " : "",
             over ? state : "");
}

/* The key gets whatever width the other columns leave, besides the `last` ones. */
static struct widths widths_of(const struct screen *screen, const json_t *incidents, int last)
{
    struct widths widths = {.kind = 4};

    for (size_t i = 0; i < json_array_size(incidents); i++) {
        const json_t *incident = json_array_get(incidents, i);
        int kind = (int)strlen(text_of(incident, "kind"));
        widths.kind = kind > widths.kind ? kind : widths.kind;
        widths.has_severity |= *short_severity(incident) != '\0';
    }
    widths.key = screen->columns - OTHER_COLUMNS - widths.kind - last -
                 (widths.has_severity ? SEVERITY_COLUMN : 0);
    widths.key = widths.key < 12 ? 12 : widths.key > 250 ? 250 : widths.key;
    return widths;
}

static void add_incidents(struct screen *screen, const json_t *incidents, int last)
{
    const struct widths widths = widths_of(screen, incidents, last);
    size_t n = json_array_size(incidents);

    if (!n || screen->rows < 2)
        return;
    add_line(screen, NULL, "%-15s %s%-*s %-*s %7s %7s %s", "ID", widths.has_severity ? "SEV  " : "",
             widths.kind, "KIND", widths.key, "KEY", "RCPTS", "QUEUED",
             terminal_is_local() ? "LAST" : "LAST (UTC)");
    for (size_t i = 0; i < n; i++) {
        /* The last row says how many are missing, unless exactly one is left and fits there. */
        if (screen->rows == 1 && i + 1 < n) {
            add_line(screen, NULL, "... and %zu more: relaywatch incidents", n - i);
            return;
        }
        const json_t *incident = json_array_get(incidents, i);
        /* add_incident cuts the time out by position. */
        if (strlen(text_of(incident, "last_seen")) >= 16)
            add_incident(screen, incident, &widths);
    }
}

void incidents_text(struct buf *out, const json_t *incidents, int rows, int columns, bool color)
{
    struct screen screen = {out, rows ? rows : INT32_MAX, columns, color};

    add_incidents(&screen, incidents, ENDED_COLUMN);
}

/* --- the rest --------------------------------------------------------------------------------- */

/* Rows reserved for the incidents, which matter more than a fourth warning. */
enum { INCIDENT_ROWS = 6 };

/* At most two lines, broken between words. */
static void add_wrapped(struct screen *screen, const char *color, const char *label,
                        const char *text)
{
    int room = screen->columns > LABEL ? screen->columns - LABEL : 0, cut = room;

    if ((int)strlen(text) > room && screen->rows > INCIDENT_ROWS + 1) {
        /* A word longer than half a line is cut. */
        while (cut > room / 2 && text[cut] != ' ')
            cut--;
        add_line(screen, color, "%-*s%.*s", LABEL, label, cut, text);
        label = "";
        text += cut;
        text += *text == ' ';
    }
    add_line(screen, color, "%-*s%s", LABEL, label, text);
}

/* What can't be seen; then three lines: what is followed and why, how far behind it is, and what
 * went wrong. */
static void add_source(struct screen *screen, const json_t *status, wall_us now)
{
    const json_t *source = json_object_get(status, "source");
    const json_t *blind = json_object_get(status, "blind");
    uint64_t behind = count_of(source, "bytes_behind");
    const char *why = text_of(source, "why");
    char number[NUMBER_MAX], when[64], line[LINE_BYTES];
    int n = 0;

    for (size_t i = 0; i < json_array_size(blind); i++)
        add_wrapped(screen, RED, i ? "" : "BLIND", text_of(json_array_get(blind, i), "text"));
    add_line(screen, NULL, "%-*s%s%s%s%s", LABEL, "follows",
             *text_of(source, "text") ? text_of(source, "text") : "nothing yet", *why ? " (" : "",
             why, *why ? ")" : "");
    add_line(screen, NULL, "%-*s%s%s%s%s", LABEL, "",
             ago(time_of(source, "read_at"), now, when, sizeof(when)),
             json_is_true(json_object_get(source, "catching_up")) ? "; catching up" : "",
             behind ? "; bytes behind: " : "", behind ? number_text(behind, number) : "");
    const char *name;
    json_t *value, *notes = json_object_get(source, "notes");
    line[0] = '\0';
    json_object_foreach(notes, name, value)
    {
        /* 64 bytes hold one note: 40 of its name, a number and what is between them. */
        if (n < (int)sizeof(line) - 64)
            n += snprintf(line + n, sizeof(line) - (size_t)n, "%s%.40s %lld", n ? ", " : "", name,
                          (long long)json_integer_value(value));
    }
    if (n)
        add_line(screen, NULL, "%-*snoted: %s", LABEL, "", line);
}

/* The log that is judged again, and how far. */
static void add_again(struct screen *screen, const json_t *status)
{
    const json_t *again = json_object_get(status, "judging_again");
    const char *since = text_of(again, "since"), *up_to = text_of(again, "up_to");

    if (!json_is_object(again))
        return;
    if (!*since)
        add_line(screen, NULL, "%-*sthe log is to be judged again", LABEL, "judges");
    else
        add_line(screen, NULL, "%-*sthe log since %.16s again%s%.16s", LABEL, "judges", since,
                 *up_to ? ": up to " : ", first what it proves", up_to);
}

/* The settings in force are not those of the file. */
static void add_settings(struct screen *screen, const json_t *status)
{
    const char *refused = text_of(status, "settings_refused");
    char when[TERMINAL_TIME_MAX];

    if (*refused)
        add_line(screen, YELLOW,
                 "%-*srefused at %s, the old ones hold; `relaywatch check` says why", LABEL,
                 "settings", terminal_time_of(refused, when));
}

static void add_lines(struct screen *screen, const json_t *status)
{
    const json_t *lines = json_object_get(status, "lines");
    const json_t *messages = json_object_get(status, "messages");
    char a[NUMBER_MAX], b[NUMBER_MAX], c[NUMBER_MAX];

    add_line(screen, NULL, "%-*s%s read, %s last minute, %s last hour", LABEL, "lines",
             number_text(count_of(lines, "read"), a),
             number_text(count_of(lines, "last_minute"), b),
             number_text(count_of(lines, "last_hour"), c));
    add_line(screen, NULL, "%-*s%s of Postfix, %s not understood, %s not believed", LABEL, "",
             number_text(count_of(lines, "postfix"), a),
             number_text(count_of(lines, "unparsed"), b),
             number_text(count_of(lines, "ambiguous") + count_of(lines, "refused_sender"), c));
    add_line(screen, NULL, "%-*s%s seen, %s in flight, %s waiting for their origin", LABEL,
             "messages", number_text(count_of(messages, "seen"), a),
             number_text(count_of(messages, "in_flight"), b),
             number_text(count_of(messages, "waiting"), c));
}

/* OFF_S: as the daemon counts them. */
enum { HOSTS_SHOWN = 5, OFF_S = 300 };

/* A host that is as it should be needs no row. */
static bool add_host(struct screen *screen, const json_t *host)
{
    char a[WHEN_TEXT_MAX], b[WHEN_TEXT_MAX];
    uint64_t late = count_of(host, "late_s"), ahead = count_of(host, "clock_ahead_s");
    const char *name = text_of(host, "host");

    if (json_is_true(json_object_get(host, "silent")))
        add_line(screen, RED, "%-*s%.60s: silent for %s, its longest pause was %s", LABEL, "", name,
                 when_print_span((dur_us)count_of(host, "quiet_s") * US_PER_S, a),
                 when_print_span((dur_us)count_of(host, "longest_pause_s") * US_PER_S, b));
    else if (late >= OFF_S)
        add_line(screen, YELLOW, "%-*s%.60s: lines come %s late, or its clock is behind", LABEL, "",
                 name, when_print_span((dur_us)late * US_PER_S, a));
    else if (ahead >= OFF_S)
        add_line(screen, YELLOW, "%-*s%.60s: its clock is %s ahead", LABEL, "", name,
                 when_print_span((dur_us)ahead * US_PER_S, a));
    else
        return false;
    return true;
}

/* Where there are several: how many, and those that are not well, which the daemon lists first. */
static void add_hosts(struct screen *screen, const json_t *status)
{
    const json_t *hosts = json_object_get(status, "hosts"), *list = json_object_get(hosts, "list");
    uint64_t count = count_of(hosts, "count"), bad = count - count_of(hosts, "well"), shown = 0;
    char a[NUMBER_MAX], b[NUMBER_MAX], c[NUMBER_MAX], d[NUMBER_MAX], e[NUMBER_MAX];

    if (count < 2)
        return;
    add_line(screen, NULL, "%-*s%s, %s well, %s silent, %s late, %s with a clock ahead", LABEL,
             "hosts", number_text(count, a), number_text(count_of(hosts, "well"), e),
             number_text(count_of(hosts, "silent"), b), number_text(count_of(hosts, "late"), c),
             number_text(count_of(hosts, "clock_ahead"), d));
    while (shown < HOSTS_SHOWN && shown < json_array_size(list) &&
           add_host(screen, json_array_get(list, shown)))
        shown++;
    if (shown && bad > shown)
        add_line(screen, NULL, "%-*s... and %s more: relaywatch status --json", LABEL, "",
                 number_text(bad - shown, a));
}

static void add_limits(struct screen *screen, const json_t *status)
{
    const json_t *limits = json_object_get(status, "limits");
    char a[NUMBER_MAX], b[NUMBER_MAX], c[NUMBER_MAX];
    int shown = 0;

    for (size_t i = 0; i < json_array_size(limits); i++) {
        const json_t *limit = json_array_get(limits, i);
        uint64_t used = count_of(limit, "used"), max = count_of(limit, "max");
        uint64_t evicted = count_of(limit, "given_up");
        /* The first always gets a line, the others only when nearly used up. */
        if (i > 0 && !evicted && used < max - max / 4)
            continue;
        add_line(screen, evicted ? YELLOW : NULL, "%-*s%s of %s %s%s%s", LABEL,
                 shown++ ? "" : "limits", number_text(used, a), number_text(max, b),
                 text_of(limit, "name"), evicted ? "; evicted: " : "",
                 evicted ? number_text(evicted, c) : "");
    }
}

static void add_daemon(struct screen *screen, const json_t *status)
{
    const json_t *state = json_object_get(status, "state");
    const json_t *alerts = json_object_get(status, "alerts");
    uint64_t failures = count_of(state, "failures"), dropped = count_of(alerts, "dropped");
    const char *saved = text_of(state, "text");
    char a[NUMBER_MAX], b[NUMBER_MAX];

    add_line(screen, failures ? YELLOW : NULL, "%-*s%s%s%s", LABEL, "state",
             *saved ? saved : "not saved yet", failures ? "; failures: " : "",
             failures ? number_text(failures, a) : "");
    add_line(screen, dropped ? YELLOW : NULL, "%-*s%s sent, %s dropped", LABEL, "alerts",
             number_text(count_of(alerts, "sent"), a), number_text(dropped, b));
}

static void add_warnings(struct screen *screen, const json_t *status)
{
    const json_t *warnings = json_object_get(status, "warnings");
    size_t n = json_array_size(warnings), shown = 0;

    /* Blindness comes first there, and is shown above. */
    for (size_t i = json_array_size(json_object_get(status, "blind")); i < n; i++) {
        if (screen->rows <= INCIDENT_ROWS + 1 && i + 1 < n) {
            add_line(screen, YELLOW, "%-*s... and %zu more: relaywatch check", LABEL, "", n - i);
            return;
        }
        add_wrapped(screen, YELLOW, shown++ ? "" : "warnings",
                    text_of(json_array_get(warnings, i), "text"));
    }
}

/* At most `rows` lines; every helper stops adding when they are used up. */
void status_text(struct buf *out, const json_t *status, const json_t *open, int rows, int columns,
                 bool color)
{
    struct screen screen = {out, rows, columns, color};
    const json_t *incidents = json_object_get(status, "incidents");
    char uptime[WHEN_TEXT_MAX], when[TERMINAL_TIME_MAX], a[NUMBER_MAX], b[NUMBER_MAX],
        c[NUMBER_MAX];
    wall_us now = time_of(status, "now");
    uint64_t count = count_of(incidents, "open");

    add_line(&screen, NULL, "relaywatch %s, pid %llu, up %s, %llu MB of memory   %s",
             text_of(status, "version"), (unsigned long long)count_of(status, "pid"),
             when_print_span((dur_us)count_of(status, "uptime_s") * US_PER_S, uptime),
             (unsigned long long)((count_of(status, "memory_kib") + 1023) / 1024),
             terminal_time_of(text_of(status, "now"), when));
    add_source(&screen, status, now);
    add_settings(&screen, status);
    add_again(&screen, status);
    add_lines(&screen, status);
    add_hosts(&screen, status);
    add_limits(&screen, status);
    add_daemon(&screen, status);
    add_warnings(&screen, status);
    add_line(&screen, NULL, "%s", "");
    add_line(&screen, count ? RED : NULL, "%s open incident%s, %s closed, %s ended",
             number_text(count, a), count == 1 ? "" : "s",
             number_text(count_of(incidents, "closed"), c),
             number_text(count_of(incidents, "ended"), b));
    /* Only open ones are listed, so there is no column for how one ended. */
    add_incidents(&screen, open, 0);
}
