/* SPDX-License-Identifier: MIT */
#include "track/hosts.h"

#include <stdlib.h>

#include "base/hash.h"

enum { INDEX_MIN = 128, ROOM_MIN = 64 }; /* INDEX_MIN: a power of two */

bool hosts_init(struct hosts *hosts, uint16_t host_max, struct interns *texts)
{
    *hosts = (struct hosts){.texts = texts};
    if (hash_index_init(&hosts->index, INDEX_MIN) && hosts_set_max(hosts, host_max))
        return true;
    hosts_done(hosts);
    return false;
}

bool hosts_reserve(struct hosts *hosts, uint16_t room)
{
    uint16_t before = hosts->room;
    struct host *host = room > before ? realloc(hosts->host, room * sizeof(*host)) : NULL;

    if (room <= before)
        return true;
    if (!host)
        return false;
    hosts->host = host;
    /* If one of these fails, `room` stays: a larger array does no harm. */
    struct host_source *source =
        realloc(hosts->source, (size_t)room * HOSTS_INSTANCES_MAX * sizeof(*source));
    if (!source)
        return false;
    hosts->source = source;
    struct host_heard *heard = realloc(hosts->heard, room * sizeof(*heard));
    if (!heard)
        return false;
    hosts->heard = heard;
    uint16_t *networks = realloc(hosts->networks, room * sizeof(*networks));
    if (!networks)
        return false;
    hosts->networks = networks;
    memset(networks + before, 0, (size_t)(room - before) * sizeof(*networks));
    memset(heard + before, 0, (size_t)(room - before) * sizeof(*heard));
    memset(host + before, 0, (size_t)(room - before) * sizeof(*host));
    memset(source + (size_t)before * HOSTS_INSTANCES_MAX, 0,
           (size_t)(room - before) * HOSTS_INSTANCES_MAX * sizeof(*source));
    hosts->room = room;
    return true;
}

/* Room for all that there may be is only made where there are so many. */
bool hosts_set_max(struct hosts *hosts, uint16_t host_max)
{
    if (!hosts_reserve(hosts, host_max < ROOM_MIN ? host_max : ROOM_MIN))
        return false;
    hosts->host_max = host_max;
    return true;
}

static bool grow(struct hosts *hosts)
{
    uint32_t room = 2u * hosts->room;

    return hosts->host_count < hosts->room ||
           hosts_reserve(hosts, (uint16_t)(room < hosts->host_max ? room : hosts->host_max));
}

static uint32_t hash_of(const struct hosts *hosts, struct span name)
{
    return (uint32_t)hash_nocase(name, hosts->texts->seed);
}

uint16_t hosts_find(const struct hosts *hosts, struct span name)
{
    uint32_t hash = hash_of(hosts, name), at = hash, number;

    while ((number = hash_index_next(&hosts->index, hash, &at)) != 0)
        if (span_equal_nocase(intern_span(hosts->host[number - 1].name), name))
            return (uint16_t)(number - 1);
    return HOSTS_NONE;
}

static void look_up_networks(struct hosts *hosts, uint16_t host)
{
    hosts->networks[host] = hosts->site
                                ? site_networks_of(hosts->site, intern_span(hosts->host[host].name))
                                : SITE_NETWORKS_OF_ALL;
}

bool hosts_index(struct hosts *hosts, uint16_t host)
{
    struct span name = intern_span(hosts->host[host].name);

    if (hosts_find(hosts, name) != HOSTS_NONE || !hash_index_reserve(&hosts->index))
        return false;
    hash_index_add(&hosts->index, hash_of(hosts, name), host + 1u);
    look_up_networks(hosts, host);
    return true;
}

void hosts_set_site(struct hosts *hosts, const struct site *site)
{
    hosts->site = site;
    for (uint16_t i = 0; i < hosts->host_count; i++)
        look_up_networks(hosts, i);
}

static void release(struct hosts *hosts, uint16_t host)
{
    struct host_source *source = &hosts->source[host * HOSTS_INSTANCES_MAX];

    intern_put(hosts->texts, hosts->host[host].name);
    for (uint16_t k = 0; k < HOSTS_INSTANCES_MAX; k++)
        intern_put(hosts->texts, source[k].instance);
    memset(source, 0, HOSTS_INSTANCES_MAX * sizeof(*source));
    hosts->host[host] = (struct host){0};
    hosts->heard[host] = (struct host_heard){0};
}

/* Also cleans up after a failed init or read, when only some arrays exist. */
void hosts_done(struct hosts *hosts)
{
    for (uint16_t i = 0; i < hosts->host_count; i++)
        release(hosts, i);
    hash_index_done(&hosts->index);
    free(hosts->host);
    free(hosts->heard);
    free(hosts->networks);
    free(hosts->source);
    *hosts = (struct hosts){0};
}

/* Without messages, or silent before at_s. */
static bool may_go(uint32_t last_s, uint32_t at_s)
{
    return !last_s || last_s + (uint64_t)HOSTS_SILENT_S < at_s;
}

static bool host_may_go(const struct hosts *hosts, const struct host *host)
{
    return may_go(host->last_s, hosts->at_s) &&
           (!host->last_s ||
            host->number + (uint64_t)HOSTS_SILENT_LINES * hosts->host_max < hosts->number);
}

/* The number of the host that has been silent longest, now forgotten; HOSTS_NONE if all are in
 * use. */
