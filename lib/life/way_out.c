/* SPDX-License-Identifier: MIT */
#include "life/way_out.h"

#include "base/hash.h"
#include "judge/scattered.h"
#include "life/link_hop.h"
#include "site/site_doors.h"
#include "site/site_hops.h"

static bool has_come_back(const struct lifecycle *life, const struct message *m)
{
    uint64_t key = lifecycle_key_of_children(tracker_ref(m));

    for (uint32_t at = link_index_first(&life->links, key); at;) {
        const struct message *c = link_index_take(&life->links, life->tracker, key, &at);
        if (c && c->origin == ORIGIN_FILTER && lifecycle_is_child_of(c, tracker_ref(m)))
            return true;
    }
    return false;
}

bool way_out_tunnel(struct lifecycle *life, const struct message *m, const struct record *rec,
                    uint8_t door)
{
    struct site *site = life->site;

    if (site_door_has_given_back(site, door))
        return false;
    if (rec->status == STATUS_SENT &&
        (has_come_back(life, m) || link_hop_names_one_of_ours(life, m, rec))) {
        site_door_gives_back(site, door, false);
        return false;
    }
    uint64_t domain = hash_nocase(rec->recipient_domain, life->tracker->seed) + door;
    if (rec->status == STATUS_SENT && site_is_outside(site, rec->recipient_domain))
        site_door_takes_abroad(site, door, rec->recipient_domain, life->now_s);
    if (rec->status == STATUS_SENT &&
        scattered_times(life->judge, m, hash_mix(domain, HASH_ODD_2), life->now_s) == 1)
        site_door_takes(site, door, life->now_s);
    return site_is_exit(site, &rec->hop, rec->hop_port) ||
           site_door_leads_away(site, door, life->now_s);
}

bool way_out_relay_host(struct lifecycle *life, const struct record *rec, uint8_t door)
{
    struct site *site = life->site;

    if (rec->status == STATUS_SENT && site_is_outside(site, rec->recipient_domain))
        site_door_takes_abroad(site, door, rec->recipient_domain, life->now_s);
    return site_door_leads_away(site, door, life->now_s);
}
