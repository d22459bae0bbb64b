/* SPDX-License-Identifier: MIT */
#include "report/suggestion.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/settings_table.h"
#include "detect/crossing.h"
#include "report/stanza.h"

enum { SUGGESTIONS_MAX = 1024, LOWEST = 8 /* a kind's threshold goes down to this part of it */ };

/* A threshold by its name in the file. */
static const struct setting *row_of(enum kind kind, const char *key)
{
    for (size_t i = 0; i < SETTING_COUNT_ALL; i++)
        if (strcmp(setting_row(i)->section, kind_name(kind)) == 0 &&
            strcmp(setting_row(i)->key, key) == 0)
            return setting_row(i);
    return NULL;
}

static uint32_t *value_of(struct suggestions *s, enum kind kind, const char *subject,
                          const char *key)
{
    const struct setting *row = row_of(kind, key);
    struct thresholds *th = &s->settings->kind[kind];

    for (size_t i = 0; i < s->settings->override_count; i++)
        if (s->settings->overrides[i].kind == kind &&
            strcmp(s->settings->overrides[i].subject, subject) == 0)
            th = &s->settings->overrides[i].thresholds;
    return row ? setting_threshold(row, kind, th) : NULL;
}

/* The setting of the window's threshold that was crossed: the names are the same. */
static const char *window_key_of(const struct incident_view *view)
{
    const struct crossing *crossing = &view->incident->crossing;
    bool by_sender = view->key_type == KEY_SENDER && view->incident->kind == KIND_TRUSTED_RELAY;

    if (crossing->what == CROSSED_RECIPIENTS && by_sender)
        return "sender_recipients";
    return crossed_name(crossing->what);
}

/* The setting to raise. A day's threshold is raised by its factor, so that the hour's stays as it
 * is. */
static const char *key_of(const struct incident_view *view)
{
    return view->incident->crossing.in_a_day ? "day_factor" : window_key_of(view);
}

/* No section can name it, and so the kind's own thresholds are raised. */
static bool is_of_whole_kind(const struct incident_view *view)
{
    return view->incident->kind == KIND_BACKSCATTER_SOURCE || view->key_type == KEY_HOST ||
           view->key_type == KEY_RECIPIENT_DOMAIN;
}

/* Makes one with the thresholds of the kind, if there is none yet. */
static bool ensure_override(struct suggestions *s, enum kind kind, const char *subject)
{
    struct settings *settings = s->settings;

    for (size_t i = 0; i < settings->override_count; i++)
        if (settings->overrides[i].kind == kind &&
            strcmp(settings->overrides[i].subject, subject) == 0)
            return true;
    if (settings->override_count >= SETTINGS_OVERRIDES_MAX)
        return false;
    struct override *all =
        realloc(settings->overrides, (settings->override_count + 1) * sizeof(*all));
    if (!all)
        return false;
    settings->overrides = all;
    struct override *new = &all[settings->override_count++];
    *new = (struct override){.kind = kind, .uid = -1, .thresholds = settings->kind[kind]};
    snprintf(new->subject, sizeof(new->subject), "%s", subject);
    struct span rest = span_str(new->subject);
    uint64_t uid;
    if (kind == KIND_LOCAL_ABUSE && span_take_number(&rest, &uid) && rest.len == 0)
        new->uid = (int64_t)uid;
    return true;
}

static struct suggestion *find(struct suggestions *s, enum kind kind, const char *subject,
                               const char *key)
{
    struct suggestion *all = s->list.items;

    for (size_t i = 0; i < s->list.count; i++)
        if (all[i].kind == kind && strcmp(all[i].subject, subject) == 0 &&
            strcmp(all[i].key, key) == 0)
            return &all[i];
    return NULL;
}

/* The suggestion for that setting, added with its present value if there is none. */
static struct suggestion *get(struct suggestions *s, enum kind kind, const char *subject,
                              const char *key)
{
    struct suggestion *one = find(s, kind, subject, key);
    const uint32_t *value = value_of(s, kind, subject, key);

    if (one || !value)
        return one;
    one = list_add(&s->list, sizeof(*one), SUGGESTIONS_MAX);
    if (!one)
        return NULL;
    *one = (struct suggestion){.kind = kind, .key = key, .was = *value, .now = *value};
    snprintf(one->subject, sizeof(one->subject), "%s", subject);
    return one;
}

/* Overrides that say nothing else of it have the kind's value. */
static void follow(struct suggestions *s, const struct suggestion *one, uint32_t was)
{
    for (size_t i = 0; i < s->settings->override_count; i++) {
        const struct override *over = &s->settings->overrides[i];
        uint32_t *value =
            over->kind == one->kind ? value_of(s, over->kind, over->subject, one->key) : NULL;
        if (value && *value == was && !find(s, over->kind, over->subject, one->key))
            *value = one->now;
    }
}

