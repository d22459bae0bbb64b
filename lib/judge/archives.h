/* SPDX-License-Identifier: MIT */
/*
 * Does:         finds the outside address that gets a copy of all mail of a host (always_bcc),
 *               where no settings tell: each message goes to it, too, and strangers' mail to nobody
 *               else outside. copies.h does the same for part of the mail, where the settings tell
 *               that there are such copies.
 * Doesn't know: verdicts.
 * Owns:         a table of fixed size.
 * Time:         timeless.
 * Fails:        an address that finds no room is not found, and mail to it is judged as usual. At
 *               the bound the one that got least goes.
 *
 * A spammer can put an address of his into each mail that he relays. So strangers' mail shows a
 * copy only if all other recipients are ours; ARCHIVE_STRANGERS of them have to be mail servers of
 * domains of their own (gateways_is_server), which no botnet has; and the address must get nearly
 * all mail that came in since, by whomever. What passes nonetheless is mail to one address.
 */
#ifndef RELAYWATCH_JUDGE_ARCHIVES_H
#define RELAYWATCH_JUDGE_ARCHIVES_H

#include "site/site.h"
#include "track/message.h"

enum {
    ARCHIVES_MAX = 16,       /* addresses that are watched */
    ARCHIVE_MESSAGES = 8,    /* that it must have got */
    ARCHIVE_PERCENT = 95,    /* of those that came in since its first; */
    ARCHIVE_LOST = 90,       /* below this it is none any more */
    ARCHIVE_OFTEN = 1000,    /* past so many, older ones count less and less */
    ARCHIVE_STRANGERS = 3,   /* different in sender domain and network */
    ARCHIVE_RECIPIENTS = 16, /* among more, a copy can't be told from the rest */
};

struct archives {
    struct archives_candidate {
        uint64_t address;   /* the recipient's hash; 0: free */
        uint32_t host;      /* hash of the host's name */
        uint32_t all, with; /* messages of the host since its first; those that it got */
        uint32_t strangers;
        uint64_t network[ARCHIVE_STRANGERS], sender[ARCHIVE_STRANGERS];
        bool alleged; /* some of it may have been taken for relaying */
    } candidate[ARCHIVES_MAX];
    uint32_t count; /* of them; they are never given back */
};

enum archives_shown {
    ARCHIVES_NOTHING,
    ARCHIVES_FOUND,      /* an address, and the site has noted it */
    ARCHIVES_FOUND_LATE, /* ... but mail to it may have been counted as relayed */
};

/* False for nearly all mail where nobody gets copies. */
static inline bool archives_may_show(const struct archives *archives, const struct message *m)
{
    return archives->count || (m->recipient_count > 1 && m->root == ORIGIN_OUTSIDE);
}
/* Call it when m leaves the queue, and it may. host: the hash of the name of its host. */
enum archives_shown archives_gone(struct archives *archives, struct site *site, uint64_t seed,
                                  struct message *m, uint32_t host);

#endif
