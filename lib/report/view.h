/* SPDX-License-Identifier: MIT */
/*
 * Does:         holds an incident as a value to show.
 * Doesn't know: where it goes.
 * Owns:         its lists, until incident_view_done.
 * Time:         seconds of event time.
 * Fails:        -
 */
#ifndef RELAYWATCH_REPORT_VIEW_H
#define RELAYWATCH_REPORT_VIEW_H

#include "detect/detector.h"
#include "detect/scope.h"

enum {
    VIEW_SAMPLES_MAX = SAMPLED_CELLS, /* of an ended incident no more are kept */
    VIEW_LIST_MAX = 20,
    VIEW_RELATED_MAX = RELATED_MAX,
    VIEW_ADVICE_MAX = 5
};
enum { VIEW_TEXT_MAX = 512 };

struct view_sample {
    struct queue_id id;
    const struct intern *message_id; /* borrowed from the detector; may be NULL */
    uint64_t number;
};

struct incident_view {
    const struct incident *incident; /* borrowed until the detector is called, as all texts */
    const struct detector *detector;
    enum key_type key_type;
    struct totals totals;
    uint64_t clients; /* distinct ones; at least so many where cells were given up */
    uint64_t domains; /* of senders, distinct ones */
    struct tally client_names, networks, senders, sender_domains, recipient_domains;
    struct view_sample sample[VIEW_SAMPLES_MAX];
    uint32_t sample_count;
    const struct incident *related[VIEW_RELATED_MAX];
    uint32_t related_count;
    char reason[VIEW_TEXT_MAX];
    char advice[VIEW_ADVICE_MAX][VIEW_TEXT_MAX];
    uint32_t advice_count;
};

/* "client 192.181.15.33", for people. buf has VIEW_TEXT_MAX bytes; returns buf. */
const char *incident_key(const struct incident_view *view, char *buf);

#endif
