/* SPDX-License-Identifier: MIT */
/*
 * Does:         numbers scopes, lists the keys of each kind of incident, marks the scopes that a
 *               grouping must look at.
 * Doesn't know: cells and incidents.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_SCOPE_H
#define RELAYWATCH_DETECT_SCOPE_H

#include "detect/tables.h"

/* Packs host, kind and cause into the scope's number, its index in detector.scope. The three
 * functions below unpack it. */
uint32_t scope_number(uint16_t host, enum kind kind, enum cause cause);
enum kind scope_kind(uint32_t scope);
enum cause scope_cause(uint32_t scope);
uint16_t scope_host(uint32_t scope);

/* The keys of each kind, narrowest first, KEY_NONE after the last. A level is an index into a
 * row. */
extern const enum key_type scope_keys[KIND_COUNT][LEVELS_MAX];
/* The key at a level; KEY_NONE after the last, also where a full row ends. */
enum key_type scope_key(enum kind kind, int level);

/* A grouping of the scopes in use may find what no evidence has shown. */
void scopes_near_unknown(struct detector *d);

enum key_type incident_key_type(const struct incident *incident);
/* The name in JSON and in alerts: "client", "sasl_username". */
const char *key_type_name(enum key_type type);

#endif
