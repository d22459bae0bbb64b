/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes the keys by which mail that went in and mail that came back find each other
 *               (track/link_index.h).
 * Doesn't know: which of them belong together (link_relation.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; keys are hashes, so callers compare what they are made of.
 */
#ifndef RELAYWATCH_LIFE_LINK_KEYS_H
#define RELAYWATCH_LIFE_LINK_KEYS_H

#include "life/lifecycle_core.h"

static inline uint64_t link_key_of_id(uint32_t message_id_hash, uint16_t source, uint64_t recipient)
{
    uint64_t h = (uint64_t)message_id_hash << 32 | hosts_host(source);

    return hash_mix(h ^ (uint32_t)recipient, HASH_ODD_1);
}

/* The key by message-id. A recipient (0: none) distinguishes mail of a sender who uses the same
 * message-id again and again; half of its hash does, which is all that is kept of mail that is
 * forgotten. */
static inline uint64_t link_key(const struct message *m, uint64_t recipient)
{
    return link_key_of_id(m->message_id_hash, m->source, recipient);
}

static inline uint64_t link_key_of_address(const struct lifecycle *life, const struct message *m,
                                           struct span sender, uint64_t recipient)
{
    uint64_t h = hash_bytes(sender, life->tracker->seed);

    return hash_mix(h ^ hash_mix(recipient + hosts_host(m->source), HASH_ODD_1), HASH_ODD_2);
}

/* The key by sender and recipient, for mail without a message-id. */
static inline uint64_t link_key_of_sender(const struct lifecycle *life, const struct message *m,
                                          uint64_t recipient)
{
    return link_key_of_address(life, m, intern_span(m->sender), recipient);
}

/* The same for mail whose sender was not known yet as it was delivered. */
static inline uint64_t link_key_of_nobody(const struct lifecycle *life, const struct message *m,
                                          uint64_t recipient)
{
    return link_key_of_address(life, m, SPAN_NONE, recipient);
}

/* The key by message-id and sender, of mail that a mailbox took. However much other mail has that
 * message-id, it is found. */
static inline uint64_t link_key_of_mailbox(const struct lifecycle *life, const struct message *m)
{
    uint64_t h = hash_bytes(intern_span(m->sender), life->tracker->seed);

    return hash_mix(h ^ link_key(m, 0), HASH_ODD_1);
}

/* The key by client, of mail that a before-queue filter brings in the client's name. */
static inline uint64_t link_key_of_client(const struct lifecycle *life, const struct intern *client,
                                          uint16_t source)
{
    uint64_t h = hash_bytes(intern_span(client), life->tracker->seed);

    return hash_mix(h + hosts_host(source), HASH_ODD_1);
}

/* The key by queue ID, of mail that one host of a fleet brings to another. */
static inline uint64_t link_key_of_handover(struct queue_id id)
{
    return hash_mix(id.lo ^ HASH_ODD_2, id.hi ^ HASH_ODD_1);
}

/* Mail that came back has a key of its own, so that what went in is known by its key even when it
 * is forgotten. */
static inline uint64_t link_key_of_return(uint64_t key_of_what_went_in)
{
    return ~key_of_what_went_in;
}

#endif
