/* SPDX-License-Identifier: MIT */
/*
 * Does:         formats what a query answers (query.h) in Prometheus' text format.
 * Doesn't know: HTTP.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never; objects of an unknown type are skipped.
 */
#ifndef RELAYWATCH_CONTROL_METRICS_TEXT_H
#define RELAYWATCH_CONTROL_METRICS_TEXT_H

#include <event2/buffer.h>
#include <jansson.h>

/* objects: an array of the answers to "status", "series" and "counters". */
void metrics_text(struct evbuffer *out, const json_t *objects);

#endif
