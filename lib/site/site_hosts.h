/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps the networks that each host of a fleet trusts, by its own settings. Hosts
 *               with the same ones share a list.
 * Doesn't know: who is trusted (site_why_trusted), or which hosts are in the log.
 * Owns:         what site.h says.
 * Time:         timeless.
 * Fails:        site_add_host returns false at a bound or when memory is short.
 *
 * A list has a number from 1; SITE_NETWORKS_OF_ALL stands for the networks of all hosts together,
 * which hold on a host whose settings are not known.
 */
#ifndef RELAYWATCH_SITE_SITE_HOSTS_H
#define RELAYWATCH_SITE_SITE_HOSTS_H

#include "base/address.h"

struct site;

/* The networks of all hosts together. */
enum { SITE_NETWORKS_OF_ALL = 0 };
/* Of all lists together. */
#define SITE_HOST_NETWORKS_MAX 262144
#define SITE_HOSTS_MAX         8000

/* The networks that the site has now are those of [site]: they hold on every host, before its own.
 * Call it before hosts are added. */
void site_begin_hosts(struct site *site);
/* `its` has that host's settings and nothing else. */
bool site_add_host(struct site *site, struct span host, const struct site *its);

/* The number of the list that holds on the host, which the log may call by its first label alone,
 * or its settings may. */
uint16_t site_networks_of(const struct site *site, struct span host);
/* The name under which that host was added; empty if its settings are not known. */
struct span site_name_of_host(const struct site *site, struct span host);
size_t site_host_count(const struct site *site);
/* On how many of the hosts the network is listed, as trusted or as an exception. */
size_t site_hosts_with(const struct site *site, const struct network *net, bool trusted);
/* For site_free. */
void site_hosts_done(struct site *site);

#endif
