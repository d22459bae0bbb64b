/* SPDX-License-Identifier: MIT */
/*
 * Does:         numbers the hosts of a log and the Postfix instances on them: queue IDs are unique
 *               within one (host, instance) only.
 * Doesn't know: messages.
 * Owns:         the names.
 * Time:         timeless.
 * Fails:        hosts_source returns HOSTS_NONE beyond the bounds, and counts it.
 */
#ifndef RELAYWATCH_TRACK_HOSTS_H
#define RELAYWATCH_TRACK_HOSTS_H

#include "site/site.h"
#include "base/intern.h"

enum { HOSTS_NONE = UINT16_MAX, HOSTS_INSTANCES_MAX = 8 };

struct host {
    struct intern *name;
    uint16_t source[HOSTS_INSTANCES_MAX];
    uint16_t source_count;
};

/* One instance on one host. */
struct host_source {
    uint16_t host;
    struct intern *instance;
    enum address_form form; /* how this Postfix writes addresses, as far as the log tells */
};

struct hosts {
    struct host *host;
    uint16_t host_count, host_max;
    struct host_source *source;
    uint16_t source_count;
    struct interns *texts; /* borrowed */
    uint64_t refused;      /* lines from hosts or instances beyond the bounds */
};

bool hosts_init(struct hosts *hosts, uint16_t host_max, struct interns *texts);
void hosts_done(struct hosts *hosts);

/* The number of (host, instance), given when it is new. */
uint16_t hosts_source(struct hosts *hosts, struct span host, struct span instance,
                      enum address_form form);
static inline const struct host *hosts_of(const struct hosts *hosts, uint16_t source)
{
    return &hosts->host[hosts->source[source].host];
}

#endif
