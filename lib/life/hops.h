/* SPDX-License-Identifier: MIT */
/*
 * Does:         follows a message back through the hops that it came by on this host: whom a
 *               recipient's mail came for, and whether there are more recipients than anything here
 *               adds, so that a link can't be right.
 * Doesn't know: how links are found, made and undone.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        if not all is known of a hop, the link is believed.
 */
#ifndef RELAYWATCH_LIFE_HOPS_H
#define RELAYWATCH_LIFE_HOPS_H

#include "judge/judge.h"
#include "track/tracker.h"

enum { HOPS_MAX = 8 }; /* filters in a row */

enum hops_say {
    HOPS_KNOWN,
    HOPS_WAIT,  /* a hop before may still say more */
    HOPS_UNDO,  /* a link can't be right */
    HOPS_AGAIN, /* a hop before was undone: take from it what it says now */
};

struct hops_undo {
    struct message *before, *m; /* m does not come of `before` */
};

/* Both senders are known, and differ by more than what a host rewrites in its own. */
bool hops_has_other_sender(const struct judge *judge, const struct message *a,
                           const struct message *b);
/* A hop passes on only the recipient. The address that the mail came for (orig_to=) is in a record
 * of the hops before, which may be logged later, so a recipient waits until they have named it. If
 * a hop never does, and the mail was linked by its message-id, the recipient was added on the way,
 * by an alias or as a copy. */
enum hops_say hops_tell(struct judge *judge, struct message *m, struct recipient *r,
                        struct hops_undo *ret);

/* Whether filters and mailboxes here may have added n more recipients to m. If not, somebody on
 * this host named m as where his own mail came from. There is one bound for all that came of the
 * same message. */
bool hops_may_add(struct judge *judge, struct message *m, uint32_t n);
/* Counts n such recipients. */
void hops_add(struct judge *judge, struct message *m, uint32_t n);
enum hops_list {
    HOPS_NO_LIST,
    HOPS_SMALL_LIST, /* a mailbox, or what a person runs: hops_may_add is its bound */
    HOPS_LIST,       /* a list server, which has as many members as it likes */
};
/* Whether c is under the sender of a mailing list that p was delivered to, or, where p is NULL, of
 * any. Anybody with a mailbox here can send under "user-bounces@"; but it takes the administrator
 * to have mail for a list handed to a program that runs under a uid of the system. */
enum hops_list hops_list_of(struct judge *judge, struct message *p, const struct message *c);
/* The hash of the list's address, as recipients have it; 0 if c is under no list's sender. */
uint64_t hops_hash_of_list(const struct judge *judge, const struct message *c);

/* Keeps the uid that brought m back (WHO_OWN_UID), before m takes over the root's. */
void hops_keep_uid(struct interns *texts, struct message *m);
/* The uid that brought m. */
uint32_t hops_own_uid(const struct message *m);
/* Keeps the machine near by, or the other host, that brought m (WHO_BRINGER), before m takes over
 * parent's client. False if parent's root is a login or a uid: who is that then. */
bool hops_keep_bringer(struct message *m, const struct message *parent);
/* Whoever brought m, in the place of the client that a filter or another message told: nobody, or
 * this host. Which of its addresses that was has been forgotten. */
void hops_take_back_client(struct judge *judge, struct message *m);
/* The origin of m if nothing but itself tells. */
enum origin hops_own_origin(struct judge *judge, const struct message *m);
/* c goes to a filter that what p came of has passed: it is the same mail, sent once more, and
 * nothing that p went to gave it back. */
bool hops_have_passed(struct judge *judge, const struct message *p, struct message *c);
/* The user who sent p brought c himself. */
bool hops_is_of_same_user(const struct message *p, const struct message *c);

/* m counts with its parent: the first queue file of a mail counts for all, and may be found after
 * those in between. */
static inline void hops_count_with(struct message *m, const struct message *parent)
{
    m->whole = parent->whole.slot ? parent->whole : tracker_ref(parent);
}

/* Whether m, which came of parent, may show that what took r gives mail back. Lines of one second
 * come in any order: they alone can't contradict settings that call it an exit. */
bool hops_may_be_from(const struct site *site, const struct recipient *r,
                      const struct message *parent, const struct message *m);
/* m came of parent from a machine near by, whose address m->client still is: what parent was handed
 * to comes back from there. */
void hops_come_from(struct site *site, const struct message *m, struct message *parent);
/* m came of parent by a filter, or was requeued. */
void hops_come_back(struct site *site, struct message *m, struct message *parent);

/* It was linked, and is no more. */
static inline bool hops_is_undone(const struct message *m)
{
    return message_has(m, MESSAGE_RETURNED) && !m->parent.slot;
}

#endif
