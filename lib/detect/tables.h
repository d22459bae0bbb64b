/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines the detector's state: cells, scopes, counts by key, incidents.
 * Doesn't know: how any of it changes; the other files of this room do that, each its part.
 * Owns:         nothing itself; detector_done releases what a struct detector holds.
 * Time:         event time in seconds since 1970, by the host's own clock.
 * Fails:        -
 *
 * cell      the finest aggregate: all evidence of one kind (and cause) on one host that agrees in
 *           all its keys, for example one client under one sender domain.
 * scope     all cells of one (host, kind, cause). Grouping works on one scope at a time.
 * group     cells of a scope that together crossed a threshold under one key. It lasts for one run
 *           of the grouping.
 * incident  a group with an id and a life of its own. It is matched with the groups of each later
 *           run, holds whole cells, and outlives them.
 *
 * A cell has a key at each level of its scope, from the narrowest to the widest: scope.h.
 */
#ifndef RELAYWATCH_DETECT_TABLES_H
#define RELAYWATCH_DETECT_TABLES_H

#include "base/address.h"
#include "base/tally.h"
#include "base/trace.h"
#include "config/settings.h"
#include "detect/counts.h"
#include "parse/record.h"
#include "track/hosts.h"

enum key_type {
    KEY_NONE,
    KEY_CLIENT,
    KEY_NETWORK,
    KEY_SENDER_DOMAIN,
    KEY_SENDER,
    KEY_ACCOUNT,
    KEY_UID,
    KEY_HOST,
    KEY_RECIPIENT,
    KEY_RECIPIENT_DOMAIN,
    KEY_COUNT
};

enum { CELLS_MIN = 64 }; /* slots for cells, at least, once there are any */
enum { LEVELS_MAX = 4, SAMPLES_MAX = 5, NARROWER_MAX = 8, INCIDENT_ID_MAX = 20 };
enum { RELATED_MAX = 8 };
/* Longer accounts and recipients are cut in a cell; the hash of the whole tells them apart. */
enum { CELL_TEXT_MAX = 512 };
/* SAMPLED_CELLS: cells of an ended incident whose samples are kept. */
enum { TALLY_CLIENTS_MAX = 8192, TALLY_MAX = 256, SAMPLED_CELLS = 10 };

/* A reference to a cell that may be freed meanwhile; the serial tells. */
struct cell_ref {
    uint32_t cell; /* index + 1; 0 is none */
    uint32_t serial;
};

/* One piece of evidence: a (message, recipient) or a notice. Spans are borrowed during the call. */
struct observation {
    enum kind kind;
    enum cause cause;      /* backscatter-source only */
    uint16_t host;         /* index into hosts.host; the fleet's, where it is in one */
    struct span host_name; /* in a fleet, the host where it was; else empty */
    uint32_t at_s;         /* event time; may be older than what came before */
    struct span client;    /* "name[address]", or empty */
    /* What the caller knows already; may be left out: shared texts, and the hashes
     * (names_hash_client, names_hash_sender). */
    struct intern *client_text, *recipient_domain_text;
    uint64_t client_hash, sender_hash;
    uint64_t key, narrowest; /* its cell's, and the first level's; detector_prefetch sets them */
    bool sender_is_default;  /* Postfix made it of the user's name */
    struct span sender;      /* the address; empty for the null sender or if unknown */
    struct span account;     /* account-abuse */
    bool has_two_logins;     /* the part before its "@" logs in, too */
    uint32_t uid;            /* local-abuse */
    struct span recipient;   /* backscatter-victim: the address */
    struct span recipient_domain; /* the destination */
    enum status status;
    bool first;                 /* the message's first observation of this kind */
    bool counts;                /* false: a recipient of something already counted (a notice) */
    bool notice;                /* it is, or stands for, a notice */
    bool null_sender;           /* MEASURE_NULL_SENDER */
    bool foreign_sender;        /* MEASURE_FOREIGN, */
    bool maybe_ours;            /* but only in the kind's own window: nothing tells whose it is */
    bool unseen_sender;         /* MEASURE_UNSEEN */
    bool repeats;               /* in no window: it is one of many to the same address */
    bool day_only;              /* it counts in the window of a day, not in the kind's own */
    bool familiar;              /* a message by whom, and from where, mail has come for long */
    bool usual;                 /* and no more of it in a day than before */
    struct span refused_by;     /* a notice's: who refused what it is about, */
    struct span refused_domain; /* and for whom (refused_by.h); empty: nobody knows */
    struct intern *const *said; /* what its headers say (said.h); NULL: nothing is known */
    struct span forwarder;      /* whose .forward or alias has sent it on; empty: nobody's */
    uint32_t undecided;         /* recipients that nothing has named yet; with counts false */
    bool queued, held;          /* its queue file is in the queue, and on hold there, */
    struct cell_ref counted_in; /* which this cell, if any, has counted already */
    struct queue_id id;         /* for samples and the incident's id */
    uint32_t begun_s;           /* in a fleet, when its message came in; else 0 */
    struct span message_id;
};

