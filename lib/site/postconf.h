/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads the text of Postfix's settings (postconf, with or without -n, -x, -P, -M; a
 *               main.cf, a master.cf) into names and values.
 * Doesn't know: files, commands, or what a setting means.
 * Owns:         a copy of the text, until postconf_free.
 * Time:         timeless.
 * Fails:        postconf_parse skips lines that are no settings: the text may be anything.
 */
#ifndef RELAYWATCH_SITE_POSTCONF_H
#define RELAYWATCH_SITE_POSTCONF_H

#include "base/span.h"

#define POSTCONF_TEXT_MAX    (16 * 1024 * 1024) /* more is not read */
#define POSTCONF_SETTING_MAX 20000
#define POSTCONF_SHOWN_MAX   100 /* bytes of a setting that a warning quotes */

struct postconf;

/* NULL when memory is short or the text is longer than POSTCONF_TEXT_MAX. */
struct postconf *postconf_parse(struct span text);
void postconf_free(struct postconf *postconf);
size_t postconf_count(const struct postconf *postconf);

/* The value as written, with its lines joined; empty if there is none. Borrowed. */
struct span postconf_get(const struct postconf *postconf, const char *name);
bool postconf_has(const struct postconf *postconf, const char *name);
/* The same, or else Postfix's default. Only settings about domains, networks and tables of
 * recipients have one here. */
struct span postconf_get_or_default(const struct postconf *postconf, const char *name);

/* Visits settings whose names end in `suffix`, such as "/content_filter". What -o sets for a
 * service of master.cf is called "smtp/inet/content_filter", as in postconf -P, and "smtp/inet" is
 * the command that runs it, if its line is there. */
typedef void postconf_visit(void *ctx, struct span name, struct span value);
void postconf_each(const struct postconf *postconf, const char *suffix, postconf_visit *visit,
                   void *ctx);
/* As much of a setting's text as a warning quotes. */
static inline struct span postconf_shown(struct span text)
{
    return text.len > POSTCONF_SHOWN_MAX ? span_head(text, POSTCONF_SHOWN_MAX) : text;
}

/* "3.10.2" is 3010; 0: not a version. */
uint64_t postconf_version(struct span text);

#endif
