/* SPDX-License-Identifier: MIT */
#include "site/postconf_list.h"

#define DEPTH_MAX 4 /* of files within files, tables within tables */

/* The state of one walk, which files and tables of tables share. */
struct walk {
    const struct postconf_walk *to;
    bool negated;
    int depth;
    bool ended;
};

bool postconf_next(struct span *list, struct span *ret)
{
    size_t depth = 0, n = 0;

    while (list->len && is_word_break(list->at[0]))
        *list = span_skip(*list, 1);
    /* Blanks and commas in braces are part of the item. */
    while (n < list->len && (depth || !is_word_break(list->at[n]))) {
        if (list->at[n] == '{')
            depth++;
        else if (list->at[n] == '}' && depth)
            depth--;
        n++;
    }
    *ret = span_head(*list, n);
    *list = span_skip(*list, n);
    return n > 0;
}

struct span postconf_unbrace(struct span s)
{
    if (s.len < 2 || s.at[0] != '{' || s.at[s.len - 1] != '}')
        return s;
    return span_trim(span_of(s.at + 1, s.len - 2));
}

/* The length of a table type, "[a-z_][a-z0-9_]*", or 0. */
static size_t type_len(struct span item)
{
    size_t n = 0;

    while (n < item.len && ((item.at[n] >= 'a' && item.at[n] <= 'z') || item.at[n] == '_' ||
                            (n && is_digit(item.at[n]))))
        n++;
    /* "fe80::1" begins with letters too. */
    bool is_type = n + 1 < item.len && item.at[n] == ':' && item.at[n + 1] != ':';
    return is_type ? n : 0;
}

bool postconf_table(struct span item, struct span *ret_type, struct span *ret_name)
{
    /* These only say how a table is reached: "proxy:unix:passwd.byname" is a "unix" table. */
    while (span_take(&item, SPAN("proxy:")) || span_take(&item, SPAN("debug:")))
        ;
    size_t n = type_len(item);
    if (n == 0)
        return false;
    *ret_type = span_head(item, n);
    *ret_name = span_skip(item, n + 1);
    return true;
}

static void each_item(struct walk *walk, struct span list);

/* A file has items too, on any number of lines. */
static bool each_line(void *ctx, struct span line, struct span unused)
{
    struct walk *walk = ctx;
    struct span text = span_trim(line);

    (void)unused;
    if (text.len && text.at[0] != '#')
        each_item(walk, text);
    return !walk->ended;
}

static bool each_key(void *ctx, struct span key, struct span value)
{
    struct walk *walk = ctx;
    const struct postconf_walk *to = walk->to;

    walk->ended =
        !(to->entry ? to->entry(to->ctx, key, value) : to->item(to->ctx, key, walk->negated, true));
    return !walk->ended;
}

/* "{ a=b, {c = d e} }", or for cidr "{ {10.0.0.0/8 OK} }". `end` has the bytes that end a key. */
static void each_inline_key(struct walk *walk, struct span table, const char *end)
{
    struct span entry;

    table = postconf_unbrace(table);
    while (!walk->ended && postconf_next(&table, &entry)) {
        size_t n = 0;
        entry = postconf_unbrace(entry);
        while (n < entry.len && !strchr(end, entry.at[n]))
            n++;
        each_key(walk, span_trim(span_head(entry, n)),
                 n < entry.len ? span_trim(span_skip(entry, n + 1)) : SPAN_NONE);
    }
}

/* Returns false if the table can't be listed. */
static bool each_table_key(struct walk *walk, struct span type, struct span name)
{
    if (span_equal(type, SPAN("inline"))) {
        each_inline_key(walk, name, "=");
        return true;
    }
    if (span_equal(type, SPAN("cidr")) && name.len && name.at[0] == '{') {
        each_inline_key(walk, name, " \t");
        return true;
    }
    /* "static:OK" gives the same answer for every key. */
    if (span_equal(type, SPAN("static")))
        return each_key(walk, POSTCONF_EVERYTHING, postconf_unbrace(name)), true;
    if (span_equal(type, SPAN("unionmap"))) {
        each_item(walk, postconf_unbrace(name));
        return true;
    }
    return walk->to->list && walk->to->list(walk->to->list_ctx, type, name, each_key, walk) == 0;
}

/* Returns false if the file can't be listed. */
static bool each_file_item(struct walk *walk, struct span name)
{
    return walk->to->list &&
           walk->to->list(walk->to->list_ctx, SPAN_NONE, name, each_line, walk) == 0;
}

/* Returns false if the item is a file or table that can't be listed. */
static bool each_of_item(struct walk *walk, struct span item)
{
    struct span type, name;
    bool is_file = item.len && item.at[0] == '/';
    bool listed = true;

    if (is_file || postconf_table(item, &type, &name)) {
        /* A file may name itself. */
        if (walk->depth == DEPTH_MAX)
            return false;
        walk->depth++;
        listed = is_file ? each_file_item(walk, item) : each_table_key(walk, type, name);
        walk->depth--;
    } else if (item.len && walk->to->item &&
               !walk->to->item(walk->to->ctx, item, walk->negated, false)) {
        walk->ended = true;
    }
    return listed;
}

/* "!" before a file or a table negates each item in it; two of them cancel. */
static void each_item(struct walk *walk, struct span list)
{
    struct span item;
    bool list_negated = walk->negated;

    while (!walk->ended && postconf_next(&list, &item)) {
        walk->negated = list_negated;
        while (span_take(&item, SPAN("!")))
            walk->negated = !walk->negated;
        if (!each_of_item(walk, item))
            walk->to->unlisted(walk->to->ctx, item);
    }
    walk->negated = list_negated;
}

void postconf_each_item(const struct postconf_walk *walk, struct span list)
{
    struct walk w = {.to = walk};

    each_item(&w, list);
}
