/* SPDX-License-Identifier: MIT */
/*
 * Does:         compares what was counted under a key with its thresholds.
 * Doesn't know: who counts, and where.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_CROSSING_H
#define RELAYWATCH_DETECT_CROSSING_H

#include "detect/tables.h"

/* What is counted in one window: the kind's, or a day. */
struct measured {
    uint64_t count[MEASURES];
    uint64_t clients, networks;
};
/* How a key's thresholds apply. */
struct rule {
    bool in_a_day;
    bool is_shared;     /* a uid: by many senders */
    bool is_default;    /* a sender: it is what Postfix makes of the uid, so many share it */
    bool share_reached; /* the share of refused recipients, once before */
};

struct crossing_check {
    struct crossing crossing; /* if one is crossed */
    uint64_t missing;         /* less evidence than that, of whatever kind, reaches none of them */
};

/* Whether this crosses a threshold of a key of this type. */
bool crossing_check(const struct thresholds *th, enum kind kind, enum key_type type,
                    const struct measured *measured, struct rule rule, struct crossing_check *ret);
/* The same, for those who ask for the threshold only; without a crossing, it is left as it was. */
bool crossing_find(const struct thresholds *th, enum kind kind, enum key_type type,
                   const struct measured *measured, struct rule rule,
                   struct crossing *ret_crossing);
/* The name in JSON: "recipients". */
const char *crossed_name(enum crossed what);

#endif
