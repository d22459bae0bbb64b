/* SPDX-License-Identifier: MIT */
#include "config/settings.h"

#include <stdlib.h>

#include "base/address.h"
#include "base/list.h"
#include "config/settings_table.h"

#define TEXT_MAX  (4 * 1024 * 1024) /* of a whole file */
#define KEY_MAX   32
#define ROWS_MAX  16 /* of one section */
#define CLOSE_MAX 3  /* edits up to which a word is taken for a mistyped one */

/* The lines of one section and its keys; 0 if they are not there. */
struct seen {
    int line; /* of the section */
    int key_line[ROWS_MAX];
};

struct parse {
    struct settings *settings;
    struct seen sections[SETTING_SECTION_COUNT];
    struct list overrides; /* struct override */
    struct list seen;      /* struct seen, one per override */
    size_t section;        /* the current one; SETTING_SECTION_COUNT before the first */
    bool in_override;      /* in the last of `overrides` */
    bool in_refused;       /* in a section that was refused: its keys are passed over */
    settings_on_error *on_error;
    void *on_error_ctx;
};

bool settings_init(struct settings *settings)
{
    struct inifile_error err;

    *settings = (struct settings){0};
    for (size_t i = 0; i < SETTING_COUNT_ALL; i++) {
        const struct setting *row = setting_row(i);
        if (!setting_store(row, span_str(row->initial), setting_field(row, settings), &err)) {
            settings_done(settings);
            return false;
        }
    }
    /* Not a setting: here Postfix is at fault and no stranger, so the host is as good a key. */
    settings->kind[KIND_BACKSCATTER_SOURCE].wide_factor = 1;
    return true;
}

void settings_done(struct settings *settings)
{
    for (size_t i = 0; i < SETTING_COUNT_ALL; i++) {
        const struct setting *row = setting_row(i);
        if (setting_is_string(row))
            free(*(char **)setting_field(row, settings));
    }
    free(settings->overrides);
    *settings = (struct settings){0};
}

static bool is_row_of(size_t row, size_t section)
{
    return section < SETTING_SECTION_COUNT &&
           strcmp(setting_row(row)->section, setting_section(section)->name) == 0;
}

/* The first row of a section; its rows are consecutive. */
static size_t first_row(size_t section)
{
    size_t row = 0;

    while (!is_row_of(row, section))
        row++;
    return row;
}

/* --- did you mean --- */

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* How many letters must be inserted, deleted, replaced or swapped with their neighbour. */
static size_t distance(struct span a, struct span b)
{
    size_t d[KEY_MAX + 1][KEY_MAX + 1];

    if (a.len > KEY_MAX || b.len > KEY_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= a.len; i++) {
        for (size_t j = 0; j <= b.len; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            bool same = ascii_lower(a.at[i - 1]) == ascii_lower(b.at[j - 1]);
            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + !same);
            bool swapped =
                i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1];
            if (swapped && d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    }
    return d[a.len][b.len];
}

/* Keeps the closest candidate in *best. Short words have to be closer than long ones. */
static void consider(struct span word, const char *candidate, const char **best, size_t *best_d)
{
    size_t d = distance(word, span_str(candidate));

    if (d <= CLOSE_MAX && d * 2 < word.len + 1 && d < *best_d) {
        *best = candidate;
        *best_d = d;
    }
}

/* --- sections --- */

static bool refuse_section(struct span name, struct inifile_error *err)
{
    char shown[INIFILE_SHOWN_MAX];
    const char *best = NULL;
    size_t best_d = SIZE_MAX;
    struct buf all = buf_new(256);

    for (size_t i = 0; i < SETTING_SECTION_COUNT; i++) {
        consider(name, setting_section(i)->name, &best, &best_d);
        buf_printf(&all, "%s[%s]", i ? ", " : "", setting_section(i)->name);
    }
    inifile_show(name, shown);
    if (best)
        inifile_refuse(err, "unknown section [%s]; did you mean [%s]?", shown, best);
    else
        inifile_refuse(err, "unknown section [%s]; allowed: %s", shown, text_or_empty(all.at));
    buf_done(&all);
    return false;
}

/* SETTING_SECTION_COUNT if there is none of that name. */
static size_t find_section(struct span name)
{
    size_t i = 0;

    while (i < SETTING_SECTION_COUNT && !span_equal(name, span_str(setting_section(i)->name)))
        i++;
    return i;
}

/* "[open-relay]": each section may be there once. */
static bool open_section(struct parse *p, size_t section, int line, struct inifile_error *err)
{
    struct seen *seen = &p->sections[section];

    if (seen->line)
        return inifile_refuse(err, "duplicate section [%s]; the first is on line %d",
                              setting_section(section)->name, seen->line);
    seen->line = line;
    p->section = section;
    p->in_override = false;
    return true;
}

