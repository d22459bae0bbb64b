/* SPDX-License-Identifier: MIT */
#include "engine/old_queue.h"

#include "base/mail_address.h"

enum { LOOK_S = 60 };

struct look {
    const struct site *site;
    struct interns *texts;
    struct tally waiting; /* recipients, by sender domain */
    uint32_t now_s;
};

void old_queue_done(struct old_queue *q, struct interns *texts)
{
    tally_done(&q->warned, texts);
}

static bool waits(enum status status)
{
    return status != STATUS_SENT && status != STATUS_BOUNCED;
}

/* How many recipients of the message still wait; 0 if one of them is known to be ours. qmgr says
 * how many the queue file has; the log may have fewer. */
static uint32_t count_waiting(struct message *m)
{
    const struct recipient *r = message_recipients(m);
    uint32_t waiting = m->nrcpt > m->recipient_count ? m->nrcpt - m->recipient_count : 0;

    for (uint16_t i = 0; i < m->recipient_count; i++) {
        if (r[i].class == CLASS_OURS || r[i].class == CLASS_RELAY_DOMAIN)
            return 0;
        waiting += waits((enum status)r[i].status);
    }
    return waiting;
}

static void visit(void *ctx, struct message *m)
{
    struct look *look = ctx;
    bool queued = m->state == MESSAGE_QUEUED || m->state == MESSAGE_HELD;

    if (!queued || m->origin != ORIGIN_UNKNOWN || !m->sender || message_has(m, MESSAGE_EXPIRED))
        return;
    struct span sender = intern_span(m->sender), domain = mail_address_domain(sender);
    enum domain_class class = site_sender_class(look->site, sender);
    if (!domain.len || class == CLASS_OURS || class == CLASS_RELAY_DOMAIN)
        return;
    uint32_t n = count_waiting(m);
    struct tally_entry *entry =
        n ? tally_count(&look->waiting, look->texts, domain, look->now_s, OLD_QUEUE_DOMAINS_MAX)
          : NULL;
    if (entry)
        entry->note += n;
}

static void warn(struct old_queue *q, struct look *look, struct site *site,
                 const struct tally_entry *entry)
{
    if (tally_has(&q->warned, entry->text))
        return;
    tally_add(&q->warned, look->texts, entry->text, 1, look->now_s, OLD_QUEUE_DOMAINS_MAX);
    struct span domain = intern_span(entry->text);
    site_warn(site, "queue-of-unknown-origin",
              "%u recipients of mail from %.*s (%u messages) wait in the queue, and the log does "
              "not show who sent it: it was accepted before the log begins. Run postqueue -p to "
              "see it.",
              entry->note, SPAN_ARG(domain), entry->count);
}

void old_queue_look(struct old_queue *q, const struct tracker *t, struct site *site, uint64_t seen,
                    uint32_t min_recipients, uint32_t now_s)
{
    struct look look = {.site = site, .texts = t->texts, .now_s = now_s};

    if (seen == q->seen || now_s < q->next_s || !min_recipients)
        return;
    q->seen = seen;
    q->next_s = now_s + LOOK_S;
    tracker_each(t, visit, &look);
    for (uint32_t i = 0; i < look.waiting.count; i++)
        if (look.waiting.entry[i].note >= min_recipients)
            warn(q, &look, site, &look.waiting.entry[i]);
    tally_done(&look.waiting, t->texts);
}
