/* SPDX-License-Identifier: MIT */
/*
 * Does:         writes what the daemon answers (answers.h) in the text format of Prometheus.
 * Doesn't know: HTTP.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; an object that is not known is passed over.
 */
#ifndef RELAYWATCH_CONTROL_METRICS_TEXT_H
#define RELAYWATCH_CONTROL_METRICS_TEXT_H

#include <event2/buffer.h>
#include <jansson.h>

/* objects: an array of the answers to "status" and "counters". */
void metrics_text(struct evbuffer *out, const json_t *objects);

#endif
