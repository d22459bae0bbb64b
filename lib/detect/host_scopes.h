/* SPDX-License-Identifier: MIT */
/*
 * Does:         makes room for the scopes of hosts, and empties those of a host that is forgotten.
 * Doesn't know: when that is.
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        host_scopes_reserve returns false when memory is short.
 */
#ifndef RELAYWATCH_DETECT_HOST_SCOPES_H
#define RELAYWATCH_DETECT_HOST_SCOPES_H

#include "detect/tables.h"

/* Makes room for that many hosts. */
bool host_scopes_reserve(struct detector *d, uint16_t hosts);
/* As hosts_source, with room for what is kept of the host; HOSTS_NONE, too, if there is none. */
uint16_t host_scopes_source(struct detector *d, struct span host, struct span instance,
                            bool is_queue, enum address_form form);
/* Forgets the evidence on a host whose number is given away. Its incidents end. */
void host_scopes_forget(struct detector *d, uint16_t host, uint32_t now_s);

#endif
