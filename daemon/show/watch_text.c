/* SPDX-License-Identifier: MIT */
/*
 * The order is that of importance: what can't be seen, how much mail there is, who is nearest, and
 * then as many incidents as there is room for. What is left goes to warnings. A row that one part
 * takes is missed by those that follow.
 */
#include "show/watch_text.h"

#include "base/when.h"
#include "common/text_of.h"
#include "show/status_text.h"
#include "show/terminal.h"

enum { LINE_BYTES = 1024, NUMBER_MAX = 32, LABEL = 10, FIGURES = 16, SHOWN = 5 };
enum { INCIDENT_ROWS = 6 }; /* which warnings leave to the incidents */

#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"
#define PLAIN  "\033[0m"

/* Where the text goes, and how much of the screen is left. */
struct page {
    struct buf *out;
    int rows, columns;
    bool color, unicode;
};

/* One line, cut at the screen's edge, in ASCII: strangers choose some of it. color may be NULL. */
__attribute__((format(printf, 3, 4))) static void add(struct page *page, const char *color,
                                                      const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;

    if (page->rows <= 0)
        return;
    page->rows--;
    va_start(args, format);
    int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    n = n < LINE_BYTES - 1 ? n : LINE_BYTES - 1;
    n = n < page->columns ? n : page->columns;
    for (int i = 0; i < n; i++)
        line[i] = printable_char(line[i]);
    while (n > 0 && line[n - 1] == ' ')
        n--;
    bool colored = page->color && color && n;
    buf_printf(page->out, "%s%.*s%s\n", colored ? color : "", n, line, colored ? PLAIN : "");
}

/* --- what is followed ------------------------------------------------------------------------- */

static void add_source(struct page *page, const json_t *status)
{
    const json_t *source = json_object_get(status, "source");
    const json_t *blind = json_object_get(status, "blind");
    wall_us now = terminal_parse_time(text_of(status, "now"));
    wall_us read_at = terminal_parse_time(text_of(source, "read_at"));
    uint64_t behind = count_of(source, "bytes_behind");
    char number[NUMBER_MAX], span[WHEN_TEXT_MAX], lines[NUMBER_MAX];

    for (size_t i = 0; i < json_array_size(blind); i++)
        add(page, RED, "%-*s%s", LABEL, i ? "" : "BLIND",
            text_of(json_array_get(blind, i), "text"));
    snprintf(number, sizeof(number), "no line yet");
    if (read_at != WHEN_UNKNOWN && now != WHEN_UNKNOWN)
        snprintf(number, sizeof(number), "last line %s ago",
                 when_print_span(now > read_at ? now - read_at : 0, span));
    add(page, NULL, "%-*s%s: %s, %s lines in the last minute%s", LABEL, "follows",
        text_of(source, "text"), number,
        number_text(count_of(json_object_get(status, "lines"), "last_minute"), lines),
        json_is_true(json_object_get(source, "catching_up")) ? "; catching up" : "");
    if (behind)
        add(page, YELLOW, "%-*s%s bytes behind", LABEL, "", number_text(behind, number));
}

/* --- how much mail ---------------------------------------------------------------------------- */

static uint64_t minute_of(const json_t *minutes, size_t i)
{
    return (uint64_t)json_integer_value(json_array_get(minutes, i));
}

/* One character a minute, the last `width` of them; its height is the share of `most`. */
static void add_spark(struct buf *out, const json_t *minutes, size_t width, uint64_t most,
                      bool unicode)
{
    /* The eighths of a block, in UTF-8. */
    static const char *const blocks[] = {" ",
                                         "\xe2\x96\x81",
                                         "\xe2\x96\x82",
                                         "\xe2\x96\x83",
                                         "\xe2\x96\x84",
                                         "\xe2\x96\x85",
                                         "\xe2\x96\x86",
                                         "\xe2\x96\x87",
                                         "\xe2\x96\x88"};
    static const char *const letters[] = {" ", "_", ".", "-", "=", "+", "*", "%", "#"};
    size_t n = json_array_size(minutes), first = n > width ? n - width : 0;

    for (size_t i = first; i < n; i++) {
        uint64_t value = minute_of(minutes, i);
        /* Whatever there is shows. */
        size_t height = value ? 1 + (size_t)(value * 7 / (most ? most : 1)) : 0;
        height = height < 8 ? height : 8;
        buf_add_str(out, unicode ? blocks[height] : letters[height]);
    }
}

static uint64_t most_of(const json_t *minutes)
{
    uint64_t most = 0;

    for (size_t i = 0; i < json_array_size(minutes); i++)
        most = minute_of(minutes, i) > most ? minute_of(minutes, i) : most;
    return most;
}