static bool set(struct suggestions *s, struct suggestion *one, uint64_t value)
{
    const struct setting *row = row_of(one->kind, one->key);
    uint32_t was = one->now;

    if (value > (uint64_t)row->max)
        value = (uint64_t)row->max;
    if (value == one->now)
        return false;
    one->now = (uint32_t)value;
    *value_of(s, one->kind, one->subject, one->key) = one->now;
    if (!one->subject[0])
        follow(s, one, was);
    return true;
}

static void remember(struct suggestion *one, const struct incident_view *view)
{
    const struct totals *t = &view->totals;
    uint64_t size = view->incident->kind == KIND_BACKSCATTER_SOURCE   ? t->notices
                    : view->incident->kind == KIND_BACKSCATTER_VICTIM ? t->messages
                                                                      : t->recipients;

    if (one->now == one->was)
        one->incidents++;
    if (size <= one->most)
        return;
    one->most = size;
    memcpy(one->example, view->incident->id, sizeof(one->example));
}

/* Whether that is somebody's normal work, of whom a setting can be made. */
static bool may_be_excused(const struct incident_view *view)
{
    return view->incident->kind != KIND_OPEN_RELAY && view->severity != SEVERITY_CRITICAL &&
           (stanza_subject(view).len || is_of_whole_kind(view));
}

bool suggestions_raise(struct suggestions *s, const struct incident_view *view)
{
    char subject[SETTINGS_SUBJECT_MAX];
    struct span named = stanza_subject(view);
    enum kind kind = view->incident->kind;
    const char *key = key_of(view);

    if (!may_be_excused(view))
        return false;
    snprintf(subject, sizeof(subject), "%.*s", SPAN_ARG(named));
    if (subject[0] && !ensure_override(s, kind, subject))
        return false;
    struct suggestion *one = get(s, kind, subject, key);
    if (!one)
        return false;
    remember(one, view);
    return set(s, one, (uint64_t)one->now * 2);
}

/* Two digits are as exact as a threshold has to be. */
static uint64_t rounded_up(uint64_t n)
{
    uint64_t unit = 1;

    while (n / unit >= 100)
        unit *= 10;
    return (n + unit - 1) / unit * unit;
}

void suggestions_add_margin(struct suggestions *s)
{
    struct suggestion *all = s->list.items;

    for (size_t i = 0; i < s->list.count; i++) {
        all[i].raised = all[i].now;
        if (all[i].now > all[i].was)
            set(s, &all[i], rounded_up((uint64_t)all[i].now + (all[i].now + 3) / 4));
    }
}

static const char *main_key(enum kind kind)
{
    return kind == KIND_ACCOUNT_ABUSE || kind == KIND_LOCAL_ABUSE || kind == KIND_TRUSTED_RELAY
               ? "recipients"
               : NULL;
}

bool suggestions_lower(struct suggestions *s, enum kind kind)
{
    struct suggestion *one = main_key(kind) ? get(s, kind, "", main_key(kind)) : NULL;

    if (!one || one->now > one->was || one->now / 2 < one->was / LOWEST || one->now / 2 == 0)
        return false;
    return set(s, one, one->now / 2);
}

void suggestions_unlower(struct suggestions *s, enum kind kind)
{
    struct suggestion *one = main_key(kind) ? find(s, kind, "", main_key(kind)) : NULL;

    if (one && one->now < one->was)
        set(s, one, (uint64_t)one->now * 2 < one->was ? (uint64_t)one->now * 2 : one->was);
}

/* --- how near it came ------------------------------------------------------------------------- */

/* Nearer than that is exact enough; where nobody came near, it is enough to know that. */
static uint32_t precision(const struct suggestion *one)
{
    uint32_t enough = one->crossed ? one->quiet / 16 : one->now / 32;

    return enough > 1 ? enough : 1;
}

void suggestions_begin_to_try(struct suggestions *s, const bool attacked[KIND_COUNT])
{
    for (int kind = 0; kind < KIND_COUNT; kind++)
        if (main_key((enum kind)kind) && !attacked[kind])
            get(s, (enum kind)kind, "", main_key((enum kind)kind));

    struct suggestion *all = s->list.items;
    for (size_t i = 0; i < s->list.count; i++) {
        bool is_raised = all[i].now > all[i].was;
        if (attacked[all[i].kind] && !all[i].subject[0])
            continue;
        all[i].quiet = is_raised                 ? all[i].raised
                       : all[i].now < all[i].was ? all[i].now / 2
                                                 : all[i].now;
        all[i].crossed = is_raised ? all[i].raised / 2 : 0;
    }
}

