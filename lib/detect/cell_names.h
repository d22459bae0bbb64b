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

#include "detect/tables.h"

/* An observation's keys that have to be derived. The domain is costly, so it is found on demand. */
struct names {
    struct span client, domain; /* the client's address; the sender's registrable domain */
    bool has_domain;
};

/* The sender's registrable domain; borrowed until the next call. */
struct span names_domain(struct detector *d, struct names *n, const struct observation *o);
/* The cell's text for this type of key, borrowed; NULL for types that have none (network, uid,
 * host). */
struct intern *cell_key_text(const struct cell *cell, enum key_type type);

#endif
