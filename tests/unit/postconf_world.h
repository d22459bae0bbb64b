/* SPDX-License-Identifier: MIT */
/* Settings of Postfix, and the files and tables that they name, as a site. */
#ifndef RELAYWATCH_TESTS_POSTCONF_WORLD_H
#define RELAYWATCH_TESTS_POSTCONF_WORLD_H

#include "rows.h"
#include "site/postconf_apply.h"

#define HOST "myhostname = mx.example.org\ncompatibility_level = 3.6\nmynetworks = 127.0.0.0/8\n"

/* A small world of files and tables. */
static const struct {
    const char *type, *name;
    const char *keys[6];
} world[] = {
    {"", "/domains", {"one.example two.example", "# no", "!three.example"}},
    {"", "/networks", {"192.0.2.0/24", "!192.0.2.7"}},
    {"hash",
     "/virtual",
     {"virt.example", "info@virt.example", "@other.example", "postmaster", "Second.Example"}},
    {"hash", "/relay", {"relay.example", ".sub.example"}},
    {"hash", "/transport", {"example.org smtp:[127.0.0.1]:25", "* smtp:[127.0.0.1]:11125"}},
    {"hash", "/relays", {"@example.org [127.0.0.1]:11125", "a@example.org DUNNO"}},
    {"hash", "/bcc", {"a@example.org archive@out.example", "@example.org Archive@Out.example"}},
    {"cidr", "/clients", {"198.51.100.0/24", "[2001:db8::]/32"}},
};

static inline int list_world(void *ctx, struct span type, struct span name, postconf_key *each,
                             void *each_ctx)
{
    (void)ctx;
    for (int i = 0; i < COUNT(world); i++) {
        if (!span_equal(type, span_str(world[i].type)) ||
            !span_equal(name, span_str(world[i].name)))
            continue;
        for (int k = 0; k < 6 && world[i].keys[k]; k++) {
            struct span entry = span_str(world[i].keys[k]);
            ptrdiff_t blank = *world[i].type ? span_find(entry, ' ') : -1;
            struct span key = span_head(entry, blank < 0 ? entry.len : (size_t)blank);
            each(each_ctx, key, span_trim(span_skip(entry, key.len)));
        }
        return 0;
    }
    return -1;
}

static inline struct site *site_of(const char *text)
{
    struct postconf *postconf = postconf_parse(span_str(text));
    struct site *site = site_new();

    ck_assert(postconf_apply(postconf, site, list_world, NULL));
    postconf_free(postconf);
    return site;
}

#endif
