/* SPDX-License-Identifier: MIT */
/*
 * Does:         numbers the hosts of a log and the Postfix instances on each. A queue ID is unique
 *               only within one (host, instance), which the code calls a source.
 * Doesn't know: messages.
 * Owns:         its arrays and a reference to each name; the table of texts is borrowed.
 * Time:         event time in seconds, given. Each host has a clock of its own: one that is off, or
 *               whose lines come late, concerns no other.
 * Fails:        at the bound a new host takes the place of the one that has been silent longest, if
 *               that has no messages or has been silent for HOSTS_SILENT_S; else hosts_source
 *               returns HOSTS_NONE, and counts it. So does a new queue of a host; one without a
 *               place is counted and shares the number of the unplaced.
 *
 * A tag's first part names an instance only if qmgr(8) logs under it. Any other first part is a
 * service name (master.cf: -o syslog_name=), whose records belong to whichever queue on that host
 * has the ID. A host has HOSTS_INSTANCES_MAX numbers: the first is for the names there is no room
 * for, the others are names, each of which is a queue's or not known to be one yet.
 */
#ifndef RELAYWATCH_TRACK_HOSTS_H
#define RELAYWATCH_TRACK_HOSTS_H

#include "base/hash_index.h"
#include "base/intern.h"
#include "base/when.h"
#include "site/site.h"

/* Of a host's numbers, some are kept for queues: services may have any number of names. */
enum { HOSTS_NONE = UINT16_MAX, HOSTS_INSTANCES_MAX = 8, HOSTS_SERVICES_MAX = 4 };
/* Hosts that are busy at the same time must not drive each other out. Clocks alone can't tell: so
 * many lines for each host that there is room for must have come since, too. */
enum { HOSTS_SILENT_S = 3600, HOSTS_SILENT_LINES = 4 };

/* One name on one host. */
struct host_source {
    struct intern *instance; /* NULL: the first of a host, or not in use */
    uint32_t last_s;         /* as of a host */
    uint8_t form;  /* an enum address_form: how this Postfix writes addresses, as the log tells */
    bool is_queue; /* qmgr logs under this name */
};

enum {
    HOST_PROXIES = 1 << 0, /* one passes mail to a before-queue filter */
    HOST_FRONTED = 1 << 1, /* mail from a client that a filter named (orig_client=) came in here */
    HOST_TELLS_IDS = 1 << 2, /* its log has message-ids */
};

struct host {
    struct intern *name;
    wall_us moved_at;     /* what the pipeline's clock said when now_s last moved */
    uint64_t number;      /* of the line with the latest record about a message */
    uint32_t last_s;      /* when that was; 0: there was none */
    uint32_t now_s;       /* the latest event time on this host; never goes back */
    uint32_t ticked_s;    /* how far the stages have been told of it */
    uint32_t due_s;       /* the stages have nothing to do on this host before */
    uint32_t counted_s;   /* lines before that were counted from another source */
    uint32_t judged_by;   /* the site's generation that its evidence was last held against */
    uint32_t doubtful;    /* cells that then held evidence which does not count any more */
    uint32_t behind_s;    /* the host ahead of all, at the latest line; for host_clocks.c, as is: */
    uint16_t turns;       /* how often its lines came after another host's, since the last look */
    uint8_t warning;      /* the number of the site warning that its clock is off; 0: none */
    bool is_off;          /* its clock was, at the last look */
    uint8_t source_count; /* in use, the first among them */
    uint8_t fronts;       /* HOST_PROXIES and others: the smtpd in front of its filters */
    uint16_t kept;        /* number of the line that the pipeline holds back; 0: none */
};

/* When it was heard, for host_heard.c. Apart from the host, which fills a line of the cache. */
struct host_heard {
    wall_us at;                       /* what the pipeline's clock said at its last line */
    uint32_t line_s;                  /* the time of that line; 0: none yet */
    uint32_t since_s;                 /* of the first one */
    uint32_t pause_s, pause_before_s; /* the longest since period_s, and in the period before */
    uint32_t period_s;
    bool silent; /* it was, at the last look */
};