/* Counts over the lifetime of a cell or an incident. */
struct totals {
    uint32_t first_s, last_s; /* earliest and latest evidence; first_s is 0 before any */
    uint64_t messages, recipients, sent, deferred, bounced, notices;
    uint64_t familiar;     /* messages by whom, and from where, mail has come for long */
    uint64_t usual;        /* and no more of them in a day than before */
    uint64_t undecided;    /* recipients promised when it was queued, and not named since */
    uint64_t queued, held; /* messages there now */
    struct queue_id first_id;
    /* Number of the first observation: the order of the host's log, or of a fleet (cell_order). */
    uint64_t first_number;
};

/* A message to show as an example. */
struct sample {
    struct queue_id id;
    struct intern *message_id; /* may be NULL */
};

/* What only some kinds tally. */
struct lists {
    struct tally clients, networks, senders, sender_domains;
    struct tally hosts; /* of a fleet, unless the host is part of the cell's name */
    struct tally refused_by, refused_domains; /* backscatter-source: refused_by.h */
    struct tally *said; /* what headers of its messages say; NULL: nothing is known (said.h) */
};

/* What is counted and shown of a cell. Texts are NULL where the kind has no such key. */
struct cell_rest {
    struct counts counts;
    struct cell_ref earlier;             /* the run before, if that was within a day */
    struct intern *client, *client_name; /* address; "name[address]" */
    struct intern *domain;               /* the sender's registrable domain */
    struct intern *sender;               /* in lower case */
    struct intern *account, *recipient, *recipient_domain;
    struct intern *host_name; /* of a fleet, where the host is a key */
    struct intern *forwarder; /* local-abuse: the first whose .forward or alias has sent it on */
    uint32_t uid;
    struct network network; /* the client's where that is a key; prefix 0: none */
    bool has_two_logins;    /* the part before the account's "@" is the same one */
    /* What varies within the cell, most of it for lists to show. */
    struct tally recipient_domains;
    struct lists *lists; /* NULL: all of them are empty */
    uint32_t sample_count;
    uint32_t sample_s[SAMPLES_MAX];    /* in a fleet, when they came in; else 0 */
    struct sample sample[SAMPLES_MAX]; /* the first messages */
};

/* A cell's only evidence, as it came: with the totals, all that cell_rest is made of (once.h). */
struct once {
    struct intern *client, *recipient_domain; /* "name[address]"; may be NULL */
    struct intern *host_name;                 /* in a fleet, else NULL */
    uint32_t begun_s, uid;
    bool foreign_sender, maybe_ours, unseen_sender;
    uint16_t sender_len, message_id_len; /* of the texts, one behind the other */
    char text[];
};

/* A busy host has many thousand cells, and hardly any is in a cache; most are never asked for more
 * than whether they are old. So what an eviction compares comes first, and what is counted and
 * shown is apart, and made only for a second piece of evidence or a grouping. */
struct cell {
    uint64_t key;               /* hash of everything that names it; 0: a free slot */
    uint32_t scope;             /* index of its scope */
    uint32_t serial;            /* recognises a stale cell_ref */
    uint32_t incident;          /* index + 1 of the incident that holds it, or 0 */
    bool parked : 1;            /* an earlier run of the day: no longer found by key */
    bool retired : 1;           /* its incident has ended: no longer found by key */
    bool listed : 1;            /* retired, and on its incident's list: to be merged */
    bool sender_is_default : 1; /* all sites of a uid share it: a day of it says nothing of any */
    bool fresh : 1;             /* it had evidence since an eviction passed it by */
    uint32_t next, prev;        /* in the scope's or the incident's list; index + 1 */
    struct totals totals;
    uint64_t level[LEVELS_MAX]; /* hash of its key at each level; 0: it has none there */
    struct cell_rest *rest;     /* NULL if and only if there is `once` */
    struct once *once;
};