/* Stores addresses in one form, so that the lookup does not depend on how they were written. */
static bool read_subject(struct span subject, struct override *ret, struct inifile_error *err)
{
    char shown[INIFILE_SHOWN_MAX];
    bool by_client = ret->kind == KIND_OPEN_RELAY || ret->kind == KIND_TRUSTED_RELAY;
    bool pattern = span_find(subject, '*') >= 0 || span_find(subject, '?') >= 0;
    struct address client;
    uint64_t uid;

    inifile_show(subject, shown);
    if (subject.len >= SETTINGS_SUBJECT_MAX)
        return inifile_refuse(err, "[%s %s]; allowed: names of at most %d bytes",
                              kind_name(ret->kind), shown, SETTINGS_SUBJECT_MAX - 1);
    if (pattern)
        return inifile_refuse(err, "[%s %s]; allowed: one name as it is, no pattern",
                              kind_name(ret->kind), shown);
    if (ret->kind == KIND_TRUSTED_RELAY && span_find(subject, '@') > 0)
        by_client = false;
    if (by_client && !address_parse(subject, &client))
        return inifile_refuse(err, "[%s %s]; allowed: the address of a client, as in 192.0.2.25%s",
                              kind_name(ret->kind), shown,
                              ret->kind == KIND_TRUSTED_RELAY ? ", or of a sender" : "");
    if (ret->kind == KIND_BACKSCATTER_VICTIM && span_find(subject, '@') < 0)
        return inifile_refuse(err, "[%s %s]; allowed: a mail address", kind_name(ret->kind), shown);
    if (by_client)
        address_print(&client, ret->subject);
    else
        memcpy(ret->subject, subject.at, subject.len);
    ret->uid = -1;
    if (ret->kind == KIND_LOCAL_ABUSE && span_take_number(&subject, &uid) && subject.len == 0)
        ret->uid = (int64_t)uid;
    return true;
}

/* Login names, addresses and user names compare without case; "33" and "033" are one uid. */
static bool is_same_subject(const struct override *a, const struct override *b)
{
    return a->kind == b->kind && (span_equal_nocase(span_str(a->subject), span_str(b->subject)) ||
                                  (a->uid >= 0 && a->uid == b->uid));
}

/* "[open-relay 192.0.2.7]". Its thresholds are completed by adopt(). */
static bool open_override(struct parse *p, size_t section, struct span subject, int line,
                          struct inifile_error *err)
{
    struct override new = {.kind = setting_section(section)->kind, .line = line};
    const struct override *others = p->overrides.items;

    if (!read_subject(subject, &new, err))
        return false;
    for (size_t i = 0; i < p->overrides.count; i++)
        if (is_same_subject(&others[i], &new))
            return inifile_refuse(err, "duplicate section [%s %s]; the first is on line %d",
                                  setting_section(section)->name, new.subject, others[i].line);
    struct override *over = list_add(&p->overrides, sizeof(*over), SETTINGS_OVERRIDES_MAX);
    if (!over || !list_add(&p->seen, sizeof(struct seen), SETTINGS_OVERRIDES_MAX))
        return inifile_refuse(err, "too many sections for single subjects; allowed: %d",
                              SETTINGS_OVERRIDES_MAX);
    *over = new;
    p->section = section;
    p->in_override = true;
    return true;
}

static bool open_any(struct parse *p, struct span header, int line, struct inifile_error *err)
{
    size_t len = 0;

    while (len < header.len && header.at[len] != ' ' && header.at[len] != '\t')
        len++;
    struct span name = span_head(header, len);
    struct span subject = span_trim(span_skip(header, len));
    size_t section = find_section(name);
    if (section == SETTING_SECTION_COUNT)
        return refuse_section(name, err);
    if (subject.len == 0)
        return open_section(p, section, line, err);
    if (!setting_section(section)->subject)
        return inifile_refuse(err, "[%s] takes no subject; allowed: [%s]",
                              setting_section(section)->name, setting_section(section)->name);
    return open_override(p, section, subject, line, err);
}

/* Callbacks of inifile_read. */
static bool take_section(void *ctx, struct span header, int line, struct inifile_error *err)
{
    struct parse *p = ctx;

    p->in_refused = !open_any(p, header, line, err);
    return !p->in_refused;
}

/* --- keys --- */

/* Names the key that was probably meant, or else all of this section. */
static bool refuse_key(size_t section, struct span key, struct inifile_error *err)
{
    char shown[INIFILE_SHOWN_MAX];
    const char *name = setting_section(section)->name, *best = NULL;
    size_t best_d = SIZE_MAX;
    struct buf all = buf_new(400);

    inifile_show(key, shown);
    for (size_t i = 0; i < SETTING_COUNT_ALL; i++) {
        if (is_row_of(i, section)) {
            consider(key, setting_row(i)->key, &best, &best_d);
            buf_printf(&all, "%s%s", all.len ? ", " : "", setting_row(i)->key);
        }
    }
    if (best)
        inifile_refuse(err, "unknown key \"%s\" in [%s]; did you mean \"%s\"?", shown, name, best);
    else
        inifile_refuse(err, "unknown key \"%s\" in [%s]; allowed: %s", shown, name,
                       text_or_empty(all.at));
    buf_done(&all);
    return false;
}

