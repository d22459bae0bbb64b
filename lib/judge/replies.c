/* SPDX-License-Identifier: MIT */
#include "judge/replies.h"

#include "base/hash.h"
#include "site/site_doors.h"

bool replies_is_by_program(struct judge *judge, const struct message *m)
{
    if (m->root != ORIGIN_TRUSTED)
        return m->root == ORIGIN_LOCAL;
    return m->is_near
               ? site_has_door_at(judge->classifier.site, client_address(intern_span(m->client)))
               : clients_of(&judge->clients, m)->is_self;
}

bool replies_is_automatic(struct judge *judge, const struct message *m)
{
    return !m->sender && message_has(m, MESSAGE_HAS_SENDER) && replies_is_by_program(judge, m);
}

static uint64_t answered_key(const struct message *m, uint64_t address)
{
    return hash_mix(address ^ hosts_host(m->source), HASH_ODD_2);
}

void replies_may_come(struct judge *judge, const struct message *m)
{
    uint64_t sender = hash_nocase(intern_span(m->sender), judge->tracker->seed);

    answers_see(&judge->answers, answered_key(m, sender), tracker_ref(m), m->last_s);
}

bool replies_is_receipt(struct judge *judge, const struct message *m, const struct recipient *r)
{
    const struct link_entry *mail = answers_find(&judge->answers, answered_key(m, r->hash));
    const struct message *of = mail ? tracker_deref(judge->tracker, mail->ref) : NULL;

    return mail && of != m && (!of || of->root == ORIGIN_OUTSIDE);
}

/* The mail that a program on this host has answered at once by m, to r alone; NULL if there is
 * none. A program writes while the mail is delivered, which may be logged later. */
static const struct link_entry *answered_mail(struct judge *judge, const struct message *m,
                                              const struct recipient *r)
{
    const struct link_entry *mail = m->cause == CAUSE_AUTOREPLY
                                        ? answers_find(&judge->answers, answered_key(m, r->hash))
                                        : NULL;
    const struct message *of = mail ? tracker_deref(judge->tracker, mail->ref) : NULL;
    uint32_t last_s = of ? of->last_s : mail ? mail->note : 0;

    if (!mail || of == m || (of && of->root != ORIGIN_OUTSIDE) ||
        m->begun_s + ANSWERS_WITHIN_S < mail->note || m->begun_s > last_s + ANSWERS_WITHIN_S)
        return NULL;
    return mail;
}

bool replies_is_answer(struct judge *judge, const struct message *m, const struct recipient *r)
{
    return answered_mail(judge, m, r) != NULL;
}

/* A content filter on this host, which gives back what it passes, has not delivered what it keeps:
 * no mailbox answers that. */
static bool is_delivered(const struct site *site, const struct recipient *r)
{
    bool is_door_here = site_door_name(site, r->door).len && !site_door_is_near(site, r->door);

    return r->flags & RECIPIENT_HERE && !(is_door_here && site_door_has_given_back(site, r->door));
}

bool replies_is_vacation(struct judge *judge, const struct message *m, const struct recipient *r)
{
    const struct link_entry *mail = answered_mail(judge, m, r);
    struct message *of = mail ? tracker_deref(judge->tracker, mail->ref) : NULL;
    uint64_t sender = hash_nocase(intern_span(m->sender), judge->tracker->seed);
    const struct recipient *to = NULL;

    for (uint16_t i = 0; of && i < of->recipient_count; i++)
        if (is_delivered(judge->classifier.site, &message_recipients(of)[i]) &&
            (!m->sender || message_recipients(of)[i].hash == sender))
            to = &message_recipients(of)[i];
    return to && r->status != STATUS_BOUNCED &&
           answers_is_first(&judge->answers, hash_mix(mail->key ^ to->hash, HASH_ODD_1), mail->ref,
                            r->at_s);
}
