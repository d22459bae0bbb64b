/* SPDX-License-Identifier: MIT */
/*
 * Does:         numbers scopes, and says which keys a kind of incident has.
 * Doesn't know: cells and incidents.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_DETECT_SCOPE_H
#define RELAYWATCH_DETECT_SCOPE_H

#include "detect/tables.h"

/* A scope's number: host, kind and cause in one. */
uint32_t scope_number(uint16_t host, enum kind kind, enum cause cause);
enum kind scope_kind(uint32_t scope);
enum cause scope_cause(uint32_t scope);
uint16_t scope_host(uint32_t scope);

/* The keys of each kind, narrowest first; KEY_NONE ends them. A level is an index into a row. */
extern const enum key_type scope_keys[KIND_COUNT][LEVELS_MAX];
/* KEY_NONE beyond the last. */
enum key_type scope_key(enum kind kind, int level);

enum key_type incident_key_type(const struct incident *incident);
const char *key_type_name(enum key_type type); /* "client", "sasl_username" */

#endif