/* Stores a value in the settings, or in the override that the section is. */
static bool take_value(void *ctx, struct span key, struct span value, int line,
                       struct inifile_error *err)
{
    struct parse *p = ctx;
    char shown[INIFILE_SHOWN_MAX];
    struct override *overrides = p->overrides.items;
    struct seen *seen = p->seen.items;

    if (p->in_refused)
        return true;
    if (p->section == SETTING_SECTION_COUNT)
        return inifile_refuse(err, "key \"%s\" before any section; allowed: keys below a [section]",
                              inifile_show(key, shown));
    for (size_t i = first_row(p->section); i < SETTING_COUNT_ALL && is_row_of(i, p->section); i++) {
        const struct setting *row = setting_row(i);
        struct seen *here = p->in_override ? &seen[p->seen.count - 1] : &p->sections[p->section];
        int *key_line = &here->key_line[i - first_row(p->section)];
        void *field = setting_field(row, p->settings);
        if (!span_equal(key, span_str(row->key)))
            continue;
        if (*key_line)
            return inifile_refuse(err, "duplicate key \"%s\"; the first is on line %d", row->key,
                                  *key_line);
        *key_line = line;
        if (p->in_override) {
            struct override *over = &overrides[p->overrides.count - 1];
            field = setting_threshold(row, over->kind, &over->thresholds);
        }
        return setting_store(row, value, field, err);
    }
    return refuse_key(p->section, key, err);
}

/* So may a key that is refused, lest each of its lines be an error of its own. */
static bool is_list(void *ctx, struct span key)
{
    const struct parse *p = ctx;

    if (p->in_refused)
        return true;

    for (size_t i = 0; i < SETTING_COUNT_ALL; i++)
        if (is_row_of(i, p->section) && span_equal(key, span_str(setting_row(i)->key)))
            return setting_is_list(setting_row(i));
    return true;
}

static void take_error(void *ctx, const struct inifile_error *bad)
{
    const struct parse *p = ctx;

    p->on_error(p->on_error_ctx, bad);
}

/* Gives an override the kind's own thresholds, wherever in the file those are, for every key that
 * its section lacks. */
static void complete_override(const struct settings *settings, const struct seen *seen,
                              struct override *over)
{
    struct thresholds whole = settings->kind[over->kind];
    size_t section = find_section(span_str(kind_name(over->kind)));
    size_t first = first_row(section);

    for (size_t i = first; i < SETTING_COUNT_ALL && is_row_of(i, section); i++) {
        const struct setting *row = setting_row(i);
        void *from = setting_threshold(row, over->kind, &over->thresholds);
        void *to = setting_threshold(row, over->kind, &whole);
        if (seen->key_line[i - first])
            memcpy(to, from, setting_bytes(row));
    }
    over->thresholds = whole;
}

/* Frees the old settings and hands over the parsed ones. */
static void adopt(struct parse *p, struct settings *settings)
{
    struct override *overrides = p->overrides.items;
    const struct seen *seen = p->seen.items;

    for (size_t i = 0; i < p->overrides.count; i++)
        complete_override(p->settings, &seen[i], &overrides[i]);
    settings_done(settings);
    *settings = *p->settings;
    settings->overrides = overrides;
    settings->override_count = p->overrides.count;
}

bool settings_parse_all(struct settings *settings, struct span text, settings_on_error *on_error,
                        void *ctx)
{
    static const struct inifile_handler handler = {take_section, take_value, is_list, take_error};
    struct settings new; /* so that an error leaves *settings alone */
    struct parse p = {.settings = &new,
                      .section = SETTING_SECTION_COUNT,
                      .on_error = on_error,
                      .on_error_ctx = ctx};
    struct inifile_error bad = {0};
    bool good = false;

    if (text.len > TEXT_MAX)
        inifile_refuse(&bad, "file of %zu bytes; allowed: %d bytes", text.len, TEXT_MAX);
    else if (!settings_init(&new))
        inifile_refuse(&bad, "out of memory");
    else if (inifile_read(text, &handler, &p, &bad))
        good = true;
    else
        settings_done(&new);
    if (good)
        adopt(&p, settings);
    else
        list_done(&p.overrides);
    if (!good && bad.line == 0)
        take_error(&p, &bad);
    list_done(&p.seen);
    return good;
}

static void keep_first(void *ctx, const struct inifile_error *err)
{
    struct inifile_error *first = ctx;

    if (!first->text[0])
        *first = *err;
}

bool settings_parse(struct settings *settings, struct span text, struct inifile_error *err)
{
    *err = (struct inifile_error){0};
    return settings_parse_all(settings, text, keep_first, err);
}

const struct thresholds *settings_for(const struct settings *settings, enum kind kind,
                                      struct span subject, int64_t uid)
{
    for (size_t i = 0; i < settings->override_count; i++) {
        const struct override *over = &settings->overrides[i];
        if (over->kind != kind)
            continue;
        if (over->uid >= 0 ? over->uid == uid : span_equal_nocase(subject, span_str(over->subject)))
            return &over->thresholds;
    }
    return &settings->kind[kind];
}
