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
        for (int k = 0; k < 6 && world[i].keys[k]; k++)
            each(each_ctx, span_str(world[i].keys[k]));
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
