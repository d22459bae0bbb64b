/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines what is remembered of one message (one queue file) and of each recipient.
 * Doesn't know: how a message is found (tracker.h) or how records change it (lifecycle.h).
 * Owns:         nothing itself; the tracker holds the references in these structs.
 * Time:         event time in whole seconds since 1970 (the log's own resolution in RFC 3164).
 * Fails:        -
 *
 * A message in flight should cost at most 256 bytes over all tables. This struct takes 128 of them,
 * two cache lines. Most messages have one recipient, which is stored inside.
 */
#ifndef RELAYWATCH_TRACK_MESSAGE_H
#define RELAYWATCH_TRACK_MESSAGE_H

#include "base/terms.h"
#include "parse/record.h"
#include "base/intern.h"

/* MESSAGE_NEW      accepted, not yet in the queue
 * MESSAGE_QUEUED   in the active or deferred queue
 * MESSAGE_HELD     in the hold queue
 * MESSAGE_GONE     removed, refused, or continued under a new ID; kept a while for late links */
enum message_state { MESSAGE_NEW, MESSAGE_QUEUED, MESSAGE_HELD, MESSAGE_GONE, MESSAGE_STATE_COUNT };

enum {
    MESSAGE_BEGAN = 1 << 0,      /* its acceptance (client=, uid=, a link) is in the log */
    MESSAGE_HAS_SENDER = 1 << 1, /* qmgr's from= was seen */
    MESSAGE_RESOLVED = 1 << 2,   /* root is final */
    MESSAGE_WAITING = 1 << 3,    /* on the waiting list */
    MESSAGE_FINISHED = 1 << 4,   /* on a list of finished messages */
    MESSAGE_EXPIRED = 1 << 5,    /* qmgr returned it as expired */
    MESSAGE_COUNTED = 1 << 6,    /* in its cell's message count, once for all its queue files */
    MESSAGE_NOTICED = 1 << 7,    /* its notice was counted */
    MESSAGE_PROBE = 1 << 8,      /* looks like address verification: its origin if none turns up */
    MESSAGE_WAITED = 1 << 9,     /* its wait is over: it is judged without a sender */
    MESSAGE_SHARES_ID = 1 << 10, /* another has its message-id: link_alone.h */
    MESSAGE_IN_CELL = 1 << 11,   /* this queue file is in its cell's queued count */
    MESSAGE_TRIED = 1 << 12,     /* a delivery record was seen */
    MESSAGE_PARENT = 1 << 13,    /* others came of it, or may come back to it */
    MESSAGE_PICKED_UP = 1 << 14, /* sendmail(1) brought it */
    MESSAGE_NO_ID = 1 << 15,     /* its message-id is "<>", which links nothing */
    MESSAGE_FROM_HERE = 1 << 16, /* this host itself brought it, by SMTP */
    MESSAGE_CLAIMED = 1 << 17,   /* `parent` may be its parent: not certain yet */
    MESSAGE_RETURNED = 1 << 18,  /* linked by its message-id: link_return.h */
    MESSAGE_OWN_ID = 1 << 19,    /* it came without a message-id, and Postfix made one for it */
    MESSAGE_CHILDREN = 1 << 20,  /* others came of it */
    MESSAGE_BARE = 1 << 21,      /* its sender was a user without a domain */
    MESSAGE_MANY = 1 << 22,      /* it goes to more recipients than a person's .forward has */
    MESSAGE_FLAGS_END = 1 << 23,
};

enum {
    RECIPIENT_FORWARDED = 1 << 0, /* addressed to one of ours, delivered outside */
    RECIPIENT_HANDED = 1 << 1,    /* passed to a filter or another instance: not delivered */
    RECIPIENT_JUDGED = 1 << 2,
    RECIPIENT_COUNTED = 1 << 3,  /* as evidence, by the detector */
    RECIPIENT_RETURNED = 1 << 4, /* SRS: a notice returning through us */
    RECIPIENT_ADDRESS = 1 << 5,  /* `text` is the whole address, not its domain */
    /* delivered to something on this host, or to a private address, from where it may return */
    RECIPIENT_HERE = 1 << 6,
    /* smtp(8) took it to, or tried, a server that is not this host's, and not in relay_domains'
     * name */
    RECIPIENT_LEFT = 1 << 7,
};

struct recipient {
    struct intern *text; /* to='s domain, or an address (RECIPIENT_ADDRESS); may be NULL */
    /* Of to=, without case. It tells recipients apart, as their texts would take too much memory:
     * nobody who doesn't know the seed can find two that collide. */
    uint64_t hash;
    uint32_t at_s; /* first attempt */
    union {
        struct {
            uint8_t class : 3;
            /* as another message, from a filter that named none; or it never will */
            uint8_t came_back : 1;
            uint8_t status : 3;
            uint8_t by_program : 1; /* record_is_taken_by_program */
        };
        uint8_t outcome; /* all of these, for counters that are cheap */
    };
    uint8_t flags;
    uint8_t cause : 4; /* why it bounced: what a notice about it will be called */
    uint8_t stays : 1; /* it is in a mailbox, as what took it says: it is not given back */
    /* What took it, or was to take it, as site_door says; 0 is none. Beyond DOORS_MAX: a
     * mailbox. */
    uint8_t door;
};

/* A reference to a message that may be forgotten meanwhile. Slots are reused and serials are not,
 * so a stale reference is recognised by its serial. */
struct message_ref {
    uint32_t slot; /* 0: none */
    uint32_t serial;
};

enum { MESSAGE_FORWARDS_MAX = 511 };

/* What message.who is. There is room for one text; the first that applies is kept. */
enum message_who {
    WHO_NOTICE_TO, /* of a notice: the address it goes to */
    WHO_LOGIN,     /* of mail whose root is a login */
    WHO_FORWARDER, /* of a user's mail that local(8) sent on: the address whose .forward or alias it
                    * followed */
    WHO_OWN_UID,   /* of a user's mail that a uid here brought back: that uid, in figures, as
                    * message.uid is the root's */
    WHO_BRINGER,   /* of a stranger's or a trusted client's mail that a machine near by or another
                    * host brought back: that one, as message.client is the root's */
};

struct message {
    struct queue_id id;
    uint16_t source; /* host and instance: hosts.h */
    uint8_t state : 2;
    uint8_t is_named : 1; /* a filter here named its client: orig_client= */
    uint8_t is_near : 1;  /* another private address brought it, by SMTP */
    uint8_t cause : 4;    /* of a notice; CAUSE_AUTOREPLY: it may be a reply, to one recipient */
    uint8_t origin : 4;
    uint8_t root : 4; /* origin of the first message in the chain */
    uint32_t flags : 23;
    /* Recipients that its mail was forwarded to, or that were added on its way back from a filter;
     * without a message-id, all that came back. Stops at MESSAGE_FORWARDS_MAX. */
    uint32_t forwards : 9;
    struct intern *client; /* the root's, "name[address]" */
    struct intern *who;    /* read it by message_who, which says when it is what */
    struct intern *sender; /* NULL for the null sender, and while unknown */
    union {
        uint32_t uid;   /* the root's, of a local one */
        uint32_t nrcpt; /* qmgr's, of one that did not begin in the log */
    };
    uint32_t serial;
    uint32_t begun_s; /* accepted, or worked out from delay= */
    uint32_t last_s;  /* last record */
    uint32_t message_id_hash;
    uint32_t message_id_at; /* position in the tracker's ring */
    struct message_ref parent;
    struct message_ref whole;   /* counts for all queue files of this mail (filter, requeue) */
    uint32_t cell, cell_serial; /* where its evidence went: a struct cell_ref */
    uint32_t slot;              /* its own, in the tracker */
    uint16_t recipient_count;
    uint16_t recipient_room; /* 0: the one in `only`; else the size of `many` */
    union {
        struct recipient only;
        struct recipient *many;
    } recipients;
};

_Static_assert(sizeof(struct message) == 128, "two cache lines");

/* The array of recipient_count recipients; adding one may move it. */
static inline struct recipient *message_recipients(struct message *m)
{
    return m->recipient_room ? m->recipients.many : &m->recipients.only;
}

static inline void message_add_forwards(struct message *m, uint32_t n)
{
    m->forwards = m->forwards + n < MESSAGE_FORWARDS_MAX ? m->forwards + n : MESSAGE_FORWARDS_MAX;
}

static inline bool message_has(const struct message *m, uint32_t flag)
{
    return (m->flags & flag) != 0;
}

static inline enum message_who message_who_is(const struct message *m)
{
    bool by_local = m->origin == ORIGIN_FORWARD && !message_has(m, MESSAGE_RETURNED);

    if (m->origin == ORIGIN_BOUNCE)
        return WHO_NOTICE_TO;
    return m->root == ORIGIN_ACCOUNT ? WHO_LOGIN
           : m->root != ORIGIN_LOCAL ? WHO_BRINGER
           : by_local                ? WHO_FORWARDER
                                     : WHO_OWN_UID;
}

/* message.who if that is what is asked for; NULL if it is something else, or not known. */
static inline struct intern *message_who(const struct message *m, enum message_who what)
{
    return message_who_is(m) == what ? m->who : NULL;
}

#endif
