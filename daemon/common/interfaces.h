/* SPDX-License-Identifier: MIT */
/*
 * Does:         lists the networks or addresses of this host's interfaces from /proc. A sandbox
 *               without internet sockets cannot ask the kernel through netlink or ioctl.
 * Doesn't know: what the list is for.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a file that is missing (no IPv6) or in an unknown format adds nothing.
 */
#ifndef RELAYWATCH_COMMON_INTERFACES_H
#define RELAYWATCH_COMMON_INTERFACES_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends each with a space before it, in the syntax of mynetworks: " 192.0.2.0/24
 * [2001:db8::]/64". addresses: this host's own addresses instead of its networks. proc_net: NULL
 * means /proc/self/net. */
void interfaces_list(const char *proc_net, bool addresses, struct buf *ret);

#endif
