/* SPDX-License-Identifier: MIT */
#include "track/hosts.h"

#include <stdlib.h>

bool hosts_init(struct hosts *hosts, uint16_t host_max, struct interns *texts)
{
    *hosts = (struct hosts){.host_max = host_max, .texts = texts};
    hosts->host = calloc(host_max, sizeof(*hosts->host));
    hosts->source = calloc((size_t)host_max * HOSTS_INSTANCES_MAX, sizeof(*hosts->source));
    if (hosts->host && hosts->source)
        return true;
    hosts_done(hosts);
    return false;
}

/* Also cleans up after a failed init or read, when only some arrays exist. */
void hosts_done(struct hosts *hosts)
{
    for (uint16_t i = 0; i < hosts->host_count; i++) {
        intern_put(hosts->texts, hosts->host[i].name);
        for (uint16_t k = 0; k < HOSTS_INSTANCES_MAX; k++)
            intern_put(hosts->texts, hosts->source[i * HOSTS_INSTANCES_MAX + k].instance);
    }
    free(hosts->host);
    free(hosts->source);
    *hosts = (struct hosts){0};
}

static struct host *find_host(struct hosts *hosts, struct span name, enum address_form form)
{
    uint16_t i = 0;

    while (i < hosts->host_count && !span_equal_nocase(intern_span(hosts->host[i].name), name))
        i++;
    if (i < hosts->host_count)
        return &hosts->host[i];
    struct intern *text = i < hosts->host_max ? intern_get(hosts->texts, name) : NULL;
    if (!text)
        return NULL;
    hosts->host[i] = (struct host){.name = text, .source_count = 1};
    hosts->source[i * HOSTS_INSTANCES_MAX].form = form;
    hosts->host_count++;
    return &hosts->host[i];
}

/* A new name; without room for it, the number that all such names share. */
static uint16_t add_name(struct hosts *hosts, struct host *host, uint16_t first,
                         struct span instance, bool is_queue, enum address_form form)
{
    bool room = host->source_count < (is_queue ? HOSTS_INSTANCES_MAX : HOSTS_SERVICES_MAX);
    struct intern *text = room ? intern_get(hosts->texts, instance) : NULL;

    hosts->instances_over += is_queue && !text;
    if (!text)
        return first;
    hosts->source[first + host->source_count] = (struct host_source){text, form, is_queue};
    hosts->changes++;
    return first + host->source_count++;
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
    for (uint16_t k = 1; k < host->source_count; k++)
        if (span_equal(intern_span(hosts->source[first + k].instance), instance)) {
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