struct hosts {
    struct host *host;
    struct host_heard *heard;            /* one for each host, */
    uint16_t *networks;                  /* as is whom it trusts: site_networks_of */
    struct host_source *source;          /* HOSTS_INSTANCES_MAX for each host */
    uint16_t host_count, host_max, room; /* room: of the arrays; host_max may be smaller */
    struct hash_index index;             /* by name, without case; host + 1 */
    uint64_t number;                     /* of the line; set by the caller, as is ... */
    uint32_t at_s;                       /* ... its time by its host's clock */
    struct interns *texts;               /* borrowed, as is the site, which may be NULL */
    const struct site *site;
    /* Called before a host that had messages, or of which a line is held back, loses its place:
     * forget all that refers to it. */
    void (*forgotten)(void *ctx, uint16_t host);
    /* The same of a name on a host: its messages go to the number of the unplaced. */
    void (*unplaced)(void *ctx, uint16_t source);
    void *ctx;
    uint64_t refused;        /* lines of hosts beyond the bound */
    uint64_t evicted;        /* hosts and queues that another one took the place of */
    uint64_t instances_over; /* queues beyond HOSTS_INSTANCES_MAX */
    uint64_t changes;        /* after which hosts_source may say another number than before */
};

bool hosts_init(struct hosts *hosts, uint16_t host_max, struct interns *texts);
void hosts_done(struct hosts *hosts);
/* For the snapshot: lets a host that was read be found, and looks up whom it trusts. False when
 * memory is short, or if there is one of that name. */
bool hosts_index(struct hosts *hosts, uint16_t host);
/* Makes room for that many. False when memory is short. */
bool hosts_reserve(struct hosts *hosts, uint16_t room);
/* Sets the bound. Known hosts stay beyond a smaller one, until new ones take their places. */
bool hosts_set_max(struct hosts *hosts, uint16_t host_max);

/* The site is this one from now on. */
void hosts_set_site(struct hosts *hosts, const struct site *site);

/* The number of the host with that name; HOSTS_NONE if it has none. */
uint16_t hosts_find(const struct hosts *hosts, struct span name);
/* The source of a record if hosts_source would change nothing, else HOSTS_NONE. */
uint16_t hosts_known(const struct hosts *hosts, struct span host, struct span instance,
                     bool is_queue);
/* The source of a record; an empty instance, a filter's, is the first of its host. A new host or
 * name gets a number; is_queue says that this is a record of qmgr, so that the name is a queue's
 * from now on. */
uint16_t hosts_source(struct hosts *hosts, struct span host, struct span instance, bool is_queue,
                      enum address_form form);

static inline uint16_t hosts_host(uint16_t source)
{
    return source / HOSTS_INSTANCES_MAX;
}

/* Whose networks are trusted on its host. */
static inline uint16_t hosts_networks(const struct hosts *hosts, uint16_t source)
{
    return hosts->networks[hosts_host(source)];
}

/* A record about a message of that host, on the line of that number. */
static inline void hosts_touch(struct hosts *hosts, uint16_t source, uint64_t number)
{
    struct host *host = &hosts->host[hosts_host(source)];

    host->last_s = hosts->source[source].last_s = host->now_s;
    host->number = number;
}

/* Something is due on that host at at_s, at the latest. */
static inline void hosts_due(struct hosts *hosts, uint16_t host, uint32_t at_s)
{
    if (at_s < hosts->host[host].due_s)
        hosts->host[host].due_s = at_s;
}

/* There is something to sweep on that host now. */
static inline void hosts_sweep(struct hosts *hosts, uint16_t host)
{
    hosts_due(hosts, host, (hosts->host[host].ticked_s / 60 + 1) * 60);
}

/* How long ago that was by the host's own clock. */
static inline int64_t hosts_ago(const struct hosts *hosts, uint16_t host, uint32_t at_s)
{
    return (int64_t)hosts->host[host].ticked_s - at_s;
}

/* The number of the names that have none of their own: may be any queue on that host. */
static inline uint16_t hosts_any(uint16_t source)
{
    return source - source % HOSTS_INSTANCES_MAX;
}

/* Whether records under these two names may be about one queue: not where both are queues. */
static inline bool hosts_may_share_queue(const struct hosts *hosts, uint16_t a, uint16_t b)
{
    return a == b || (hosts_host(a) == hosts_host(b) &&
                      !(hosts->source[a].is_queue && hosts->source[b].is_queue));
}

static inline bool hosts_has_source(const struct hosts *hosts, uint16_t source)
{
    return hosts_host(source) < hosts->host_count &&
           source % HOSTS_INSTANCES_MAX < hosts->host[hosts_host(source)].source_count;
}

/* How all known instances write addresses. */
void hosts_set_form(struct hosts *hosts, enum address_form form);

/* The next source in use at or after `source`; HOSTS_NONE at the end. */
uint16_t hosts_next_source(const struct hosts *hosts, uint16_t source);

static inline const struct host *hosts_of(const struct hosts *hosts, uint16_t source)
{
    return &hosts->host[hosts_host(source)];
}

#endif
