/* SPDX-License-Identifier: MIT */
#include "engine/fleet_clock.h"

#include "detect/host_scopes.h"
#include "engine/pipeline_time.h"

/* So many seconds with lines of one host alone, or one of another, show that its time is right. A
 * host that the others have contradicted has to be alone for longer: their lines may be late. */
enum { ALONE_S = 16, ALONE_WRONG_S = 600 };

/* No host has a blank in its name. */
static const struct span name = {"the fleet", sizeof("the fleet") - 1};

void fleet_clock_set(struct pipeline *p)
{
    struct site *site = p->options.site;
    uint16_t fleet = hosts_find(&p->hosts, name);

    link_index_set_now(&p->life.links, 0);
    if (!site_has_fleet(site)) {
        p->detector.fleet = HOSTS_NONE;
        return;
    }
    if (fleet == HOSTS_NONE) {
        uint16_t source =
            host_scopes_source(&p->detector, name, SPAN_NONE, false, site_address_form(site));
        fleet = source == HOSTS_NONE ? HOSTS_NONE : hosts_host(source);
    }
    p->detector.fleet = fleet;
    if (fleet == HOSTS_NONE)
        return;
    p->hosts.host[fleet].last_s = UINT32_MAX; /* it never makes room for another */
    link_index_set_now(&p->life.links, p->hosts.host[fleet].now_s);
}

static bool are_apart(uint32_t a_s, uint32_t b_s)
{
    return a_s > b_s + (uint64_t)FLEET_APART_S || b_s > a_s + (uint64_t)FLEET_APART_S;
}

static void move_to(struct pipeline *p, uint32_t now_s)
{
    struct host *fleet = &p->hosts.host[p->detector.fleet];

    p->fleet.seconds = 0;
    link_index_set_now(&p->life.links, now_s);
    if (now_s < fleet->ticked_s) {
        fleet->ticked_s = now_s;
        fleet->due_s = 0;
    }
    pipeline_move_host(p, fleet, now_s);
    if (now_s > fleet->ticked_s)
        pipeline_go_on(p, p->detector.fleet, now_s);
}

static bool is_alone(const struct fleet_apart *apart, uint16_t host)
{
    return apart->seconds >= (apart->wrong == host + 1u ? ALONE_WRONG_S : ALONE_S);
}

/* Of a host that agrees with the fleet. */
static void note_agreement(struct fleet_apart *apart, uint16_t host)
{
    if (apart->wrong == host + 1u)
        apart->wrong = 0;
    if (apart->seconds)
        apart->wrong = apart->host + 1u;
    apart->seconds = 0;
}

void fleet_clock_note(struct pipeline *p, uint16_t host, uint32_t now_s)
{
    const struct host *fleet = &p->hosts.host[p->detector.fleet];
    struct fleet_apart *apart = &p->fleet;

    if (fleet->now_s && are_apart(now_s, fleet->now_s)) {
        bool goes_on = apart->seconds && !are_apart(now_s, apart->at_s);
        bool is_true = goes_on && (host != apart->host || is_alone(apart, host));
        apart->at_s = now_s;
        apart->host = host;
        apart->seconds = goes_on ? apart->seconds + 1u : 1;
        if (is_true)
            move_to(p, now_s);
    } else {
        note_agreement(apart, host);
        if (now_s > fleet->now_s)
            move_to(p, now_s);
    }
}