/* The last minute that is over, the highest, and the line; each origin to its own scale. */
static void add_rate(struct page *page, const char *origin, const json_t *minutes)
{
    size_t n = json_array_size(minutes);
    uint64_t most = most_of(minutes);
    int room = page->columns - LABEL - FIGURES;

    if (page->rows <= 0)
        return;
    page->rows--;
    buf_printf(page->out, "%-*.*s%7llu %7llu ", LABEL, LABEL - 1, origin,
               (unsigned long long)(n > 1 ? minute_of(minutes, n - 2) : 0),
               (unsigned long long)most);
    add_spark(page->out, minutes, room > 0 ? (size_t)room : 0, most, page->unicode);
    buf_add_str(page->out, "\n");
}

static void add_rates(struct page *page, const json_t *rates)
{
    json_t *minutes, *origins = json_object_get(rates, "recipients_per_minute");
    const char *origin;

    if (!json_object_size(origins))
        return;
    add(page, BOLD, "%-*s%7s %7s %s", LABEL, "FROM", "LAST", "MOST",
        "RECIPIENTS A MINUTE, WITHIN THE HOUR");
    json_object_foreach(origins, origin, minutes)
    {
        add_rate(page, origin, minutes);
    }
}

/* --- who is nearest --------------------------------------------------------------------------- */

/* The n-th of that group, or NULL. */
static const json_t *nearest_of(const json_t *nearest, const char *group, int n)
{
    for (size_t i = 0; i < json_array_size(nearest); i++) {
        const json_t *key = json_array_get(nearest, i);
        if (span_equal(span_str(text_of(key, "of")), span_str(group)) && n-- == 0)
            return key;
    }
    return NULL;
}

/* "bob@example.org  150/200  75%", in that many columns. */
static void put_key(char *buf, size_t size, const json_t *key, int width)
{
    char figures[64] = "";
    int name;

    if (key)
        snprintf(figures, sizeof(figures), "%llu/%llu %3llu%%",
                 (unsigned long long)count_of(key, "recipients"),
                 (unsigned long long)count_of(key, "threshold"),
                 (unsigned long long)count_of(key, "percent"));
    name = width - (int)strlen(figures) - 1;
    name = name > 0 ? name : 0;
    snprintf(buf, size, "%-*.*s %s", name, name, key ? text_of(key, "name") : "", figures);
}

static void add_nearest(struct page *page, const json_t *nearest)
{
    static const char *const groups[] = {"account", "client", "uid"};
    static const char *const heads[] = {"NEAREST ACCOUNTS", "CLIENTS", "UIDS"};
    int width = (page->columns - 4) / 3 < 100 ? (page->columns - 4) / 3 : 100;

    if (!json_array_size(nearest))
        return;
    add(page, NULL, "%s", "");
    add(page, BOLD, "%-*s  %-*s  %s", width, heads[0], width, heads[1], heads[2]);
    for (int i = 0; i < SHOWN; i++) {
        char text[3][128];
        bool any = false;
        for (int group = 0; group < 3; group++) {
            const json_t *key = nearest_of(nearest, groups[group], i);
            put_key(text[group], sizeof(text[group]), key, width);
            any |= key != NULL;
        }
        if (any)
            add(page, NULL, "%-*s  %-*s  %s", width, text[0], width, text[1], text[2]);
    }
}

/* --- the rest --------------------------------------------------------------------------------- */

static void add_warnings(struct page *page, const json_t *status)
{
    const json_t *warnings = json_object_get(status, "warnings");
    size_t n = json_array_size(warnings), blind = json_array_size(json_object_get(status, "blind"));

    for (size_t i = blind; i < n && page->rows > INCIDENT_ROWS + 2; i++)
        add(page, YELLOW, "%-*s%s", LABEL, i == blind ? "warnings" : "",
            text_of(json_array_get(warnings, i), "text"));
}

static void add_incidents(struct page *page, const struct watch_view *view)
{
    const json_t *incidents = json_object_get(view->status, "incidents");
    uint64_t open = count_of(incidents, "open");
    char a[NUMBER_MAX], b[NUMBER_MAX];

    add(page, NULL, "%s", "");
    add(page, open ? RED : NULL, "%s open incident%s, %s ended", number_text(open, a),
        open == 1 ? "" : "s", number_text(count_of(incidents, "ended"), b));
    if (page->rows > 1 && json_array_size(view->open))
        incidents_text(page->out, view->open, page->rows, page->columns, page->color);
}

void watch_text(struct buf *out, const struct watch_view *view, const struct watch_screen *screen)
{
    struct page page = {out, screen->rows, screen->columns, screen->color, screen->unicode};
    const json_t *messages = json_object_get(view->status, "messages");
    char uptime[WHEN_TEXT_MAX], when[TERMINAL_TIME_MAX], number[NUMBER_MAX];

    add(&page, NULL, "relaywatch %s, up %s, %s in the queue   %s   q: quit",
        text_of(view->status, "version"),
        when_print_span((dur_us)count_of(view->status, "uptime_s") * US_PER_S, uptime),
        number_text(count_of(messages, "in_flight"), number),
        terminal_time_of(text_of(view->status, "now"), when));
    add_source(&page, view->status);
    add_rates(&page, view->rates);
    add_nearest(&page, view->nearest);
    add_warnings(&page, view->status);
    add_incidents(&page, view);
}
