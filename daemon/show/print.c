/* SPDX-License-Identifier: MIT */
#include "show/print.h"
#include "engine/counters.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "report/text_json.h"
#include "show/terminal.h"

#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

void print_safe(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        putchar(printable_char(text.at[i]));
}

void print_wrapped(int indent, const char *text)
{
    int column = indent, columns = terminal_columns(PRINT_COLUMNS);

    while (*text) {
        int word = (int)strcspn(text, " ");
        /* A word that is wider than the line stays whole: it may be an address or a path. */
        if (column > indent && column + 1 + word > columns) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        print_safe(span_of(text, (size_t)word));
        column += word;
        text += word;
        text += *text == ' ';
    }
    putchar('\n');
}

void print_warning(const struct site_warning *warning, bool color)
{
    printf("%swarning%s  ", color ? YELLOW : "", color ? PLAIN : "");
    /* "warning" and two blanks take nine columns. */
    print_wrapped(9, warning->text);
}

/* The length of a character at s that turns a terminal's text around or ends its line, and the
 * character; 0: s begins with another one. jansson escapes those of ASCII but DEL. */
static size_t unsafe_character(struct span s, unsigned *ret)
{
    const unsigned char *c = (const unsigned char *)s.at;

    if (s.len >= 1 && c[0] == 0x7f) {
        *ret = 0x7f;
        return 1;
    }
    if (s.len >= 2 && (c[0] & 0xe0) == 0xc0) {
        *ret = (c[0] & 0x1fu) << 6 | (c[1] & 0x3fu);
        return *ret <= 0x9f || *ret == 0x61c ? 2 : 0; /* C1; Arabic letter mark */
    }
    if (s.len < 3 || c[0] != 0xe2)
        return 0;
    *ret = (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);
    return (*ret >= 0x200e && *ret <= 0x200f) || (*ret >= 0x2028 && *ret <= 0x202e) ||
                   (*ret >= 0x2066 && *ret <= 0x2069)
               ? 3
               : 0;
}

/* Valid UTF-8, and all that is not ASCII stands in strings: so an escape may take its place. */
static void print_json_text(struct span text)
{
    size_t from = 0, n;
    unsigned character;

    for (size_t at = 0; at < text.len; at += n ? n : 1) {
        n = (unsigned char)text.at[at] < 0x7f ? 0
                                              : unsafe_character(span_skip(text, at), &character);
        if (!n)
            continue;
        fwrite(text.at + from, 1, at - from, stdout);
        printf("\\u%04x", character);
        from = at + n;
    }
    fwrite(text.at + from, 1, text.len - from, stdout);
    putchar('\n');
}

void print_json(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    if (text)
        print_json_text(span_str(text));
    free(text);
}

json_t *warning_to_json(const struct site_warning *warning)
{
    json_t *object = json_object();

    json_object_set_new(object, "type", json_string("warning"));
    json_object_set_new(object, "code", json_string(warning->code));
    json_object_set_new(object, "text", text_json(span_str(warning->text)));
    return object;
}

static void set_counter(void *ctx, const char *name, const char *sentence, uint64_t value)
{
    (void)sentence;
    json_object_set_new(ctx, name, json_integer((json_int_t)value));
}

json_t *summary_to_json(const struct pipeline *pipeline)
{
    const struct pipeline_counters *c = &pipeline->counters;
    json_t *object = json_object(), *counters = json_object();

    json_object_set_new(object, "type", json_string("summary"));
    json_object_set_new(object, "lines", json_integer((json_int_t)c->lines));
    json_object_set_new(object, "postfix_lines", json_integer((json_int_t)c->postfix));
    json_object_set_new(object, "unparsed", json_integer((json_int_t)c->unparsed));
    json_object_set_new(object, "messages", json_integer((json_int_t)pipeline_messages(pipeline)));
    json_object_set_new(object, "incidents", json_integer(detector_incidents(&pipeline->detector)));
    pipeline_each_counter(pipeline, set_counter, counters);
    json_object_set_new(object, "counters", counters);
    return object;
}

/* "1 message", "2 messages". */
static void add_count(struct buf *to, uint64_t n, const char *what, const char *end)
{
    buf_printf(to, "%llu %s%s%s", (unsigned long long)n, what, n == 1 ? "" : "s", end);
}

static void print_figures(const struct pipeline *pipeline)
{
    const struct pipeline_counters *c = &pipeline->counters;
    struct buf text = buf_new(512);

    add_count(&text, c->lines, "line", ", ");
    buf_printf(&text, "%llu of them from Postfix; ", (unsigned long long)c->postfix);
    add_count(&text, pipeline_messages(pipeline), "message", "; ");
    add_count(&text, detector_incidents(&pipeline->detector), "incident", "");
    print_wrapped(0, text.at ? text.at : "");
    buf_done(&text);
}

/* A number that is not 0, and what it means. */
static void print_remark(uint64_t n, const char *what)
{
    char text[256];

    snprintf(text, sizeof(text), "%llu %s", (unsigned long long)n, what);
    if (n)
        print_wrapped(0, text);
}

/* Says only what the reader can act on: unparsed lines, ambiguous ones, limits that were
 * reached. */
void print_summary(const struct pipeline *pipeline)
{
    const struct pipeline_counters *c = &pipeline->counters;
    char text[256];

    print_figures(pipeline);
    print_remark(c->unparsed, "Postfix lines were not understood: --annotate shows them");
    print_remark(c->ambiguous,
                 "records can be read in two ways: somebody sends addresses that look like log "
                 "lines");
    print_remark(c->cut, "records were cut before they say how a delivery ended");
    print_remark(pipeline->life.counters.unattributed,
                 "messages were accepted before the log begins: nobody is blamed for them");
    print_remark(pipeline->judge.verdicts[VERDICT_UNKNOWN_DOMAINS],
                 "recipients were left undecided: nothing shows whose domains these are "
                 "(own_domains in [site], or --postconf)");
    if (!pipeline->tracker.counters.evicted && !pipeline->detector.counters.cells_evicted)
        return;
    snprintf(text, sizeof(text),
             "limits were reached (%llu messages, %llu cells evicted): see [limits]",
             (unsigned long long)pipeline->tracker.counters.evicted,
             (unsigned long long)pipeline->detector.counters.cells_evicted);
    print_wrapped(0, text);
}
