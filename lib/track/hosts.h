/* SPDX-License-Identifier: MIT */
/*
 * Does:         numbers the hosts of a log and the Postfix instances on each. A queue ID is unique
 *               only within one (host, instance), which the code calls a source.
 * Doesn't know: messages.
 * Owns:         its arrays and a reference to each name; the table of texts is borrowed.
 * Time:         timeless.
 * Fails:        hosts_init returns false when memory is short. hosts_source returns HOSTS_NONE
 *               beyond the bounds or when a name can't be stored, and counts it in `refused`.
 */
#ifndef RELAYWATCH_TRACK_HOSTS_H
#define RELAYWATCH_TRACK_HOSTS_H

#include "site/site.h"
#include "base/intern.h"

enum { HOSTS_NONE = UINT16_MAX, HOSTS_INSTANCES_MAX = 8 };

struct host {
    struct intern *name;                  /* compared without case */
    uint16_t source[HOSTS_INSTANCES_MAX]; /* the numbers of its instances */
    uint16_t source_count;
};

/* One instance on one host. */
struct host_source {
    uint16_t host;           /* index into hosts.host */
    struct intern *instance; /* compared with case */
    enum address_form form;  /* how this Postfix writes addresses, as far as the log shows */
};

struct hosts {
    struct host *host;
    uint16_t host_count, host_max;
    struct host_source *source;
    uint16_t source_count;
    struct interns *texts; /* borrowed */
    uint64_t refused;      /* lookups turned away at the bounds */
};

bool hosts_init(struct hosts *hosts, uint16_t host_max, struct interns *texts);
void hosts_done(struct hosts *hosts);

/* The number of (host, instance). A new pair gets the next number and `form`; a known pair keeps
 * its own form. Numbers stay valid until hosts_done. */
uint16_t hosts_source(struct hosts *hosts, struct span host, struct span instance,
                      enum address_form form);
/* The host of a source; source must not be HOSTS_NONE. */
static inline const struct host *hosts_of(const struct hosts *hosts, uint16_t source)
{
    return &hosts->host[hosts->source[source].host];
}

#endif
