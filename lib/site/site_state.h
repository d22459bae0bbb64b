/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines struct site for the files that implement site.h.
 * Doesn't know: what the knowledge is used for.
 * Owns:         nothing itself; site_free releases what a struct site holds.
 * Time:         timeless.
 * Fails:        -
 */
#ifndef RELAYWATCH_SITE_SITE_STATE_H
#define RELAYWATCH_SITE_SITE_STATE_H

#include "base/address.h"
#include "base/address_form.h"
#include "base/hash_index.h"
#include "base/list.h"
#include "site/address_set.h"
#include "site/domains.h"
#include "site/doors.h"

#define SERVICE_LEN_MAX 112 /* the path of a socket is the longest */
#define SERVICES_MAX    16
#define SITE_ARCHIVES   4

/* A network of mynetworks, or one excluded by "!". */
struct trust {
    struct network net;
    bool trusted;
};
_Static_assert(sizeof(struct trust) == 18, "compared and hashed as bytes");

/* What hosts with the same settings trust. */
struct host_networks {
    struct list networks; /* struct trust, first match wins, after those of [site] */
    bool configured, incomplete;
    uint64_t digest; /* of all this */
    uint32_t hosts;  /* how many share it */
};

/* A host whose settings are known. */
struct named_host {
    char *name;
    uint16_t networks; /* number of its host_networks, from 1 */
};

/* Where a content filter listens, or what leads to a relay host. */
struct endpoint {
    struct address address;
    unsigned port;
};

/* Programs that the settings name for mail to be handed to. */
struct site_hops {
    struct list endpoints; /* struct endpoint */
    char service[SERVICES_MAX][SERVICE_LEN_MAX];
    size_t services;
};

/* Which logins with and without a domain are one (site_accounts.h). */
struct account {
    char *name;    /* with its domain */
    bool in_doubt; /* the part before the "@" is another's, too */
};

struct site {
    struct domains domains;
    struct domains senders; /* ours, but only as senders */
    struct doors doors;
    unsigned facts;
    char myhostname[256], machine[256]; /* of the settings; empty: unknown */
    char login_domain[256];             /* of logins without one; empty: unknown */
    bool domains_configured, domains_complete;
    bool networks_configured, networks_incomplete;
    uint64_t learned_dropped;
    struct list networks; /* struct trust, first match wins */
    size_t for_all;       /* so many of them are [site]'s; only counted where hosts have theirs */
    bool told_for_all;    /* so is networks_configured */
    struct list host_networks;    /* struct host_networks */
    size_t host_networks_sum;     /* networks in these lists */
    struct list hosts;            /* struct named_host */
    struct hash_index host_index; /* hosts by first label, without case */
    struct list fleet;            /* struct trust, first match wins */
    uint32_t clock_slack_s;
    struct list own; /* struct address */
    struct site_hops filters, exits;
    struct list xforward;            /* struct network */
    struct list copies;              /* char * */
    uint64_t archive[SITE_ARCHIVES]; /* in the order in which they were found; 0: none */
    struct list unlisted;            /* char * */
    enum address_form address_form;
    struct list warnings; /* struct site_warning */
    uint64_t warnings_given, warnings_dropped;
    uint64_t seed; /* of the hashes of addresses */
    struct address_set logins;
    struct list accounts;            /* struct account, at the bound in a ring */
    struct hash_index account_index; /* by the part before the "@", without case */
    uint32_t account_oldest;
    struct address_set mailboxes; /* that took mail, and "@" and the domain of each */
    uint32_t mailboxes_from_s;    /* the first of them; 0: none yet */
    bool mailboxes_told;          /* by a log that was read before it is judged */
    bool in_doubt;                /* site_take_doubt */
};

#endif
