/* SPDX-License-Identifier: MIT */
/*
 * Does:         the detector's state as data: cells, scopes, counts by key, incidents.
 * Doesn't know: how any of it changes; the other files of this room do that, each its part.
 * Owns:         nothing itself; detector_done releases what a struct detector holds.
 * Time:         event time in seconds since 1970.
 * Fails:        -
 *
 * cell      the finest aggregate: all evidence of one kind (and cause) on one host that agrees in
 *           all its keys, say one client under one sender domain.
 * scope     all cells of one (host, kind, cause). Grouping works on one scope at a time.
 * group     the cells of a scope that one key names, as the grouping works them out.
 * incident  a group that crossed a threshold, with an id and a life of its own.
 */
#ifndef RELAYWATCH_DETECT_TABLES_H
#define RELAYWATCH_DETECT_TABLES_H

#include "base/address.h"
#include "base/tally.h"
#include "base/trace.h"
#include "base/window.h"
#include "config/settings.h"
#include "parse/record.h"
#include "track/hosts.h"

enum key_type {
    KEY_NONE,
    KEY_CLIENT,
    KEY_NETWORK,
    KEY_SENDER_DOMAIN,
    KEY_ACCOUNT,
    KEY_UID,
    KEY_HOST,
    KEY_RECIPIENT,
    KEY_RECIPIENT_DOMAIN,
    KEY_COUNT
};

enum { LEVELS_MAX = 4, MEASURES = 3, SAMPLES_MAX = 5, NARROWER_MAX = 8, INCIDENT_ID_MAX = 20 };
enum { RELATED_MAX = 8 };
enum { TALLY_CLIENTS_MAX = 8192, TALLY_MAX = 256, SAMPLED_CELLS = 10 };

/* What one (message, recipient), or one notice, is evidence of. Borrowed during the call. */
struct observation {
    enum kind kind;
    enum cause cause; /* backscatter-source only */
    uint16_t host;
    uint32_t at_s;
    struct span client;           /* "name[address]", or empty */
    struct span sender;           /* the address; empty is the null sender or unknown */
    struct span account;          /* account-abuse */
    uint32_t uid;                 /* local-abuse */
    struct span recipient;        /* backscatter-victim: the address */
    struct span recipient_domain; /* where it goes */
    enum status status;
    bool first;  /* of its message in this kind */
    bool counts; /* false: a recipient of something counted already (a notice's) */
    bool notice; /* it is, or stands for, a notice */
    bool null_sender;
    bool foreign_sender;
    struct queue_id id;
    struct span message_id;
};

struct totals {
    uint64_t messages, recipients, sent, deferred, bounced, notices;
    uint64_t queued, held; /* now */
    uint32_t first_s, last_s;
    struct queue_id first_id;
    uint64_t first_number; /* of the first observation: the order of the log */
};

struct sample {
    struct queue_id id;
    struct intern *message_id; /* may be NULL */
};

struct cell {
    uint64_t key;   /* hash of all that names it; 0 is a free cell */
    uint32_t scope; /* index of its scope */
    uint32_t serial;
    uint32_t incident;          /* index + 1 of the one that holds it, or 0 */
    bool retired;               /* of an ended incident: no longer found by key */
    uint32_t next, prev;        /* in the scope's list; index + 1 */
    uint64_t level[LEVELS_MAX]; /* what it is called at each level; 0 where it has no such key */
    struct window window[MEASURES];
    uint64_t measure[MEASURES]; /* over the whole run */
    struct totals totals;
    struct intern *client, *client_name; /* address; "name[address]" */
    struct intern *domain;               /* sender's registrable domain */
    struct intern *account, *recipient, *recipient_domain;
    uint32_t uid;
    struct network network;
    struct tally clients, networks, senders, sender_domains, recipient_domains;
    struct sample sample[SAMPLES_MAX];
    uint32_t sample_count;
};

enum incident_state { INCIDENT_FREE, INCIDENT_OPEN, INCIDENT_ENDED };

struct incident {
    enum incident_state state;
    char id[INCIDENT_ID_MAX];
    uint16_t host;
    enum kind kind;
    enum cause cause;
    int level;
    uint64_t key;
    uint32_t scope;
    uint32_t raised_s, last_s, ended_s, alerted_s; /* alerted_s: last raised or updated */
    uint64_t alerted_recipients;
    uint64_t number;    /* of the raising: the order among incidents */
    bool alerted;       /* somebody was told of it (the daemon's to set) */
    struct totals base; /* of cells that were given up */
    uint64_t base_clients;
    uint64_t sampled;   /* ended: first_number of the last cell whose samples are kept */
    uint32_t remainder; /* ended: the cell, index + 1, that others were poured into; 0: none yet */
    uint32_t unmerged;  /* ended: cells that have yet to be */
    bool compacted; /* ended: none is left, so the names that nobody sees are forgotten, and ... */
    uint64_t compacted_clients, compacted_domains; /* ... this is how many there were in all */
    /* Numbers of others that shared a client which one of the two has forgotten since. */
    uint64_t related[RELATED_MAX];
    uint32_t related_count;
    struct intern *key_text;
    struct intern *narrower[NARROWER_MAX]; /* keys that were folded into it */
    uint32_t narrower_count, narrower_more;
};

enum incident_event { INCIDENT_RAISED, INCIDENT_WIDENED, INCIDENT_UPDATED, INCIDENT_OVER };
typedef void incident_listener(void *ctx, enum incident_event event,
                               const struct incident *incident, uint32_t now_s);

struct detector_counters {
    uint64_t observations;
    uint64_t exempt; /* by an override or a kind that is off */
    uint64_t cells_evicted;
    uint64_t incidents_evicted;
    uint64_t late;         /* older than the window it would count in */
    uint64_t keys_refused; /* no room to count a wider key */
};

struct scope {
    uint32_t first; /* cell index + 1 */
    uint32_t cells;
    uint32_t grouped_s;
    bool dirty; /* evidence has come since it was settled */
};

/* A wider key's count of what no incident holds. */
struct key_count {
    uint64_t key; /* 0 is empty */
    uint32_t last_s;
    uint32_t failed; /* measure 0 when grouping last found nothing to raise */
    uint64_t client_bits;
    struct window window[2];
};

/* Which part of a domain somebody registered takes thousands of instructions to work out. */
enum { DOMAIN_MEMOS = 256 };
struct domain_memo {
    struct intern *domain, *registered;
};

struct detector {
    struct domain_memo memo[DOMAIN_MEMOS];
    const struct settings *settings; /* borrowed */
    struct interns *texts;
    struct hosts *hosts;
    const struct trace *trace; /* may be NULL, as the next */
    incident_listener *on_event;
    void *on_event_ctx;
    struct detector_counters counters;
    uint64_t seed;
    struct cell *cell;
    uint32_t cell_count, cell_max, cell_room; /* room is a multiple of 64 */
    uint64_t *cell_taken;                     /* a bit for each place there is room for */
    uint32_t cell_low;                        /* no 64 places before these have a free one */
    uint32_t cell_hand;
    uint64_t *cell_index; /* open addressing: the key's high half, and index + 1 */
    uint32_t cell_index_size, cell_used, cell_found;
    struct scope *scope;
    uint32_t scope_count;
    struct key_count *level;
    uint32_t level_size, level_used;
    struct incident *incident;
    uint32_t incident_count, incident_max;
    uint64_t numbers; /* observations and raisings so far */
    uint32_t serial;
    uint32_t ticked_s;
};

struct cell_ref {
    uint32_t cell; /* index + 1; 0 is none */
    uint32_t serial;
};

#endif
