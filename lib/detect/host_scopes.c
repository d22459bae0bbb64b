/* SPDX-License-Identifier: MIT */
#include "detect/host_scopes.h"

#include <stdlib.h>

#include "detect/cell.h"
#include "detect/incidents.h"
#include "detect/scope.h"

bool host_scopes_reserve(struct detector *d, uint16_t hosts)
{
    uint32_t count = scope_number(hosts, 0, 0), before = scope_host(d->scope_count);
    struct scope *scope = count > d->scope_count ? realloc(d->scope, count * sizeof(*scope)) : NULL;

    if (count <= d->scope_count)
        return true;
    if (!scope)
        return false;
    d->scope = scope;
    /* If this fails, scope_count stays: the larger array of scopes does no harm. */
    struct host_load *load = realloc(d->load, hosts * sizeof(*load));
    if (!load)
        return false;
    memset(scope + d->scope_count, 0, (count - d->scope_count) * sizeof(*scope));
    memset(load + before, 0, (hosts - before) * sizeof(*load));
    d->load = load;
    d->scope_count = count;
    return true;
}

uint16_t host_scopes_source(struct detector *d, struct span host, struct span instance,
                            bool is_queue, enum address_form form)
{
    uint16_t source = hosts_source(d->hosts, host, instance, is_queue, form);

    return host_scopes_reserve(d, d->hosts->room) ? source : HOSTS_NONE;
}

void host_scopes_forget(struct detector *d, uint16_t host, uint32_t now_s)
{
    uint32_t from = scope_number(host, 0, 0), to = scope_number(host + 1, 0, 0);

    for (uint32_t i = 0; i < d->incident_count; i++)
        if (d->incident[i].state == INCIDENT_OPEN && d->incident[i].host == host)
            incidents_end(d, &d->incident[i], now_s);
    for (uint32_t scope = from; scope < to && scope < d->scope_count; scope++) {
        while (d->scope[scope].first)
            cell_free(d, &d->cell[d->scope[scope].first - 1]);
        d->scope[scope] = (struct scope){0};
    }
}
