/* SPDX-License-Identifier: MIT */
/*
 * Does:         reads a log for what it proves about the site, and nothing else: whose domains are
 *               whose, which names are queues, and whether the settings given are this log's. A
 *               scan does that first, so that all evidence is judged by what is known at the end.
 * Doesn't know: messages, incidents.
 * Owns:         a site of its own, which holds what was learned.
 * Time:         none but the dates' years: see syslog_clock.
 * Fails:        learner_new returns NULL when memory is short. Beyond its bounds it learns less.
 *
 * It parses the records of programs that prove something; of the others it reads the header.
 */
#ifndef RELAYWATCH_ENGINE_LEARNER_H
#define RELAYWATCH_ENGINE_LEARNER_H

#include "engine/pipeline.h"

struct learner;

/* site: what is known before; borrowed. */
struct learner *learner_new(struct site *site, when_zone *zone, void *zone_ctx);
void learner_free(struct learner *l);

void learner_set_reference(struct learner *l, wall_us reference);
/* As pipeline_lines and pipeline_entry. */
void learner_lines(struct learner *l, const char *data, size_t len);
void learner_entry(struct learner *l, const struct syslog_header *header);

/* The settings are known to be this log's, and complete: there is no more to learn. */
bool learner_has_enough(const struct learner *l);
/* Neither a host of the log nor a name that Postfix wrote into it is the settings' myhostname, and
 * no mail comes for a domain of theirs. False where the settings don't say myhostname, or the
 * hosts' names are containers' numbers. */
bool learner_settings_are_anothers(const struct learner *l);
/* A name by which the log's Postfix calls itself, or its host; for people. Borrowed. */
struct span learner_host(const struct learner *l);

/* Tells the site all that was learned, and the pipeline which names are queues. */
void learner_tell(const struct learner *l, struct site *site, struct pipeline *p);

#endif
