/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells who refused a recipient, and in which words, as a text that is the same for
 *               all recipients refused alike; and reads it.
 * Doesn't know: why it matters.
 * Owns:         nothing; what is read points into the text.
 * Time:         timeless.
 * Fails:        a text of another form is not read. Long replies are cut.
 *
 * The reply is a stranger's: it is printable, has no double quotes, and follows all that is not.
 */
#ifndef RELAYWATCH_PARSE_REFUSED_BY_H
#define RELAYWATCH_PARSE_REFUSED_BY_H

#include "base/terms.h"
#include "parse/record.h"

enum { REFUSED_BY_MAX = 320 };

struct refused_by {
    enum program agent;
    enum address_class addresses; /* of the recipient */
    struct span relay;            /* "mx1[private/dovecot-lmtp]", "none", "virtual" */
    struct span reply; /* without what differs from one recipient to the next; may be empty */
};

/* "lmtp virtual-mailbox mx1[private/dovecot-lmtp] 550 5.1.1 <...> User doesn't exist: ...". Writes
 * to buf, which has REFUSED_BY_MAX bytes, and returns the text in it. */
struct span refused_by_print(const struct record *rec, enum address_class addresses, char *buf);
bool refused_by_read(struct span text, struct refused_by *ret);
/* "virtual-alias example.org": whose recipient it was, in lower case, and cut; whether a text is of
 * that class; and the domain in it. */
struct span refused_by_domain(const struct record *rec, enum address_class addresses, char *buf);
bool refused_by_is_of(struct span text, enum address_class addresses);
struct span refused_by_domain_of(struct span text);

/* By the table that Postfix itself says it is missing in: what others reply tells of their own
 * tables. ADDRESS_UNKNOWN: it says nothing of one. */
enum address_class refused_by_table(const struct record *rec);

#endif