/* Puts a value in force, without changing what is suggested. */
static void put(struct suggestions *s, struct suggestion *one, uint32_t value)
{
    uint32_t now = one->now, *present = value_of(s, one->kind, one->subject, one->key);

    one->now = value;
    if (!one->subject[0])
        follow(s, one, *present);
    *present = value;
    one->now = now;
}

bool suggestions_try(struct suggestions *s)
{
    struct suggestion *all = s->list.items;
    bool any = false;

    for (size_t i = 0; i < s->list.count; i++) {
        const struct setting *row = row_of(all[i].kind, all[i].key);
        uint32_t middle = all[i].crossed + (all[i].quiet - all[i].crossed) / 2;
        all[i].tried = 0;
        all[i].was_crossed = false;
        if (all[i].quiet - all[i].crossed <= precision(&all[i]) || middle < (uint64_t)row->min ||
            middle == 0)
            continue;
        all[i].tried = middle;
        put(s, &all[i], middle);
        any = true;
    }
    return any;
}

void suggestions_see_tried(struct suggestions *s, const struct incident_view *view)
{
    char subject[SETTINGS_SUBJECT_MAX];
    const char *keys[] = {window_key_of(view), key_of(view)};

    snprintf(subject, sizeof(subject), "%.*s", SPAN_ARG(stanza_subject(view)));
    for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
        struct suggestion *one = find(s, view->incident->kind, subject, keys[k]);
        if (!one)
            one = find(s, view->incident->kind, "", keys[k]);
        if (one)
            one->was_crossed = true;
    }
}

void suggestions_end_try(struct suggestions *s)
{
    struct suggestion *all = s->list.items;

    for (size_t i = 0; i < s->list.count; i++) {
        if (!all[i].tried)
            continue;
        if (all[i].was_crossed)
            all[i].crossed = all[i].tried;
        else
            all[i].quiet = all[i].tried;
        put(s, &all[i], all[i].now);
    }
}

/* --- the file --------------------------------------------------------------------------------- */

/* "# The highest in this log was 312: 500 is 1.6 times that." */
static void print_margin(const struct suggestion *one, struct buf *out)
{
    bool is_exact = one->quiet - one->crossed <= 1;
    uint32_t highest = is_exact ? one->crossed : (one->crossed + one->quiet) / 2;

    if (one->quiet == 1)
        buf_add_str(out, "# There was nothing of the kind in this log.\n");
    else if (!one->crossed)
        buf_printf(out,
                   "# The highest in this log was below %u: %u is more than %.1f times that.\n",
                   one->quiet, one->now, one->now / (double)one->quiet);
    else
        buf_printf(out, "# The highest in this log was %s%u: %u is %.1f times that.\n",
                   is_exact ? "" : "about ", highest, one->now, one->now / (double)highest);
}

static void print_one(const struct suggestion *one, struct buf *out)
{
    const char *unit = one->kind == KIND_BACKSCATTER_SOURCE   ? "notices"
                       : one->kind == KIND_BACKSCATTER_VICTIM ? "messages"
                                                              : "recipients";

    if (one->now > one->was)
        buf_printf(out, "# At %u it would have raised %u incident%s, the largest of %llu %s: %s.\n",
                   one->was, one->incidents, one->incidents == 1 ? "" : "s",
                   (unsigned long long)one->most, unit, one->example);
    else if (one->now < one->was)
        buf_printf(out, "# Nobody else came near %u in this log.\n", one->was);
    if (one->quiet)
        print_margin(one, out);
    buf_printf(out, "%s%s = %u\n", one->now == one->was ? "#" : "", one->key, one->now);
}

/* What was changed; and what stays as it is, where it is known how near somebody came to it. */
static bool is_printed(const struct suggestion *one)
{
    return one->now != one->was || one->quiet;
}

static bool same_section(const struct suggestion *a, const struct suggestion *b)
{
    return a->kind == b->kind && strcmp(a->subject, b->subject) == 0;
}

/* A section may have several keys. Those of whole kinds come first. */
void suggestions_print(const struct suggestions *s, struct buf *out)
{
    const struct suggestion *all = s->list.items;

    for (int named = 0; named < 2; named++)
        for (size_t i = 0; i < s->list.count; i++) {
            bool is_first = true;
            if ((all[i].subject[0] != '\0') != named || !is_printed(&all[i]))
                continue;
            for (size_t k = 0; k < i; k++)
                is_first &= !same_section(&all[k], &all[i]) || !is_printed(&all[k]);
            if (!is_first)
                continue;
            buf_printf(out, "\n[%s%s%s]\n", kind_name(all[i].kind), named ? " " : "",
                       all[i].subject);
            for (size_t k = i; k < s->list.count; k++)
                if (is_printed(&all[k]) && same_section(&all[k], &all[i]))
                    print_one(&all[k], out);
        }
}

void suggestions_done(struct suggestions *s)
{
    list_done(&s->list);
}
