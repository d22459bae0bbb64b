/* SPDX-License-Identifier: MIT */
/*
 * Does:         IPv4 and IPv6 addresses and networks as 16 bytes (IPv4 mapped into ::ffff:0:0/96).
 * Doesn't know: which of them anybody trusts.
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        parsers return false and leave the output alone.
 */
#ifndef RELAYWATCH_BASE_ADDRESS_H
#define RELAYWATCH_BASE_ADDRESS_H

#include "base/span.h"

struct address {
    uint8_t byte[16];
};

struct network {
    struct address base; /* host bits are zero */
    uint8_t prefix;      /* 0..128, counted in the mapped form: an IPv4 /24 is 120 here */
};

#define ADDRESS_TEXT_MAX 48
#define NETWORK_TEXT_MAX 56

bool address_parse(struct span s, struct address *ret);
/* "1.2.3.4", "10.0.0.0/8", "2001:db8::/32", and Postfix's "[2001:db8::]/32" and "[::1]". Host bits
 * that are set are cleared. */
bool network_parse(struct span s, struct network *ret);

bool address_is_v4(const struct address *a);
/* 127.0.0.0/8 and ::1. */
bool address_is_loopback(const struct address *a);
/* RFC 1918, link-local, unique local (fc00::/7), and loopback. */
bool address_is_private(const struct address *a);

/* The address in Postfix's "name[address]"; all of it where it has no other shape. */
struct span client_address(struct span client);

/* The network an address is grouped by: /24 for IPv4, /48 for IPv6. */
struct network network_of(const struct address *a);
bool network_has(const struct network *n, const struct address *a);
/* Wider than /8 (IPv4) or /32 (IPv6): DESIGN §1, no ground for trust. */
bool network_is_too_wide(const struct network *n);

/* buf has ADDRESS_TEXT_MAX / NETWORK_TEXT_MAX bytes; they return buf. An IPv4 address and
 * network are printed in dotted form. */
const char *address_print(const struct address *a, char *buf);
const char *network_print(const struct network *n, char *buf);

#endif
