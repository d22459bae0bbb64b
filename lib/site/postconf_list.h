/* SPDX-License-Identifier: MIT */
/*
 * Does:         walks Postfix's lists: items between commas and blanks, "!", files, keys of tables.
 * Doesn't know: what an item means.
 * Owns:         nothing; what a callback is given is borrowed until it returns.
 * Time:         timeless.
 * Fails:        passes what can't be listed to `unlisted`, and goes on.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_LIST_H
#define RELAYWATCH_SITE_POSTCONF_LIST_H

#include "base/span.h"

/* Cuts the next item off *list; false at the end. Blanks and commas within braces belong to the
 * item: "inline:{ a=b, {c = d e} }" is one. */
bool postconf_next(struct span *list, struct span *ret);

/* The text within "{ ... }", trimmed; s itself if there are no braces. */
struct span postconf_unbrace(struct span s);

/* Splits "type:name"; false for anything else, such as "[::1]" and "2001:db8::1". A leading
 * "proxy:" or "debug:" is dropped, as it means the same table. */
bool postconf_table(struct span item, struct span *ret_type, struct span *ret_name);

/* Lists a table of type "hash", "cidr" and so on, or a file of items (type ""). Calls each with
 * every key and its value, or every line of the file, until it returns false. Returns 0, or -1 if
 * it can't be listed. */
typedef bool postconf_key(void *ctx, struct span key, struct span value);
typedef int postconf_list(void *ctx, struct span type, struct span name, postconf_key *each,
                          void *each_ctx);

/* The item that stands for the table "static:...", which everything matches. */
#define POSTCONF_EVERYTHING SPAN("*")

struct postconf_walk {
    postconf_list *list; /* NULL: files and tables can't be listed */
    void *list_ctx;
    /* from_table: the item is a key of a table. Return false to end the walk. */
    bool (*item)(void *ctx, struct span item, bool negated, bool from_table);
    /* What takes the keys of tables, with their values, instead of `item`. */
    postconf_key *entry;
    void (*unlisted)(void *ctx, struct span item);
    void *ctx;
};

void postconf_each_item(const struct postconf_walk *walk, struct span list);

#endif
