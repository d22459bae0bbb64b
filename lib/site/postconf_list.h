/* SPDX-License-Identifier: MIT */
/*
 * Does:         walks Postfix's lists: items between commas and blanks, "!", files, and the keys of
 *               tables.
 * Doesn't know: what an item means.
 * Owns:         nothing; the spans it passes on are borrowed until the callback returns.
 * Time:         timeless.
 * Fails:        what can't be listed is passed to `unlisted`, and the walk goes on.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_LIST_H
#define RELAYWATCH_SITE_POSTCONF_LIST_H

#include "base/span.h"

/* Cuts the next item off *list; false at the end. Braces keep blanks and commas together:
 * "inline:{ a=b, {c = d e} }" is one item. */
bool postconf_next(struct span *list, struct span *ret);

/* The text within "{ ... }", trimmed; s itself where there are no braces. */
struct span postconf_unbrace(struct span s);

/* Splits "type:name"; false for anything else, such as "[::1]" and "2001:db8::1". A "proxy:" in
 * front is cut off, as it leads to the same table. */
bool postconf_table(struct span item, struct span *ret_type, struct span *ret_name);

/* Lists a table. type is "" for the name of a file of items, else "hash", "cidr", and so on
 * ("proxy:" is cut off). Calls each with every key; for a file, with every line. each returns false
 * when it has enough. Returns 0, or -1 where it can't be listed. */
typedef bool postconf_key(void *ctx, struct span key);
typedef int postconf_list(void *ctx, struct span type, struct span name, postconf_key *each,
                          void *each_ctx);

/* What everything matches, the table "static:...", is passed on as this item. */
#define POSTCONF_EVERYTHING SPAN("*")

struct postconf_walk {
    postconf_list *list; /* NULL: no file and no table can be listed */
    void *list_ctx;
    /* from_table: the item is a key. Returns false to end the walk. */
    bool (*item)(void *ctx, struct span item, bool negated, bool from_table);
    void (*unlisted)(void *ctx, struct span item);
    void *ctx;
};

void postconf_each_item(const struct postconf_walk *walk, struct span list);

#endif
