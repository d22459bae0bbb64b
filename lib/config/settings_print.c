/* SPDX-License-Identifier: MIT */
#include "config/settings_print.h"

#include "config/settings.h"
#include "config/settings_table.h"

#define COLUMNS  99 /* of the shipped file */
#define TEXT_MAX (8 * 1024 * 1024)

static const char preamble[] = "# Settings of relaywatch, each at its default. To change one, "
                               "remove the \"#\" before its key.\n"
                               "# Comments need lines of their own; a list may continue on "
                               "indented lines. After a change, run\n"
                               "# relaywatch check, then systemctl reload relaywatch.\n";

/* Prints a comment, wrapped. */
static void print_comment(struct buf *out, struct span text)
{
    size_t column = 1;

    buf_add_str(out, "#");
    while (text.len) {
        ptrdiff_t blank = span_find(text, ' ');
        struct span word = span_head(text, blank < 0 ? text.len : (size_t)blank);
        bool wrap = column + 1 + word.len > COLUMNS;
        buf_printf(out, "%s %.*s", wrap ? "\n#" : "", SPAN_ARG(word));
        column = (wrap ? 1 : column) + 1 + word.len;
        text = span_trim(span_skip(text, word.len));
    }
    buf_add_str(out, "\n");
}

/* A row as in the shipped file: what it is for, what is allowed, and its default, commented out. */
static void print_default(struct buf *out, const struct setting *row)
{
    struct buf text = buf_new(1024);

    buf_printf(&text, "%s (%s%s", row->sentence, row->unit, row->unit[0] ? ": " : "");
    setting_print_allowed(row, &text);
    buf_add_str(&text, ")");
    print_comment(out, buf_span(&text));
    buf_printf(out, "#%s =%s%s\n", row->key, row->initial[0] ? " " : "", row->initial);
    out->failed |= text.failed;
    buf_done(&text);
}

static void print_default_section(struct buf *out, const struct setting_section *section)
{
    buf_add_str(out, "\n");
    print_comment(out, span_str(section->sentence));
    if (section->subject)
        buf_printf(out,
                   "# A section [%s %s] with some of these keys overrides them for that one.\n",
                   section->name, section->subject);
    buf_printf(out, "[%s]\n", section->name);
    for (size_t i = 0; i < SETTING_COUNT_ALL; i++)
        if (strcmp(setting_row(i)->section, section->name) == 0)
            print_default(out, setting_row(i));
}

char *settings_print_defaults(void)
{
    struct buf out = buf_new(TEXT_MAX);

    buf_add_str(&out, preamble);
    for (size_t i = 0; i < SETTING_SECTION_COUNT; i++)
        print_default_section(&out, setting_section(i));
    return buf_take(&out);
}

/* "key = value"; a long list continues on indented lines. */
static void print_value(struct buf *out, const struct setting *row, const void *field)
{
    struct buf text = buf_new(TEXT_MAX);
    size_t column = strlen(row->key) + 2;

    setting_print(row, field, &text);
    buf_printf(out, "%s =", row->key);
    for (struct span rest = buf_span(&text); rest.len;) {
        ptrdiff_t blank = span_find(rest, ' ');
        struct span word = span_head(rest, blank < 0 ? rest.len : (size_t)blank);
        bool wrap = setting_is_list(row) && column + 1 + word.len > COLUMNS;
        buf_printf(out, "%s%.*s", wrap ? "\n    " : " ", SPAN_ARG(word));
        column = (wrap ? 3 : column) + 1 + word.len;
        rest = span_trim(span_skip(rest, word.len));
    }
    buf_add_str(out, "\n");
    out->failed |= text.failed;
    buf_done(&text);
}

/* An override has all thresholds of its kind by now, so all of them are printed. */
static void print_override(struct buf *out, const struct override *over)
{
    struct thresholds thresholds = over->thresholds;

    buf_printf(out, "\n[%s %s]\n", kind_name(over->kind), over->subject);
    for (size_t i = 0; i < SETTING_COUNT_ALL; i++)
        if (strcmp(setting_row(i)->section, kind_name(over->kind)) == 0)
            print_value(out, setting_row(i),
                        setting_threshold(setting_row(i), over->kind, &thresholds));
}

/* Compares as text, which works for every type. */
static bool is_default(const struct setting *row, struct settings *now, struct settings *defaults)
{
    struct buf a = buf_new(TEXT_MAX), b = buf_new(TEXT_MAX);

    setting_print(row, setting_field(row, now), &a);
    setting_print(row, setting_field(row, defaults), &b);
    bool same = span_equal(buf_span(&a), buf_span(&b));
    buf_done(&a);
    buf_done(&b);
    return same;
}

/* Every key, or those that differ from `defaults`. */
static char *print(const struct settings *settings, struct settings *defaults)
{
    struct buf out = buf_new(TEXT_MAX);
    struct settings now = *settings; /* setting_field takes no const settings */
    const char *section = "";

    buf_add(&out, SPAN_NONE);
    for (size_t i = 0; i < SETTING_COUNT_ALL; i++) {
        const struct setting *row = setting_row(i);
        if (defaults && is_default(row, &now, defaults))
            continue;
        if (strcmp(row->section, section) != 0)
            buf_printf(&out, "%s[%s]\n", out.len ? "\n" : "", row->section);
        section = row->section;
        print_value(&out, row, setting_field(row, &now));
    }
    for (size_t i = 0; i < settings->override_count; i++)
        print_override(&out, &settings->overrides[i]);
    return buf_take(&out);
}

char *settings_print(const struct settings *settings)
{
    return print(settings, NULL);
}

char *settings_print_changed(const struct settings *settings)
{
    struct settings defaults;

    if (!settings_init(&defaults))
        return NULL;
    char *text = print(settings, &defaults);
    settings_done(&defaults);
    return text;
}