static uint16_t evict_oldest(struct hosts *hosts)
{
    uint16_t oldest = HOSTS_NONE;

    for (uint16_t i = 0; i < hosts->host_count; i++)
        if (host_may_go(hosts, &hosts->host[i]) &&
            (oldest == HOSTS_NONE || hosts->host[i].number < hosts->host[oldest].number))
            oldest = i;
    if (oldest == HOSTS_NONE)
        return HOSTS_NONE;
    if ((hosts->host[oldest].last_s || hosts->host[oldest].kept) && hosts->forgotten)
        hosts->forgotten(hosts->ctx, oldest);
    hash_index_remove(&hosts->index, hash_of(hosts, intern_span(hosts->host[oldest].name)),
                      oldest + 1u);
    release(hosts, oldest);
    hosts->evicted++;
    hosts->changes++;
    return oldest;
}

static struct host *find_host(struct hosts *hosts, struct span name, enum address_form form)
{
    uint16_t i = hosts_find(hosts, name);

    if (i != HOSTS_NONE)
        return &hosts->host[i];
    i = hosts->host_count;
    struct intern *text = intern_get(hosts->texts, name);
    bool more = hosts->host_count < hosts->host_max;
    if (text && !more)
        i = evict_oldest(hosts);
    if (!text || i == HOSTS_NONE || (more && !grow(hosts))) {
        intern_put(hosts->texts, text);
        return NULL;
    }
    hosts->host[i] = (struct host){.name = text, .source_count = 1};
    hosts->host_count += more;
    if (!hosts_index(hosts, i)) /* memory is short: without a name, it is as if it were not there */
        return NULL;
    hosts->source[i * HOSTS_INSTANCES_MAX].form = (uint8_t)form;
    return &hosts->host[i];
}

/* The number of the name that has been silent longest, now free; 0 if all are in use. */
static uint16_t evict_name(struct hosts *hosts, uint16_t first)
{
    struct host_source *source = &hosts->source[first];
    uint16_t oldest = 0;

    for (uint16_t k = 1; k < HOSTS_INSTANCES_MAX; k++)
        if (may_go(source[k].last_s, hosts->at_s) &&
            (!oldest || source[k].last_s < source[oldest].last_s))
            oldest = k;
    if (!oldest)
        return 0;
    if (source[oldest].last_s && hosts->unplaced)
        hosts->unplaced(hosts->ctx, first + oldest);
    intern_put(hosts->texts, source[oldest].instance);
    source[oldest] = (struct host_source){0};
    hosts->evicted++;
    return oldest;
}

/* A new name; without room for it, the number that all such names share. */
static uint16_t add_name(struct hosts *hosts, struct host *host, uint16_t first,
                         struct span instance, bool is_queue, enum address_form form)
{
    bool room = host->source_count < (is_queue ? HOSTS_INSTANCES_MAX : HOSTS_SERVICES_MAX);
    struct intern *text = room || is_queue ? intern_get(hosts->texts, instance) : NULL;
    uint16_t k = room ? host->source_count : text ? evict_name(hosts, first) : 0;

    if (!text || !k) {
        hosts->instances_over += is_queue;
        intern_put(hosts->texts, text);
        return first;
    }
    hosts->changes += host->source_count > 1; /* a name that shared a number may have its own now */
    host->source_count += room;
    hosts->source[first + k] =
        (struct host_source){.instance = text, .form = (uint8_t)form, .is_queue = is_queue};
    return first + k;
}

/* The number of that name on that host; 0: it has none. */
static uint16_t find_name(const struct hosts *hosts, uint16_t host, struct span instance)
{
    const struct host_source *source = &hosts->source[host * HOSTS_INSTANCES_MAX];

    for (uint16_t k = 1; k < hosts->host[host].source_count; k++)
        if (span_equal(intern_span(source[k].instance), instance))
            return k;
    return 0;
}

uint16_t hosts_known(const struct hosts *hosts, struct span name, struct span instance,
                     bool is_queue)
{
    uint16_t host = hosts_find(hosts, name);
    uint16_t k = host != HOSTS_NONE && instance.len ? find_name(hosts, host, instance) : 0;

    if (host == HOSTS_NONE || (instance.len && k == 0))
        return HOSTS_NONE;
    uint16_t source = (uint16_t)(host * HOSTS_INSTANCES_MAX + k);
    return k && is_queue && !hosts->source[source].is_queue ? HOSTS_NONE : source;
}

uint16_t hosts_source(struct hosts *hosts, struct span name, struct span instance, bool is_queue,
                      enum address_form form)
{
    struct host *host = find_host(hosts, name, form);

    if (!host) {
        hosts->refused++;
        return HOSTS_NONE;
    }
    uint16_t first = (uint16_t)((host - hosts->host) * HOSTS_INSTANCES_MAX);
    if (instance.len == 0)
        return first;
    uint16_t k = find_name(hosts, hosts_host(first), instance);
    if (k) {
        hosts->source[first + k].is_queue |= is_queue;
        return first + k;
    }
    return add_name(hosts, host, first, instance, is_queue, form);
}

uint16_t hosts_next_source(const struct hosts *hosts, uint16_t source)
{
    while (hosts_host(source) < hosts->host_count) {
        if (hosts_has_source(hosts, source))
            return source;
        source++;
    }
    return HOSTS_NONE;
}

void hosts_set_form(struct hosts *hosts, enum address_form form)
{
    for (uint16_t i = hosts_next_source(hosts, 0); i != HOSTS_NONE;
         i = hosts_next_source(hosts, (uint16_t)(i + 1)))
        hosts->source[i].form = (uint8_t)form;
}
