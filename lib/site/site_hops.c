/* SPDX-License-Identifier: MIT */
#include "site/site_hops.h"

#include <stdio.h>
#include <stdlib.h>

#include "site/site_state.h"

static bool has_endpoint(const struct site_hops *hops, const struct address *a, unsigned port)
{
    const struct endpoint *endpoints = hops->endpoints.items;

    for (size_t i = 0; i < hops->endpoints.count; i++)
        if ((endpoints[i].port == 0 || endpoints[i].port == port) &&
            memcmp(&endpoints[i].address, a, sizeof(*a)) == 0)
            return true;
    return false;
}

static bool add_endpoint(struct site_hops *hops, const struct address *a, unsigned port)
{
    struct endpoint *endpoint;

    if (has_endpoint(hops, a, port))
        return true;
    endpoint = list_add(&hops->endpoints, sizeof(*endpoint), SITE_NETWORKS_MAX);
    if (endpoint)
        *endpoint = (struct endpoint){.address = *a, .port = port};
    return endpoint != NULL;
}

static bool has_service(const struct site_hops *hops, struct span service)
{
    for (size_t i = 0; i < hops->services; i++)
        if (span_equal(service, span_str(hops->service[i])))
            return true;
    return false;
}

static bool add_service(struct site_hops *hops, struct span service)
{
    if (has_service(hops, service))
        return true;
    if (service.len == 0 || service.len >= SERVICE_LEN_MAX || hops->services == SERVICES_MAX)
        return false;
    memcpy(hops->service[hops->services++], service.at, service.len);
    return true;
}

bool site_add_filter(struct site *site, const struct address *a, unsigned port)
{
    return add_endpoint(&site->filters, a, port);
}

bool site_is_filter(const struct site *site, const struct address *a, unsigned port)
{
    return has_endpoint(&site->filters, a, port);
}

bool site_has_filter_at(const struct site *site, const struct address *a)
{
    const struct endpoint *endpoints = site->filters.endpoints.items;

    for (size_t i = 0; i < site->filters.endpoints.count; i++)
        if (memcmp(&endpoints[i].address, a, sizeof(*a)) == 0)
            return true;
    return false;
}

bool site_add_filter_service(struct site *site, struct span service)
{
    return add_service(&site->filters, service);
}

bool site_is_filter_service(const struct site *site, struct span service)
{
    return has_service(&site->filters, service);
}

bool site_add_exit(struct site *site, const struct address *a, unsigned port)
{
    return add_endpoint(&site->exits, a, port);
}

bool site_is_exit(const struct site *site, const struct address *a, unsigned port)
{
    return has_endpoint(&site->exits, a, port);
}

bool site_add_exit_service(struct site *site, struct span service)
{
    return add_service(&site->exits, service);
}

bool site_is_exit_service(const struct site *site, struct span service)
{
    return has_service(&site->exits, service);
}

/* --- what is not known ------------------------------------------------------------------------ */

enum { UNLISTED_MAX = 32 };

/* Takes the text over. */
static void keep_unlisted(struct site *site, char *text)
{
    char **texts = site->unlisted.items;
    size_t i = 0;

    while (text && i < site->unlisted.count && strcmp(texts[i], text) != 0)
        i++;
    char **place = text && i == site->unlisted.count
                       ? list_add(&site->unlisted, sizeof(*place), UNLISTED_MAX)
                       : NULL;
    if (place)
        *place = text;
    else
        free(text);
}

void site_add_unlisted(struct site *site, struct span setting, struct span table)
{
    size_t size = setting.len + table.len + sizeof(": ");
    char *text = malloc(size);

    if (text)
        snprintf(text, size, "%.*s: %.*s", SPAN_ARG(setting), SPAN_ARG(table));
    keep_unlisted(site, text);
}

void site_each_unlisted(const struct site *site, site_unlisted_visit *visit, void *ctx)
{
    char *const *texts = site->unlisted.items;

    for (size_t i = 0; i < site->unlisted.count; i++)
        visit(ctx, span_str(texts[i]));
}

void site_add_unlisted_of(struct site *site, const struct site *from)
{
    char *const *texts = from->unlisted.items;

    for (size_t i = 0; i < from->unlisted.count; i++)
        keep_unlisted(site, strdup(texts[i]));
}
