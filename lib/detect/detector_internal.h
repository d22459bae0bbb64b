/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the detector's files ask of each other.
 * Doesn't know: -
 * Owns:         -
 * Time:         as in detector.h.
 * Fails:        as in detector.h.
 *
 * detector.c counts evidence, detector_cells.c finds and keeps cells, detector_levels.c asks
 * whether a threshold is crossed, detector_incidents.c lets incidents go on and end,
 * detector_ended.c and detector_room.c give back, settle.c makes incidents.
 */
#ifndef RELAYWATCH_DETECT_DETECTOR_INTERNAL_H
#define RELAYWATCH_DETECT_DETECTOR_INTERNAL_H

#include "detect/detector.h"

enum { GROUP_EVERY_S = 60 };

/* The keys of each kind, narrowest first; KEY_NONE ends them. */
extern const enum key_type detector_levels[KIND_COUNT][LEVELS_MAX];

/* The names that an observation's cell goes by; domain is worked out when it is first asked for. */
struct names {
    struct span client, domain;
    bool has_domain;
};

/* detector_cells.c */
struct span names_domain(struct detector *d, struct names *n, const struct observation *o);
uint32_t scope_number(uint16_t host, enum kind kind, enum cause cause);
/* The observation's cell, made where there is none; NULL when memory is short. */
struct cell *cell_get(struct detector *d, const struct observation *o, struct names *n);
/* NULL where it is gone since. */
struct cell *cell_deref(const struct detector *d, struct cell_ref ref);
bool cells_init(struct detector *d);
void cells_done(struct detector *d);
/* Forgets whom the evidence names and its samples, but not what the cell is called. */
void cell_clear(struct detector *d, struct cell *cell);
/* The lowest free place there is room for; cell_room: none. */
uint32_t cells_lowest_free(struct detector *d);
/* What it is called by that key, where that is a text of its own; borrowed. */
struct intern *cell_key_text(const struct cell *cell, enum key_type type);
void cell_unlink(struct detector *d, struct cell *cell);
void cell_free(struct detector *d, struct cell *cell);

/* detector_room.c: gives up what is least worth keeping. */
void evict_cell(struct detector *d);

enum { CELLS_MIN = 64 }; /* places there are at least */
/* Makes the index of cells anew. */
bool detector_index_all(struct detector *d);

/* detector.c: the keys of a kind by level, and what a scope's number says. */
enum key_type detector_level(enum kind kind, int level);
enum kind scope_kind(uint32_t scope);
enum cause scope_cause(uint32_t scope);
uint16_t scope_host(uint32_t scope);

/* detector_levels.c */
bool thresholds_init(struct detector *d);
/* Counts what no incident holds; true where a threshold is crossed and grouping is worth its
 * while. */
bool thresholds_add(struct detector *d, const struct cell *cell, enum kind kind,
                    const struct thresholds *own, const uint32_t add[MEASURES],
                    const struct intern *client, uint32_t at_s);
bool thresholds_crossed(const struct thresholds *th, enum kind kind, enum key_type type,
                        const uint64_t measure[MEASURES], uint64_t clients, uint64_t networks);
void thresholds_rebuild(struct detector *d, uint32_t scope, uint32_t now_s);
/* The cell's own thresholds where an override names it, else the kind's. */
const struct thresholds *thresholds_for(const struct detector *d, const struct cell *cell,
                                        enum kind kind);
bool thresholds_overridden(const struct detector *d, const struct cell *cell);
uint32_t thresholds_bucket(const struct thresholds *th, uint32_t now_s);

/* detector_incidents.c */
void incidents_release(struct detector *d, struct incident *incident);
/* Takes an ended incident's cells out of the scope; they still belong to it. */
void incidents_retire(struct detector *d, struct incident *incident);
/* It is over; told to whoever hears. */
void incidents_end(struct detector *d, struct incident *incident, uint32_t now_s);
/* Forgets an incident and its cells. */
void incidents_drop(struct detector *d, struct incident *incident);
/* Gives up the one that has been over, or silent, longest, counted; its place, which is free
 * now. */
struct incident *incidents_evict(struct detector *d);

/* detector_ended.c: what an ended incident keeps. */
/* Which cells' samples, from now on. */
void compact_begin(struct detector *d, struct incident *incident);
/* A retired cell is poured into the incident's one for the remainder, if nothing needs it any more; it
 * may be gone then. */
void compact_cell(struct detector *d, struct cell *cell);
/* A cell of an incident is given up: what it counted goes to the incident. */
void compact_evicted(struct detector *d, struct cell *cell);
/* It is kept for good, and no message that may still change refers to it. */
bool compact_keeps(const struct detector *d, const struct cell *cell);

/* settle.c: works out which cells of a scope make which incident. */
void grouping_run(struct detector *d, uint32_t scope, uint32_t now_s);
/* When the scope's last evidence was; 0 where there is none. */
uint32_t grouping_latest(const struct detector *d, uint32_t scope);
/* The same as of then: when nobody came by in between must not matter. */
void grouping_run_late(struct detector *d, uint32_t scope, uint32_t now_s);

#endif
