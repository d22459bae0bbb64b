/* SPDX-License-Identifier: MIT */
#include "base/address.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>

#include "base/hash.h"

#define V4_OFFSET 12 /* an IPv4 address is the last four of the sixteen bytes */
#define V4_PREFIX 96

static const uint8_t v4_head[V4_OFFSET] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* As a number whose first bit is the first on the wire. */
static unsigned __int128 bits_of(const struct address *a)
{
    uint64_t half[2];

    memcpy(half, a->byte, sizeof(half));
    return (unsigned __int128)be64toh(half[0]) << 64 | be64toh(half[1]);
}

/* Dotted form only. Leading zeros are refused: some programs read them as octal. */
static bool parse_v4(struct span s, struct address *ret)
{
    const char *at = s.at, *end = s.at + s.len;
    uint8_t byte[4];

    /* All four parts are needed: "10.1" is an address to inet_aton, but not in a log. */
    for (int i = 0; i < 4; i++) {
        if (at == end || !is_digit(*at))
            return false;
        unsigned n = (unsigned)(*at++ - '0');
        for (int more = 0; more < 2 && n && at < end && is_digit(*at); more++)
            n = n * 10 + (unsigned)(*at++ - '0');
        if (n > 255 || (i < 3 && (at == end || *at++ != '.')))
            return false;
        byte[i] = (uint8_t)n;
    }
    if (at < end)
        return false;
    memcpy(ret->byte, v4_head, V4_OFFSET);
    memcpy(ret->byte + V4_OFFSET, byte, sizeof(byte));
    return true;
}

static bool parse_v6(struct span s, struct address *ret)
{
    char text[ADDRESS_TEXT_MAX];
    ptrdiff_t zone = span_find(s, '%');

    /* The zone of a link-local address ("fe80::1%eth0") is not part of the address. */
    if (zone >= 0)
        s.len = (size_t)zone;
    /* inet_pton wants a C string, and a NUL from the log would end it early. */
    if (s.len >= sizeof(text) || span_find(s, '\0') >= 0)
        return false;
    memcpy(text, s.at, s.len);
    text[s.len] = '\0';
    return inet_pton(AF_INET6, text, ret->byte) == 1;
}

bool address_parse(struct span s, struct address *ret)
{
    struct address a;

    if (s.len == 0 || (!parse_v4(s, &a) && (span_find(s, ':') < 0 || !parse_v6(s, &a))))
        return false;
    *ret = a;
    return true;
}

/* So that networks that are equal have equal bytes. */
static void clear_host_bits(struct network *net)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned bits = net->prefix > 8 * i ? net->prefix - 8 * i : 0;
        if (bits < 8)
            net->base.byte[i] &= (uint8_t)(0xff00 >> bits);
    }
}

/* Cuts the address part off *s, with or without brackets. */
static bool take_base(struct span *s, struct span *ret)
{
    bool bracket = span_take(s, SPAN("["));
    ptrdiff_t end = span_find(*s, bracket ? ']' : '/');

    if (end < 0 && bracket)
        return false;
    *ret = span_head(*s, end < 0 ? s->len : (size_t)end);
    *s = span_skip(*s, ret->len + bracket);
    return true;
}

bool network_parse(struct span s, struct network *ret)
{
    struct network net;
    struct span base;

    if (s.len == 0 || !take_base(&s, &base) || !address_parse(base, &net.base))
        return false;
    /* The prefix of "::ffff:192.0.2.0/120" already counts the mapped bits. */
    unsigned offset = span_find(base, ':') < 0 ? V4_PREFIX : 0;
    /* Without a prefix it is a single address. */
    uint64_t prefix = 128 - offset;
    if (s.len && (!span_take(&s, SPAN("/")) || !span_take_number(&s, &prefix) || s.len))
        return false;
    if (prefix > 128 - offset)
        return false;
    net.prefix = (uint8_t)(prefix + offset);
    clear_host_bits(&net);
    *ret = net;
    return true;
}

bool address_is_v4(const struct address *a)
{
    return memcmp(a->byte, v4_head, V4_OFFSET) == 0;
}

bool address_is_loopback(const struct address *a)
{
    static const uint8_t v6_loopback[16] = {[15] = 1};

    if (address_is_v4(a))
        return a->byte[V4_OFFSET] == 127;
    return memcmp(a->byte, v6_loopback, sizeof(v6_loopback)) == 0;
}

