/* SPDX-License-Identifier: MIT */
/*
 * Does:         a message's state and root: begins and ends messages, resolves and inherits roots,
 *               sets parents, and hands what is ready to be judged to the judge.
 * Doesn't know: which record says what; which links there are.
 * Owns:         nothing; works on the tracker it is given. A pointer to a message is good until the
 *               next call that may begin or end one.
 * Time:         event time in seconds: now_s of the record at hand, clock_s of all lines.
 * Fails:        short of memory, a message is NULL and counted.
 *
 *            client= uid= message-id=          (queue active)
 *   (nothing) ----------------------> NEW ---------------------> QUEUED <---> HELD
 *                                      |  refused                  |           |
 *                                      +---------> GONE <----------+-----------+  removed, requeued
 *
 * A record that begins a message, on a key whose message is past its beginning, ends the old one:
 * short queue IDs are used again.
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
    uint64_t children;          /* of them: notices, forwards, filter hops, requeued */
    uint64_t reused;            /* a key that began anew before its end was seen */
    uint64_t unattributed;      /* messages whose origin the log does not hold */
    uint64_t late_links;        /* a link to a message that had been judged without it */
    uint64_t doubtful_links;    /* "queued as" that did not fit the message it names */
    uint64_t links_overwritten; /* messages that links can no longer find */
    uint64_t late_deliveries;   /* after the message was gone */
    uint64_t no_memory;
};

/* parent and child in one life: for explain. */
typedef void lifecycle_link(void *ctx, const struct message *parent, const struct message *child);

/* What a process of smtpd(8) passes to a before-queue filter, by its number. */
enum { PROXIED_MAX = 1024 };
struct proxied_client {
    struct intern *client, *account; /* owned; account may be NULL */
    uint32_t pid;                    /* 0: none */
    uint16_t source;
};

struct lifecycle {
    struct tracker *tracker; /* all borrowed */
    struct site *site;
    struct hosts *hosts;
    struct judge *judge;
    struct lifecycle_counters counters;
    uint32_t now_s; /* of the record at hand */
    /* Event time as all lines have it: a host's clock may be behind, one line's far ahead. What
     * waits is due by this one, or it would be overdue at once, or hold up all that waits behind
     * it. */
    uint32_t clock_s;
    const struct trace *trace; /* may be NULL, as the next */
    lifecycle_link *on_link;
    void *on_link_ctx;
    struct link_index links; /* by message-id, and by parent */
    struct proxied_client proxied[PROXIED_MAX];
};

enum lifecycle_event {
    LIFECYCLE_ACCEPT, /* client=, uid= */
    LIFECYCLE_TEXT,   /* message-id= */
    LIFECYCLE_ACTIVE,
    LIFECYCLE_DELIVERY,
    LIFECYCLE_END,
    LIFECYCLE_HOLD,
    LIFECYCLE_RELEASE,
    LIFECYCLE_COUNT
};

/* A new message; NULL when memory is short, counted. */
struct message *lifecycle_begin(struct lifecycle *life, uint16_t source, struct queue_id id);
/* Makes room for a new message under the same key. */
void lifecycle_end(struct lifecycle *life, struct message *m);
/* From now on `child` came of `parent`; `evidence` says for the trace what shows it. */
void lifecycle_set_parent(struct lifecycle *life, struct message *child, struct message *parent,
                          enum origin origin, const char *evidence);
/* m can be found by that key (link_index.h) from now on. */
void lifecycle_index(struct lifecycle *life, const struct message *m, uint32_t key);
/* More is known of that message, or it is gone: what came of it may have waited for that. */
void lifecycle_wake_children(struct lifecycle *life, struct message_ref parent);
/* A link that was refused: counted, and traced with the reason. */
void lifecycle_refuse_link(struct lifecycle *life, const struct message *parent,
                           const struct message *child, const char *why);
/* Takes over what the chain's first message says of itself; false while the parent does not
 * know. */
bool lifecycle_inherit(struct lifecycle *life, struct message *m);
/* The message with that ID on the same host, in whichever queue: rather one that is still there,
 * rather this instance's. */
struct message *lifecycle_find_on_host(struct lifecycle *life, uint16_t source, struct queue_id id);
/* Its root is final. */
void lifecycle_resolve(struct lifecycle *life, struct message *m, enum origin root);
/* The message a record is about, made where there is none (m is NULL), in the state it has after
 * it; NULL when memory is short. */
struct message *lifecycle_go_to(struct lifecycle *life, struct message *m, uint16_t source,
                                struct queue_id id, enum lifecycle_event event);
/* The same where it has to be found. */
struct message *lifecycle_message_for(struct lifecycle *life, uint16_t source, struct queue_id id,
                                      enum lifecycle_event event);
/* Enough is known of it to be judged. */
bool lifecycle_is_ready(const struct message *m);
/* A child that is named by its parent's record: there already, or not yet. NULL: it is too late. */
struct message *lifecycle_child_for(struct lifecycle *life, uint16_t source, struct queue_id id);
/* Whether the address is one of this host. */
bool lifecycle_comes_from_itself(const struct lifecycle *life, struct span address);
/* It is a local user's own mail after all. What was counted until now stays where it is. */
void lifecycle_unlink(struct lifecycle *life, struct message *c);
/* What is known by now has to do: its wait is over, or the log is. */
void lifecycle_stop_waiting(struct lifecycle *life, struct message *m);
/* Judges what there is to judge of it, or of that one recipient. */
void lifecycle_judge_ready(struct lifecycle *life, struct message *m);
void lifecycle_judge_recipient(struct lifecycle *life, struct message *m, struct recipient *r);
/* It was removed, refused, or goes on under a new ID. */
void lifecycle_leave_queue(struct lifecycle *life, struct message *m);
/* Says who brought it, and so where it came from. The texts are borrowed; account may be NULL. */
void lifecycle_brought_by(struct lifecycle *life, struct message *m, struct intern *client,
                          struct intern *account);

/* The log shows whose a domain is: site_learn, traced. */
void lifecycle_learn(struct lifecycle *life, struct span domain, enum domain_class class,
                     enum proof proof, uint8_t door);

const char *state_name(enum message_state state);

#endif
