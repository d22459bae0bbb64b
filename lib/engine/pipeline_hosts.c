/* SPDX-License-Identifier: MIT */
#include "engine/pipeline_hosts.h"

#include "detect/host_scopes.h"
#include "engine/fleet_clock.h"
#include "engine/host_clocks.h"
#include "engine/pipeline_time.h"
#include "track/tracker_lists.h"

static void forgotten(void *ctx, uint16_t host)
{
    struct pipeline *p = ctx;

    tracker_forget_host(&p->tracker, host);
    host_scopes_forget(&p->detector, host, p->hosts.host[host].now_s);
    if (p->hosts.host[host].kept) {
        struct log_line_kept kept = kept_lines_take(&p->kept, &p->hosts, host);
        log_line_kept_done(&kept);
    }
}

static void unplaced(void *ctx, uint16_t source)
{
    struct pipeline *p = ctx;

    tracker_move(&p->tracker, source, hosts_any(source));
}

void pipeline_hosts_init(struct pipeline *p)
{
    hosts_set_site(&p->hosts, p->options.site);
    p->judge.clients.hosts = &p->hosts;
    p->hosts.forgotten = forgotten;
    p->hosts.unplaced = unplaced;
    p->hosts.ctx = p;
}

uint16_t pipeline_add_source(struct pipeline *p, const struct syslog_header *header,
                             struct span host, struct span instance, bool is_queue)
{
    const struct host undated = {.now_s = p->now_s};

    p->hosts.number = p->counters.lines;
    p->hosts.at_s = pipeline_event_time(&undated, header->when);
    return host_scopes_source(&p->detector, host, instance, is_queue,
                              site_address_form(p->options.site));
}

struct span pipeline_host_name(const struct pipeline *p, struct span name)
{
    const struct site *site = p->options.site;
    struct span known = name;

    if (!site_is_settings_host(site, name))
        return name;
    for (uint16_t i = p->hosts.host_count; i-- > 0;) {
        struct span each = intern_span(p->hosts.host[i].name);
        if (span_equal_nocase(each, name))
            return name;
        if (site_is_settings_host(site, each))
            known = each;
    }
    return known;
}

void pipeline_hosts_set(struct pipeline *p)
{
    uint16_t max = (uint16_t)p->options.settings->limits.hosts;
    enum address_form form = site_address_form(p->options.site);

    hosts_set_max(&p->hosts, max);
    if (form != ADDRESS_FORM_UNKNOWN)
        hosts_set_form(&p->hosts, form);
    fleet_clock_set(p);
    pipeline_look_again(p);
    host_clocks_forget(p);
}