/* RFC 1918, loopback, link-local, and 100.64.0.0/10 (RFC 6598), which an access provider has behind
 * its NAT, and a mesh of one's own machines (Tailscale). */
static bool v4_is_private(const uint8_t *b)
{
    return b[0] == 10 || b[0] == 127 || (b[0] == 172 && (b[1] & 0xf0) == 16) ||
           (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254) ||
           (b[0] == 100 && (b[1] & 0xc0) == 64);
}

bool address_is_private(const struct address *a)
{
    if (address_is_v4(a))
        return v4_is_private(a->byte + V4_OFFSET);
    /* fc00::/7 is unique local, fe80::/10 link-local. */
    return (a->byte[0] & 0xfe) == 0xfc || (a->byte[0] == 0xfe && (a->byte[1] & 0xc0) == 0x80) ||
           address_is_loopback(a);
}

bool address_is_spelled(const struct address *a, struct span name)
{
    const uint8_t *byte = a->byte + V4_OFFSET;
    bool third = false, last = false;
    char hex[9];
    uint64_t n;

    if (!address_is_v4(a))
        return false;
    snprintf(hex, sizeof(hex), "%02x%02x%02x%02x", byte[0], byte[1], byte[2], byte[3]);
    for (size_t i = 0; i + 8 <= name.len; i++)
        if (span_equal_nocase(span_of(name.at + i, 8), span_str(hex)))
            return true;
    while (name.len) {
        if (!span_take_number(&name, &n)) {
            name = span_skip(name, 1);
        } else if (n == byte[3] && !last) {
            last = true;
        } else if (n == byte[2]) {
            third = true;
        }
    }
    return third && last;
}

struct span client_address(struct span client)
{
    /* "mail.example.org[192.0.2.1]" and "unknown[2001:db8::1]"; the address stands last. */
    ptrdiff_t open = span_find_last(client, '[');

    if (open < 0 || client.at[client.len - 1] != ']')
        return client;
    return span_of(client.at + open + 1, client.len - (size_t)open - 2);
}

struct network network_of(const struct address *a)
{
    struct network net = {.base = *a, .prefix = address_is_v4(a) ? V4_PREFIX + 24 : 48};

    clear_host_bits(&net);
    return net;
}

uint64_t network_hash(const struct address *a, uint64_t seed)
{
    struct network net = network_of(a);

    return hash_bytes(span_of((const char *)net.base.byte, sizeof(net.base.byte)), seed);
}

/* No IPv6 network holds an IPv4 address, though the mapped form would fit: "::/0" in mynetworks
 * does not mean IPv4. */
bool network_has(const struct network *n, const struct address *a)
{
    /* A prefix of 0 has everything, and a shift by 128 is undefined. */
    if (n->prefix && (bits_of(a) ^ bits_of(&n->base)) >> (128 - n->prefix))
        return false;
    return n->prefix >= V4_PREFIX || !address_is_v4(a);
}

bool network_is_too_wide(const struct network *n)
{
    /* Wider than a /8, or a /32 of IPv6. */
    return n->prefix < (address_is_v4(&n->base) ? V4_PREFIX + 8 : 32);
}

static char *put_byte(char *at, unsigned n)
{
    if (n >= 100)
        *at++ = (char)('0' + n / 100);
    if (n >= 10)
        *at++ = (char)('0' + n / 10 % 10);
    *at++ = (char)('0' + n % 10);
    return at;
}

/* By hand: inet_ntop(3) takes two thousand instructions, and every new client's network is printed.
 * Never fails: buf has room for the longest form. */
const char *address_print(const struct address *a, char *buf)
{
    const uint8_t *byte = a->byte + V4_OFFSET;
    char *at = buf;

    if (!address_is_v4(a))
        return inet_ntop(AF_INET6, a->byte, buf, ADDRESS_TEXT_MAX);
    for (int i = 0; i < 4; i++) {
        at = put_byte(at, byte[i]);
        *at++ = i < 3 ? '.' : '\0';
    }
    return buf;
}

const char *network_print(const struct network *n, char *buf)
{
    unsigned prefix = n->prefix - (address_is_v4(&n->base) ? V4_PREFIX : 0U);
    char *at = buf + strlen(address_print(&n->base, buf));

    *at++ = '/';
    *put_byte(at, prefix) = '\0';
    return buf;
}
