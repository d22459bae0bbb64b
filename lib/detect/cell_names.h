/* SPDX-License-Identifier: MIT */
/*
 * Does:         names what a cell is about: the sender's registrable domain (by the public suffix
 *               list), and the text of each of its keys.
 * Doesn't know: how cells are found or listed (cell.h).
 * Owns:         nothing; what it returns is borrowed.
 * Time:         timeless.
 * Fails:        a name that there is not is empty, or NULL.
 */
#ifndef RELAYWATCH_DETECT_CELL_NAMES_H
#define RELAYWATCH_DETECT_CELL_NAMES_H

#include "base/hash.h"
#include "detect/tables.h"

/* An observation's keys that have to be derived. The domain is costly, so it is found on demand. */
struct names {
    struct span client, domain; /* the client's address; the sender's registrable domain */
    struct network network;     /* the client's; prefix 0: none */
    bool has_domain, has_network;
};

/* The host of a fleet, where it is a key of the kind, and so a part of the cell's name. */
struct span names_host(const struct observation *o);
/* The sender's registrable domain; borrowed until the next call. */
struct span names_domain(struct detector *d, struct names *n, const struct observation *o);
/* The client's network; NULL if there is no address. */
const struct network *names_network(struct names *n);
/* The cell's text for this type of key, borrowed; NULL for types that have none (network, uid,
 * host). */
struct intern *cell_key_text(const struct cell *cell, enum key_type type);

/* As much of a text as a cell keeps. */
struct span names_cut(struct span s);
/* The text in lower case and cut, with a reference; NULL if it is empty or memory is short. */
struct intern *names_lower(struct detector *d, struct span s);
/* The same, but not shared (intern_make): for senders, of which there are too many to look up. */
struct intern *names_sender(struct detector *d, struct span s);

/* Hashes of what names most cells: the client's address; the sender, in whatever case. */
static inline uint64_t names_hash_client(const struct detector *d, struct span address)
{
    return hash_bytes(address, d->seed);
}
static inline uint64_t names_hash_sender(const struct detector *d, struct span sender)
{
    return hash_nocase(sender, d->seed);
}

/* A cell's identity: a hash of all that distinguishes cells, with 64 bits under the seed (hash.h).
 * Not 0, which is a free slot. */
uint64_t names_key(struct detector *d, const struct observation *o, struct names *n,
                   uint32_t scope);
/* The hash of the observation's key of that type; 0 if it has none. key: what names_key gives. */
uint64_t names_level_key(struct detector *d, const struct observation *o, struct names *n,
                         uint64_t key, enum key_type type);

#endif
