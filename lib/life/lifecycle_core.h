/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds out who began a message: sets parents, resolves and inherits roots, and
 *               passes messages to the judge once they are ready.
 * Doesn't know: what each record means, what links there are, states (lifecycle_state.h).
 * Owns:         nothing; works on a borrowed tracker.
 * Time:         event time in seconds: now_s of the current record, clock_s of its host.
 * Fails:        never.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_CORE_H
#define RELAYWATCH_LIFE_LIFECYCLE_CORE_H

#include "base/trace.h"
#include "judge/judge.h"
#include "track/hosts.h"
#include "track/link_index.h"
#include "track/tracker.h"
#include "track/tracker_lists.h"

struct lifecycle_counters {
    uint64_t begun;             /* queue files seen */
    uint64_t children;          /* of these: notices, forwards, filter hops, requeued mail */
    uint64_t reused;            /* queue IDs reused before their end was seen */
    uint64_t unattributed;      /* messages whose origin is not in the log */
    uint64_t late_links;        /* links to a message that had been judged without them */
    uint64_t doubtful_links;    /* links refused because something didn't fit */
    uint64_t links_overwritten; /* messages that links can no longer find */
    uint64_t proxied_over;      /* clients of before-queue filters forgotten at the bound */
    uint64_t early_over;        /* links named before their messages, forgotten at the bound */
    uint64_t lost_returns;      /* mail that came back when what went in was forgotten */
    uint64_t late_deliveries;   /* delivery records after the message was gone */
    uint64_t no_memory;
};

/* Called for each link made. For explain. */
typedef void lifecycle_link(void *ctx, const struct message *parent, const struct message *child);

/* The client whose mail an smtpd(8) process passes to a before-queue filter, by process ID. In
 * sets, with the newest first. */
enum { PROXIED_MAX = 1024, PROXIED_WAYS = 8 };
struct proxied_client {
    struct intern *client, *account; /* owned; account may be NULL */
    uint32_t pid;                    /* 0: none */
    uint16_t source;
};

/* A link that a record names before the acceptance of one of its messages is logged: the lines of
 * one second come in any order. early_links.h keeps them for EARLY_S. All hosts share them: 300
 * whose lines are in no order at all, with a flood on each, need more than 32. All are looked at
 * for each message. */
enum { EARLY_MAX = 256, EARLY_S = 2 };
enum early_kind {
    EARLY_HOP,     /* "queued as", or what amavis logs */
    EARLY_REQUEUE, /* what MailScanner logs */
    EARLY_FRONT,   /* a before-queue filter's reply: no parent, but a client */
    EARLY_ORIG,    /* orig_queue_id= */
    EARLY_NOTICE,
    EARLY_HOLD, /* no link: a message was put on hold */
    EARLY_COUNT
};
struct early_link {
    struct queue_id parent, child;
    struct intern *client, *account; /* owned; may be NULL. EARLY_HOP: the relay's address */
    uint32_t at_s;
    uint16_t source;
    uint8_t kind;
    uint8_t notice; /* EARLY_NOTICE: an enum notice */
};

struct lifecycle {
    struct tracker *tracker; /* borrowed, like the next three */
    struct site *site;
    struct hosts *hosts;
    struct judge *judge;
    struct lifecycle_counters counters;
    uint32_t now_s; /* of the current record */
    /* The host's clock. Waits are timed by it: a late line's, timed by now_s, would be over at
     * once. */
    uint32_t clock_s;
    const struct trace *trace; /* may be NULL */
    lifecycle_link *on_link;   /* may be NULL */
    void *on_link_ctx;
    struct link_index links; /* by message-id, by parent, and in a fleet by queue ID */
    struct proxied_client proxied[PROXIED_MAX];
    struct early_link early[EARLY_MAX]; /* oldest first */
    uint32_t early_count;
};

/* Makes `parent` the parent of `child`; `evidence` tells the trace what shows it. */
void lifecycle_set_parent(struct lifecycle *life, struct message *child, struct message *parent,
                          enum origin origin, const char *evidence);
/* Lets it be found by that key (link_index.h). It may be gone. */
void lifecycle_index_ref(struct lifecycle *life, struct message_ref ref, uint64_t key);
static inline void lifecycle_index(struct lifecycle *life, const struct message *m, uint64_t key)
{
    lifecycle_index_ref(life, tracker_ref(m), key);
}
/* More is known of that message, or it is gone: judges the children that waited for that. */
void lifecycle_wake_children(struct lifecycle *life, struct message_ref parent);
/* Counts a refused link and traces the reason. Either message may be NULL. */
void lifecycle_refuse_link(struct lifecycle *life, const struct message *parent,
                           const struct message *child, const char *why);
/* Takes root, client and user over from the parent. False if there is no parent or its own root is
 * not known yet. */
bool lifecycle_inherit(struct lifecycle *life, struct message *m);
/* Sets the root for good, and judges what is ready. */
void lifecycle_resolve(struct lifecycle *life, struct message *m, enum origin root);
/* True if enough is known of it to be judged. */
bool lifecycle_is_ready(const struct message *m);
/* Takes back what lifecycle_set_parent and lifecycle_inherit have done, except origin and root. */
void lifecycle_loosen(struct lifecycle *life, struct message *c);
/* c did not come of its parent: it is the mail of whoever on this host brought it. What was counted
 * so far stays where it is. */
void lifecycle_unlink(struct lifecycle *life, struct message *c);
/* True if m's wait is over, but not that of the mail that it is a notice about. */
bool lifecycle_must_wait_for_cause(struct lifecycle *life, const struct message *m);
/* Its wait is over, or the log has ended: judges it by what is known so far. */
void lifecycle_stop_waiting(struct lifecycle *life, struct message *m);
/* Judges what is not judged yet, of all recipients or of one, if the message is ready. */
void lifecycle_judge_ready(struct lifecycle *life, struct message *m);
void lifecycle_judge_recipient(struct lifecycle *life, struct message *m, struct recipient *r);
/* Sets who brought it, and with that its origin and root. The texts are borrowed; account may be
 * NULL. */
void lifecycle_brought_by(struct lifecycle *life, struct message *m, struct intern *client,
                          struct intern *account);

/* Calls site_learn with what the log shows of a domain, and traces it. */
void lifecycle_learn(struct lifecycle *life, struct span domain, enum domain_class class,
                     enum proof proof, uint8_t door);

/* That mail came in on this host from the client which a filter named. */
static inline void lifecycle_front_seen(struct lifecycle *life, const struct message *m)
{
    life->hosts->host[hosts_host(m->source)].fronts |= HOST_FRONTED;
}

static inline bool lifecycle_is_child_of(const struct message *m, struct message_ref parent)
{
    return m->parent.slot == parent.slot && m->parent.serial == parent.serial;
}

/* The key under which a message finds its children. */
static inline uint64_t lifecycle_key_of_children(struct message_ref parent)
{
    return hash_mix((uint64_t)parent.serial << 32 | parent.slot, HASH_ODD_1 ^ HASH_ODD_2);
}

#endif
