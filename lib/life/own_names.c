/* SPDX-License-Identifier: MIT */
#include "life/own_names.h"

#include "base/mail_address.h"
#include "site/proofs.h"
#include "track/tracker_ids.h"

static void learn(struct lifecycle *life, struct span domain)
{
    if (domain.len && site_may_have_more_domains(life->site) && !site_writes_as(life->site, domain))
        lifecycle_learn(life, domain, CLASS_OURS, PROOF_BY_NAME, 0);
}

void own_names_of_id(struct lifecycle *life, const struct message *m)
{
    /* A requeued message has the message-id of before. */
    if (message_has(m, MESSAGE_OWN_ID) && (m->origin == ORIGIN_LOCAL || m->origin == ORIGIN_BOUNCE))
        learn(life, proof_own_message_id(tracker_message_id(life->tracker, m), m->id));
}

void own_names_of_sender(struct lifecycle *life, const struct message *m)
{
    if (message_has(m, MESSAGE_BARE) && message_has(m, MESSAGE_HAS_SENDER) &&
        m->origin == ORIGIN_LOCAL)
        learn(life, mail_address_domain(intern_span(m->sender)));
}

/* Only Postfix asks whether an address is deliverable, or else "sendmail -bv", which pickup(8)
 * names. */
void own_names_of_probe(struct lifecycle *life, struct message *m)
{
    if (m->origin != ORIGIN_PROBE)
        return;
    for (uint16_t i = 0; i < m->recipient_count; i++)
        if (message_recipients(m)[i].status == STATUS_PROBED) {
            learn(life, proof_domain_of_postfix(intern_span(m->sender)));
            return;
        }
}
