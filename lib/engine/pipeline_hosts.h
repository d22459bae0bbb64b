/* SPDX-License-Identifier: MIT */
/*
 * Does:         keeps the stages in step with the table of hosts: a host that loses its place there
 *               is forgotten everywhere, and new settings reach it.
 * Doesn't know: which host has to go.
 * Owns:         nothing.
 * Time:         event time.
 * Fails:        when memory is short, the bound on hosts stays as it was.
 */
#ifndef RELAYWATCH_ENGINE_PIPELINE_HOSTS_H
#define RELAYWATCH_ENGINE_PIPELINE_HOSTS_H

#include "engine/stages.h"

void pipeline_hosts_init(struct pipeline *p);
/* The name that a host of the log is known by. The machine whose settings these are has two names,
 * its own, which journald and syslogd write, and myhostname, whose first label postlogd(8) writes:
 * whichever came first stands for both. */
struct span pipeline_host_name(const struct pipeline *p, struct span name);
/* hosts_source of the line that is read now, whose host has that name. */
uint16_t pipeline_add_source(struct pipeline *p, const struct syslog_header *header,
                             struct span host, struct span instance, bool is_queue);
/* After new settings: the bound, and how addresses are written. */
void pipeline_hosts_set(struct pipeline *p);

#endif
