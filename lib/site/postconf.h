/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the text of Postfix's settings (postconf, postconf -n, postconf -x, a
 *               main.cf), expands them, and tells a site what they say.
 * Doesn't know: files, tables and commands: what a table holds, the caller's callback says.
 * Owns:         a copy of the text, until postconf_free.
 * Time:         timeless.
 * Fails:        the text may be anything: a line that is no setting is skipped; a setting that
 *               can't be expanded or listed becomes a site warning and leaves the site incomplete.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_H
#define RELAYWATCH_SITE_POSTCONF_H

#include "site/site.h"

#define POSTCONF_TEXT_MAX    (16 * 1024 * 1024) /* more is not read */
#define POSTCONF_SETTING_MAX 20000
#define POSTCONF_VALUE_MAX   (4 * 1024 * 1024) /* an expanded value */
#define POSTCONF_DEPTH_MAX   20                /* settings that stand in settings */
#define POSTCONF_STEPS_MAX   100000 /* of one expansion: $a may name $b twice, and so on */

struct postconf;

/* NULL when memory is short or the text is longer than POSTCONF_TEXT_MAX. */
struct postconf *postconf_parse(struct span text);
void postconf_free(struct postconf *postconf);
size_t postconf_count(const struct postconf *postconf);

/* The value as written, with its lines joined; empty where it is not there. Borrowed. */
struct span postconf_get(const struct postconf *postconf, const char *name);
bool postconf_has(const struct postconf *postconf, const char *name);
/* As postconf_get, but where it is not there, what Postfix has for a default (for the settings that
 * tell of domains, networks and restrictions; empty for the others). */
struct span postconf_get_or_default(const struct postconf *postconf, const char *name);

/* Every setting whose name ends in `suffix`: "/content_filter" for the output of postconf -P. */
typedef void postconf_visit(void *ctx, struct span name, struct span value);
void postconf_each(const struct postconf *postconf, const char *suffix, postconf_visit *visit,
                   void *ctx);

/* Puts values in for $name, ${name}, ${name?text}, ${name:text} and ${{a} == {b} ? {text} :
 * {text}}. The caller frees the result. NULL where settings name each other in a circle, a bound is
 * passed, or memory is short. */
char *postconf_expand(const struct postconf *postconf, struct span text);

/* Lists a table. type is "" for the name of a file of items, else "hash", "cidr", and so on
 * ("proxy:" is cut off). Calls each with every key; for a file, with every line. each returns false
 * when it has enough. Returns 0, or -1 where it can't be listed. */
typedef bool postconf_key(void *ctx, struct span key);
typedef int postconf_list(void *ctx, struct span type, struct span name, postconf_key *each,
                          void *each_ctx);

/* Adds what the settings say to the site; list may be NULL: then no table can be listed. False when
 * the text has no setting at all, or memory is short. */
bool postconf_apply(const struct postconf *postconf, struct site *site, postconf_list *list,
                    void *ctx);
/* The same for the output of postconf -P: content filters that master.cf names. */
void postconf_apply_services(const struct postconf *services, struct site *site);

#endif