/* Every threshold has a second one, for a day. */
enum { THRESHOLDS_DAY_S = 86400 };

/* Which threshold a group has crossed. */
enum crossed {
    CROSSED_NONE,
    CROSSED_RECIPIENTS,
    CROSSED_NETWORKS,
    CROSSED_REFUSED,
    CROSSED_FOREIGN,
    CROSSED_NULL_SENDER,
    CROSSED_UNSEEN,
    CROSSED_NOTICES,
    CROSSED_MESSAGES,
    CROSSED_COUNT
};
struct crossing {
    enum crossed what;
    bool in_a_day;  /* in a day, that is, not in the kind's window */
    bool is_shared; /* the key is a uid that many senders share: its threshold is higher */
    uint64_t value, threshold;
    uint32_t window_s;
};

enum incident_state { INCIDENT_FREE, INCIDENT_OPEN, INCIDENT_ENDED };

struct incident {
    enum incident_state state;
    char id[INCIDENT_ID_MAX]; /* NUL-terminated */
    uint16_t host;            /* while it is open: another host may have that number later */
    struct intern *host_name;
    enum kind kind;
    enum cause cause;
    int level;    /* of its key, in the scope's row of keys */
    uint64_t key; /* as in cell.level */
    uint32_t scope;
    uint32_t raised_s, last_s, ended_s, alerted_s; /* alerted_s: last raised or updated */
    uint64_t alerted_recipients;                   /* recipients and notices at the last alert */
    uint64_t number;               /* drawn when it was raised: the order among incidents */
    uint64_t common[LEVELS_MAX];   /* once it has ended: keys of all it had then; 0: none */
    bool alerted;                  /* an alert went out (set by the daemon) */
    char told_as[INCIDENT_ID_MAX]; /* the id that was alerted, if that is another */
    bool withdrawn;                /* ended because nothing of it stands by what is known now */
    struct crossing crossing;      /* what raised it, or reopened it */
    uint32_t reopened;             /* how often it was, after it had ended or been closed */
    uint32_t closed_s;             /* when a person closed it; 0: nobody has */
    uint64_t closed_amount;        /* recipients and notices then */
    struct intern *close_reason;   /* may be NULL */
    struct totals base;            /* of cells that were evicted */
    uint64_t base_clients;
    /* Only when ended: see compact.h. */
    uint64_t sampled;     /* first_number of the last cell whose samples are kept */
    uint32_t remainder;   /* the cell, index + 1, that others are merged into; 0: none yet */
    uint32_t unmerged;    /* cells that are still to be merged */
    uint32_t first, last; /* the list of its cells that sweeps have to look at; index + 1 */
    bool compacted;       /* unmerged has reached 0: names beyond TALLY_MAX are dropped ... */
    uint64_t compacted_clients, compacted_domains; /* ... and this is how many there were */
    /* Numbers of incidents that shared a client which one of the two has dropped since. */
    uint64_t related[RELATED_MAX];
    uint32_t related_count;
    struct intern *key_text;                /* the key for people */
    struct intern *narrower[NARROWER_MAX];  /* narrower keys that were folded into it */
    uint32_t narrower_count, narrower_more; /* more: how many did not fit */
};

enum incident_event {
    INCIDENT_RAISED,
    INCIDENT_WIDENED,
    INCIDENT_UPDATED,
    INCIDENT_OVER,
    INCIDENT_WITHDRAWN, /* instead of OVER */
    INCIDENT_REOPENED,
    INCIDENT_CLOSED, /* by a person */
    INCIDENT_EVENT_COUNT
};
/* Called in the middle of a change: it must not feed the detector. */
typedef void incident_listener(void *ctx, enum incident_event event,
                               const struct incident *incident, uint32_t now_s);

