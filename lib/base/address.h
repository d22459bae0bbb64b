/* SPDX-License-Identifier: MIT */
/*
 * Does:         IPv4 and IPv6 addresses and networks as 16 bytes (IPv4 mapped into ::ffff:0:0/96).
 * Doesn't know: who trusts which of them.
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
/* "1.2.3.4", "10.0.0.0/8", "2001:db8::/32", and Postfix's "[2001:db8::]/32" and "[::1]". Clears
 * the host bits. */
bool network_parse(struct span s, struct network *ret);

bool address_is_v4(const struct address *a);
/* 127.0.0.0/8 and ::1. */
bool address_is_loopback(const struct address *a);
/* RFC 1918, link-local, unique local (fc00::/7), and loopback. */
bool address_is_private(const struct address *a);

/* True if the name holds the last two numbers of an IPv4 address, as "host-113-99.dsl.example.net"
 * does, or all of it in hex ("p5de1a2b3"): a provider gives such names to its customers' lines. */
bool address_is_spelled(const struct address *a, struct span name);

/* The address in Postfix's "name[address]"; the whole text if it has another form. */
struct span client_address(struct span client);

/* The network that stands for an address when clients are grouped: /24 (IPv4), /48 (IPv6). */
struct network network_of(const struct address *a);
/* A hash of that network's base. */
uint64_t network_hash(const struct address *a, uint64_t seed);
bool network_has(const struct network *n, const struct address *a);
/* Wider than /8 (IPv4) or /32 (IPv6): nobody owns that much, so no trust can rest on it. */
bool network_is_too_wide(const struct network *n);

/* Both return buf, which has ADDRESS_TEXT_MAX or NETWORK_TEXT_MAX bytes. IPv4 is printed in dotted
 * form. */
const char *address_print(const struct address *a, char *buf);
const char *network_print(const struct network *n, char *buf);

#endif
