/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the detector's files ask of each other.
 * Doesn't know: -
 * Owns:         -
 * Time:         as in detector.h.
 * Fails:        as in detector.h.
 *
 * detector.c counts evidence, detector_cells.c finds and keeps cells, detector_levels.c asks whether a
 * threshold is crossed, detector_incidents.c lets incidents go on and end, settle.c makes them.
 */
#ifndef RELAYWATCH_DETECTOR_INSIDE_H
#define RELAYWATCH_DETECTOR_INSIDE_H

#include "detector.h"

enum { SETTLE_EVERY_S = 60 };

/* The keys of each kind, narrowest first; KEY_NONE ends them. */
extern const enum key_type detector_levels[KIND_COUNT][LEVELS_MAX];

/* The names that an observation's cell goes by; domain is worked out when it is first asked for. */
struct names {
    struct span client, domain;
    bool has_domain;
};

/* detector_cells.c */
struct span names_domain(struct detector *d, struct names *n, const struct observation *o);
uint32_t cell_field(uint16_t host, enum kind kind, enum cause cause);
/* The observation's cell, made where there is none; NULL when memory is short. */
struct cell *cell_get(struct detector *d, const struct observation *o, struct names *n);
/* NULL where it is gone since. */
struct cell *cell_deref(const struct detector *d, struct cell_ref ref);
bool cells_init(struct detector *d);
void cells_done(struct detector *d);
void cell_unlink(struct detector *d, struct cell *cell);
void cell_free(struct detector *d, struct cell *cell);
void cell_evict(struct detector *d);

/* detector_levels.c */
bool levels_init(struct detector *d);
/* Counts what no incident holds; true where a threshold is crossed and settling is worth its while. */
bool levels_add(struct detector *d, const struct cell *cell, enum kind kind,
                const struct thresholds *own, const uint32_t add[MEASURES],
                const struct text *client, uint32_t at_s);

/* detector_incidents.c */
void incident_release(struct detector *d, struct incident *incident);

#endif