struct detector_counters {
    uint64_t observations;
    uint64_t exempt; /* by an override, or their kind is off */
    uint64_t cells_evicted;
    uint64_t incidents_evicted;
    uint64_t late;         /* older than the window they would count in */
    uint64_t keys_refused; /* dropped at the bound; or memory was short */
};

/* Nobody knows whether a key has crossed a threshold. */
#define NEAR_UNKNOWN UINT32_MAX
struct scope {
    uint32_t first;     /* cell index + 1; 0: no cells */
    uint32_t cells;     /* in the list */
    uint32_t grouped_s; /* the time of the last grouping */
    bool dirty;         /* evidence or new settings have come since */
    uint32_t near_s;    /* latest evidence under a key that crossed; NEAR_UNKNOWN. Not saved */
};

/* What there is of one host, for its sweeps and ticks. */
struct host_load {
    uint64_t numbers; /* drawn by observations so far */
    uint32_t at_s;    /* the time of the latest; its lines may be late, and go back */
    uint32_t cells;   /* in lists: of scopes, or of ended incidents */
    uint32_t open;    /* incidents */
    uint32_t low;     /* no open incident has a lower slot */
};

/* Only so many clients of a key are told apart: it takes a few to be worth a grouping. */
enum { KEY_CLIENTS_MAX = 64 };
struct key_clients {
    uint32_t count, room;
    struct intern *client[]; /* each once, with a reference */
};

/* Counts, under one key, the evidence that no incident holds. There are two keys to a cell, so what
 * every piece of evidence reads comes first, and the windows are only touched when another of their
 * buckets begins. */
struct key_count {
    uint64_t key;              /* as in cell.level; 0: empty */
    uint32_t last_s;           /* latest evidence */
    uint32_t spare, spare_day; /* less evidence than that crosses nothing; not saved */
    uint32_t host;             /* the key's */
    struct {
        uint16_t now[KEY_MEASURES], day[KEY_MEASURES];
    } latest;                    /* counted in the buckets of last_s, and not in the windows yet */
    uint32_t failed, failed_day; /* MEASURE_MAIN at the last vain grouping: thresholds.c */
    struct key_clients *clients; /* backscatter-victim's; NULL: none */
    struct counts *counts;       /* the windows; NULL: nothing is in them */
};

/* Finding a domain's registrable part takes thousands of instructions: the latest are kept. */
enum { DOMAIN_MEMOS = 256 };
struct domain_memo {
    struct intern *domain, *registered;
};

struct detector {
    struct domain_memo memo[DOMAIN_MEMOS];
    const struct settings *settings; /* borrowed, as are texts and hosts */
    struct interns *texts;
    struct hosts *hosts;
    uint16_t fleet;            /* the host that stands for a fleet; HOSTS_NONE: there is none */
    const struct trace *trace; /* may be NULL, as the next */
    incident_listener *on_event;
    void *on_event_ctx;
    struct detector_counters counters;
    uint64_t seed; /* of all hashes */
    struct cell *cell;
    uint32_t cell_count, cell_max, cell_room; /* slots ever used, bound, slots allocated (by 64) */
    uint64_t *cell_taken;                     /* a bit for each slot allocated */
    uint32_t cell_low;                        /* no word of cell_taken below it has a free bit */
    uint64_t bytes_max;                       /* of cells, keys and interns.listed: evict.h */
    uint64_t key_client_bytes;                /* what struct key_clients and their texts take */
    uint32_t kind_cells[KIND_COUNT];          /* how many of them each kind has */
    uint32_t cell_hand;                       /* where the next eviction starts looking */
    uint64_t *cell_index;                     /* open addressing: the key's high half, index + 1 */
    uint32_t cell_index_size, cell_used, cell_found; /* found: those in the index */
    struct scope *scope;
    struct host_load *load; /* of each host that has scopes */
    uint32_t scope_count;
    struct key_count *level; /* open addressing: key_counts.h */
    uint32_t level_size, level_used;
    struct incident *incident;
    uint32_t incident_count, incident_max;
    uint64_t numbers; /* drawn by incidents so far */
    uint32_t serial;  /* of the next cell */
    uint32_t listed;  /* cells on the lists of ended incidents */
};

#endif
