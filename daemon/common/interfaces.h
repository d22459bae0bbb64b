/* SPDX-License-Identifier: MIT */
/*
 * Does:         lists the networks or addresses of this host's interfaces, as /proc tells them:
 *               where a sandbox allows no internet sockets nobody can ask the kernel for them.
 * Doesn't know: what they are for.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a file that isn't there, as without IPv6, or is not as expected, adds nothing.
 */
#ifndef RELAYWATCH_COMMON_INTERFACES_H
#define RELAYWATCH_COMMON_INTERFACES_H

#include <stdbool.h>

#include "base/buf.h"

/* Adds each with a blank before it, as mynetworks has them: " 192.0.2.0/24 [2001:db8::]/64".
 * addresses: only this host's own. proc_net: NULL is the system's. */
void interfaces_list(const char *proc_net, bool addresses, struct buf *ret);

#endif
