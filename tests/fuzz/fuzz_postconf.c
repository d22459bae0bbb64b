/* SPDX-License-Identifier: MIT */
/* Any bytes as Postfix's settings: read, expanded, told to a site, which then answers. */
#include "site/postconf.h"
#include "site/postconf_apply.h"
#include "site/postconf_filter.h"
#include "site/postconf_expand.h"
#include "site/postconf_services.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Some tables can be listed, some can't. */
static int list(void *ctx, struct span type, struct span name, postconf_key *each, void *each_ctx)
{
    (void)ctx;
    if (type.len % 2)
        return -1;
    if (each(each_ctx, name, name))
        each(each_ctx, SPAN("table.example"), SPAN("smtp:[127.0.0.1]:25"));
    return 0;
}

static void expand_one(void *ctx, struct span name, struct span value)
{
    (void)name;
    free(postconf_expand(ctx, value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct postconf *postconf = postconf_parse(span_of((const char *)data, size));
    struct site *site = site_new();
    struct address address;

    if (!postconf || !site)
        abort();
    postconf_each(postconf, "", expand_one, postconf);
    postconf_apply(postconf, site, list, NULL);
    postconf_apply_services(postconf, site, list, NULL);
    site_class(site, SPAN("sub.example.org"));
    if (address_parse(SPAN("192.0.2.7"), &address)) {
        site_trusts(site, SITE_NETWORKS_OF_ALL, &address);
        site_is_filter(site, &address, 10024);
    }
    if (site_warning_count(site) > SITE_WARNINGS_MAX)
        abort();
    site_free(site);
    postconf_free(postconf);
    return 0;
}
