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
#ifndef RELAYWATCH_DETECTOR_INSIDE_H
#define RELAYWATCH_DETECTOR_INSIDE_H

#include "detect/detector.h"

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
/* Forgets whom the evidence names and its samples, but not what the cell is called. */
void cell_clear(struct detector *d, struct cell *cell);
/* The lowest free place there is room for; cell_room: none. */
uint32_t cells_lowest_free(struct detector *d);
/* What it is called by that key, where that is a text of its own; borrowed. */
struct text *cell_key_text(const struct cell *cell, enum key_type type);
void cell_unlink(struct detector *d, struct cell *cell);
void cell_free(struct detector *d, struct cell *cell);

/* detector_room.c: gives up what is least worth keeping. */
void cell_evict(struct detector *d);

enum { CELLS_MIN = 64 }; /* places there are at least */
/* Makes the index of cells anew. */
bool detector_index_all(struct detector *d);

/* detector.c: the keys of a kind by level, and what a field's number says. */
enum key_type detector_level(enum kind kind, int level);
enum kind detector_field_kind(uint32_t field);
enum cause detector_field_cause(uint32_t field);
uint16_t detector_field_host(uint32_t field);

/* detector_levels.c */
bool levels_init(struct detector *d);
/* Counts what no incident holds; true where a threshold is crossed and settling is worth its
 * while. */
bool levels_add(struct detector *d, const struct cell *cell, enum kind kind,
                const struct thresholds *own, const uint32_t add[MEASURES],
                const struct text *client, uint32_t at_s);
bool detector_crosses(const struct thresholds *th, enum kind kind, enum key_type type,
                      const uint64_t measure[MEASURES], uint64_t clients, uint64_t networks);
void detector_rebuild_levels(struct detector *d, uint32_t field, uint32_t now_s);
/* The cell's own thresholds where an override names it, else the kind's. */
const struct thresholds *detector_thresholds(const struct detector *d, const struct cell *cell,
                                             enum kind kind);
bool detector_is_overridden(const struct detector *d, const struct cell *cell);
uint32_t detector_bucket(const struct thresholds *th, uint32_t now_s);

/* detector_incidents.c */
void incident_release(struct detector *d, struct incident *incident);
/* Takes an ended incident's cells out of the field; they still belong to it. */
void detector_retire(struct detector *d, struct incident *incident);
/* It is over; told to whoever hears. */
void detector_end(struct detector *d, struct incident *incident, uint32_t now_s);
/* Forgets an incident and its cells. */
void detector_drop_incident(struct detector *d, struct incident *incident);
/* Gives up the one that has been over, or silent, longest, counted; its place, which is free
 * now. */
struct incident *detector_evict_incident(struct detector *d);

/* detector_ended.c: what an ended incident keeps. */
/* Which cells' samples, from now on. */
void ended_begin(struct detector *d, struct incident *incident);
/* A retired cell is poured into the incident's one for the rest, if nothing needs it any more; it
 * may be gone then. */
void ended_pour(struct detector *d, struct cell *cell);
/* A cell of an incident is given up: what it counted goes to the incident. */
void ended_give_up(struct detector *d, struct cell *cell);
/* It is kept for good, and no message that may still change refers to it. */
bool ended_keeps(const struct detector *d, const struct cell *cell);

/* settle.c: works out which cells of a field make which incident. */
void settle_field(struct detector *d, uint32_t field, uint32_t now_s);
/* When the field's last evidence was; 0 where there is none. */
uint32_t settle_latest(const struct detector *d, uint32_t field);
/* The same as of then: when nobody came by in between must not matter. */
void settle_late(struct detector *d, uint32_t field, uint32_t now_s);

#endif
