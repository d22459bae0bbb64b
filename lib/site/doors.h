/* SPDX-License-Identifier: MIT */
/*
 * Does:         numbers the doors, the programs that mail is handed to: a pipe(8) service by name,
 *               a hop by its "name[address]:port". A door that returns mail is a filter; a pipe
 *               that takes everybody's mail, and returns none, leads away.
 * Doesn't know: mail.
 * Owns:         copies of the names.
 * Time:         timeless.
 * Fails:        only the first DOORS_MAX get a number; the others get 0.
 */
#ifndef RELAYWATCH_SITE_DOORS_H
#define RELAYWATCH_SITE_DOORS_H

#include "base/span.h"

enum { DOORS_MAX = 63, DOOR_NAME_MAX = 96, DOORS_ABROAD = 3 };

/* What came back of the mail that a door took. What surely gives mail back once leads nowhere else;
 * what only seems to, and keeps most of it, gives nothing. */
enum door_gives {
    DOOR_GIVES_NOTHING,
    DOOR_GIVES_SOME, /* a mail server may keep the rest */
    DOOR_GIVES_ALL,  /* a content filter */
    DOOR_GIVES_COUNT
};

struct door {
    char name[DOOR_NAME_MAX];
    uint8_t len;
    uint8_t gives;         /* enum door_gives */
    bool gives_surely : 1; /* and that not by the lines of one second alone */
    bool takes_in : 1;     /* a stranger's mail, for what may be ours: mailboxes are behind it */
    bool leads_away : 1;   /* it has long enough seemed to */
    uint8_t domains; /* of recipients that it took mail for, counted at most once a day each */
    uint8_t taken, returned; /* recipients, and those whose mail came back, of late */
    uint8_t bringer_votes; /* how many more mails `bringer` brought back than all others; 0: none */
    /* The uid that brings its mail back through pickup(8); of a door near by, a hash of the network
     * from which others than the machine itself do. */
    uint32_t bringer;
    uint32_t since_s;              /* the first time */
    uint32_t abroad[DOORS_ABROAD]; /* its first domains that are outside for sure, as hashes */
};

struct doors {
    struct door door[DOORS_MAX];
    uint8_t count;
    uint8_t last;      /* the latest answer: most mail goes through the same door */
    uint8_t elsewhere; /* doors on machines at public addresses */
};

/* The number of a door, from 1; a new name gets the next one. 0 beyond the bound. */
uint8_t doors_number(struct doors *doors, struct span name);

/* What is known of a door by what it took and gave back. */
enum door_state {
    DOOR_UNKNOWN, /* no door has that number */
    DOOR_FILTERS,
    DOOR_GIVES_SOME_BACK,
    DOOR_GIVES_NOTHING_BACK, /* so far */
    /* A program that pipe(8) runs takes mail away, to a provider's API or by UUCP, or a relay host
     * is behind the door, perhaps by a program here that encrypts (stunnel, ssh). None of the mail
     * comes back; and a pipe takes no stranger's, which one to mailboxes does. */
    DOOR_LEADS_AWAY
};

static inline enum door_state doors_state(const struct doors *doors, uint8_t number)
{
    if (!number || number > doors->count)
        return DOOR_UNKNOWN;
    const struct door *door = &doors->door[number - 1];
    if (door->gives != DOOR_GIVES_NOTHING)
        return door->gives == DOOR_GIVES_ALL ? DOOR_FILTERS : DOOR_GIVES_SOME_BACK;
    return door->leads_away && (!door->takes_in || door->abroad[DOORS_ABROAD - 1])
               ? DOOR_LEADS_AWAY
               : DOOR_GIVES_NOTHING_BACK;
}

static inline bool doors_gives_nothing(const struct doors *doors, uint8_t number)
{
    return doors_state(doors, number) >= DOOR_GIVES_NOTHING_BACK;
}

/* Mail for several domains that are outside beyond doubt goes in, or for many that may be ours. */
enum { DOORS_ABROAD_S = 60, DOORS_TUNNEL_DOMAINS = 20, DOORS_TUNNEL_S = 600 };
static inline bool door_seems_to_lead_away(const struct door *door, uint32_t at_s)
{
    uint64_t age = at_s > door->since_s ? at_s - door->since_s : 0;

    return (door->abroad[DOORS_ABROAD - 1] && age >= DOORS_ABROAD_S) ||
           (door->domains >= DOORS_TUNNEL_DOMAINS && age >= DOORS_TUNNEL_S);
}

/* So much has gone into a door that gives nothing back that nothing will come back: what goes in
 * now is no longer on this host. is_exit: the settings name it as one. */
enum { DOORS_EXIT_DOMAINS = 5 };
static inline bool door_is_one_way(const struct door *door, bool is_exit, uint32_t at_s)
{
    uint64_t age = at_s > door->since_s ? at_s - door->since_s : 0;

    return is_exit ? door->domains >= DOORS_EXIT_DOMAINS
                   : door->domains >= DOORS_TUNNEL_DOMAINS && age >= DOORS_TUNNEL_S;
}

/* A content filter, and no mailboxes, listens on the socket: what it takes mostly comes back, or is
 * for domains that are outside beyond doubt. */
enum { DOORS_RETURNED = 3 };
static inline bool door_seems_to_filter(const struct door *door)
{
    return door->abroad[DOORS_ABROAD - 1] ||
           (door->returned >= DOORS_RETURNED && door->returned >= door->taken / 2);
}

/* The lines of one second come in any order, so an exit, which takes mail last, may look as if it
 * had given some to a filter before it. But an exit keeps most of what it takes. */
enum { DOORS_KEEPS_MIN = 8, DOORS_KEEPS_SHARE = 2 };
static inline bool door_keeps(const struct door *door)
{
    return !door->gives_surely && door->taken >= DOORS_KEEPS_MIN &&
           door->returned < door->taken / DOORS_KEEPS_SHARE;
}

#endif
