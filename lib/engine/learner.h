/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a log only for what it proves about the site: whose the domains are, which
 *               names are queues, and whether the settings belong to this log. A scan does this
 *               first, so that all evidence is judged by what is known at the end.
 * Doesn't know: messages, incidents.
 * Owns:         a site that holds what was learned.
 * Time:         only to find the year of dates: see syslog_clock.
 * Fails:        learner_new returns NULL if memory is short. Beyond its bounds it learns less.
 *
 * It parses the records of programs that may prove something, and only the header of other lines.
 */
#ifndef RELAYWATCH_ENGINE_LEARNER_H
#define RELAYWATCH_ENGINE_LEARNER_H

#include "engine/pipeline.h"

struct learner;

/* site: what is known so far; borrowed. */
struct learner *learner_new(struct site *site, when_zone *zone, void *zone_ctx);
void learner_free(struct learner *l);
/* Another site takes the place of that one, which may then go. */
void learner_set_site(struct learner *l, struct site *site);

void learner_set_reference(struct learner *l, wall_us reference);
/* As pipeline_lines and pipeline_entry. */
void learner_lines(struct learner *l, const char *data, size_t len);
void learner_entry(struct learner *l, const struct syslog_header *header);

/* True if there is nothing to learn: the list of domains is complete, and the settings belong to
 * this log or don't say whose they are. */
bool learner_has_enough(const struct learner *l);
/* True if the settings' myhostname is neither a host of the log nor a name that Postfix wrote into
 * it, and none of their domains got mail or has a login. False if the settings don't name a host,
 * or if hosts are named by container IDs and Postfix wrote no name. */
bool learner_settings_are_anothers(const struct learner *l);
/* For people: the name by which this Postfix calls itself, or else its host. Borrowed. */
struct span learner_host(const struct learner *l);

/* Passes what was learned to the site, and the names of queues to the pipeline. */
void learner_tell(const struct learner *l, struct site *site, struct pipeline *p);

#endif
