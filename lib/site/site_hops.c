/* SPDX-License-Identifier: MIT */
#include "site/site_exits.h"

#include "site/site_state.h"

bool site_add_exit(struct site *site, const struct address *a, unsigned port)
{
    struct endpoint *exit;

    if (site_is_exit(site, a, port))
        return true;
    exit = list_add(&site->exits, sizeof(*exit), SITE_NETWORKS_MAX);
    if (exit)
        *exit = (struct endpoint){.address = *a, .port = port};
    return exit != NULL;
}

bool site_is_exit(const struct site *site, const struct address *a, unsigned port)
{
    const struct endpoint *exits = site->exits.items;

    for (size_t i = 0; i < site->exits.count; i++)
        if ((exits[i].port == 0 || exits[i].port == port) &&
            memcmp(&exits[i].address, a, sizeof(*a)) == 0)
            return true;
    return false;
}

bool site_is_exit_service(const struct site *site, struct span service)
{
    for (size_t i = 0; i < site->exit_service_count; i++)
        if (span_equal(service, span_str(site->exit_services[i])))
            return true;
    return false;
}

bool site_add_exit_service(struct site *site, struct span service)
{
    if (site_is_exit_service(site, service))
        return true;
    if (service.len == 0 || service.len >= SERVICE_LEN_MAX ||
        site->exit_service_count == SERVICES_MAX)
        return false;
    memcpy(site->exit_services[site->exit_service_count++], service.at, service.len);
    return true;
}
