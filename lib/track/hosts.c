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
    for (uint16_t i = 0; i < hosts->host_count; i++)
        intern_put(hosts->texts, hosts->host[i].name);
    for (uint16_t i = 0; i < hosts->source_count; i++)
        intern_put(hosts->texts, hosts->source[i].instance);
    free(hosts->host);
    free(hosts->source);
    *hosts = (struct hosts){0};
}

/* Finds the host, adding it if there is room; NULL otherwise. A linear search is enough: the caller
 * looks a source up once per syslog prefix, not once per line. */
static struct host *find_host(struct hosts *hosts, struct span name, uint16_t *ret)
{
    uint16_t i = 0;

    while (i < hosts->host_count && !span_equal_nocase(intern_span(hosts->host[i].name), name))
        i++;
    if (i == hosts->host_count) {
        if (i == hosts->host_max)
            return NULL;
        struct intern *text = intern_get(hosts->texts, name);
        if (!text)
            return NULL;
        hosts->host[i] = (struct host){.name = text};
        hosts->host_count++;
    }
    *ret = i;
    return &hosts->host[i];
}

uint16_t hosts_source(struct hosts *hosts, struct span name, struct span instance,
                      enum address_form form)
{
    uint16_t number;
    struct host *host = find_host(hosts, name, &number);

    for (uint16_t i = 0; host && i < host->source_count; i++)
        if (span_equal(intern_span(hosts->source[host->source[i]].instance), instance))
            return host->source[i];
    if (!host || host->source_count == HOSTS_INSTANCES_MAX) {
        hosts->refused++;
        return HOSTS_NONE;
    }
    struct intern *text = intern_get(hosts->texts, instance);
    if (!text) {
        hosts->refused++;
        return HOSTS_NONE;
    }
    uint16_t source = hosts->source_count++;
    hosts->source[source] = (struct host_source){number, text, form};
    host->source[host->source_count++] = source;
    return source;
}
