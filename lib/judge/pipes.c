/* SPDX-License-Identifier: MIT */
#include "judge/pipes.h"

#include "base/hash.h"
#include "base/mail_address.h"
#include "detect/detector.h"
#include "judge/scattered.h"
#include "site/site_doors.h"

/* Mail that goes on from one of ours, and notices, tell nothing. */
static bool tells(const struct message *m, const struct recipient *r)
{
    return r->status == STATUS_SENT && !(r->flags & (RECIPIENT_FORWARDED | RECIPIENT_RETURNED)) &&
           m->origin != ORIGIN_FORWARD && m->origin != ORIGIN_BOUNCE;
}

void pipes_see(struct judge *judge, const struct message *m, const struct recipient *r)
{
    struct site *site = judge->classifier.site;
    struct span text = intern_span(r->text);
    struct span domain = r->flags & RECIPIENT_ADDRESS ? mail_address_domain(text) : text;

    if (site_door_has_given_back(site, r->door) || !site_door_is_pipe(site, r->door) ||
        !domain.len || !tells(m, r))
        return;
    bool outside = site_is_outside(site, domain);
    bool known = m->root == ORIGIN_ACCOUNT || m->root == ORIGIN_LOCAL;
    if (known || outside) {
        uint64_t what = hash_nocase(domain, judge->detector->seed) + r->door;
        if (outside)
            site_door_takes_abroad(site, r->door, domain, r->at_s);
        if (scattered_times(judge, m, hash_mix(what, HASH_ODD_2), r->at_s) == 1)
            site_door_takes(site, r->door, r->at_s);
    } else if (!outside) {
        site_door_takes_in(site, r->door);
    }
}
