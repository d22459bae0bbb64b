/* SPDX-License-Identifier: MIT */
/*
 * Used when Postfix leaves mynetworks to mynetworks_style and cannot look at the interfaces itself.
 */
#include "common/interfaces.h"

#include <limits.h>

#include "base/address.h"
#include "common/subprocess.h"

#define PROC_MAX ((size_t)16 * 1024 * 1024) /* enough for a router with full tables */

/* fib_trie prints one tree per routing table, and several tables may show the same one. */
static bool is_listed(const struct buf *list, const char *item)
{
    struct span rest = buf_span(list), line = span_str(item);

    for (;;) {
        const char *at = rest.len ? memmem(rest.at, rest.len, line.at, line.len) : NULL;
        if (!at)
            return false;
        rest = span_skip(rest, (size_t)(at - rest.at) + line.len);
        if (rest.len == 0 || rest.at[0] == ' ')
            return true;
    }
}

/*
 * fib_trie, the tree of routes: an address, and below it what it is:
 *     |-- 192.0.2.0
 *        /24 link UNICAST        a network one of our interfaces is in
 *     |-- 192.0.2.7
 *        /32 host LOCAL          one of our own addresses
 */
static void add_ipv4(struct span text, bool addresses, struct buf *ret)
{
    struct span line, at = SPAN_NONE;

    while (span_take_line(&text, &line)) {
        line = span_trim(line);
        ptrdiff_t blank = span_find(line, ' ');
        if (span_starts(line, SPAN("|-- "))) {
            at = span_skip(line, 4);
        } else if (span_starts(line, SPAN("/")) && blank > 0) {
            struct span prefix = span_head(line, (size_t)blank);
            struct span what = span_skip(line, (size_t)blank + 1);
            char item[80];
            bool own = span_equal(what, SPAN("host LOCAL"));
            bool wanted = addresses ? own && span_equal(prefix, SPAN("/32"))
                                    : own || span_equal(what, SPAN("link UNICAST"));
            snprintf(item, sizeof(item), " %.*s%.*s", SPAN_ARG(at), SPAN_ARG(prefix));
            if (wanted && !is_listed(ret, item))
                buf_add_str(ret, item);
        }
    }
}

/* if_inet6: "fe80...01 04 40 20 80 eth0" is the address, the interface's index and the prefix
 * length, all in hex. */
static void add_ipv6(struct span text, bool addresses, struct buf *ret)
{
    struct span line;

    while (span_take_line(&text, &line)) {
        char words[40];
        unsigned length;
        if (line.len < 40 || sscanf(line.at + 32, " %*x %x ", &length) != 1 || length > 128)
            continue;
        for (int i = 0; i < 39; i++)
            words[i] = i % 5 == 4 ? ':' : line.at[i - i / 5];
        buf_printf(ret, " [%.39s]/%u", words, addresses ? 128 : length);
    }
}

static void add(const char *proc_net, const char *name, bool addresses,
                void (*each)(struct span, bool, struct buf *), struct buf *ret)
{
    char path[PATH_MAX];
    struct buf text;

    snprintf(path, sizeof(path), "%s/%s", proc_net ? proc_net : "/proc/self/net", name);
    if (subprocess_read_file(path, false, PROC_MAX, &text) < 0)
        return;
    each(buf_span(&text), addresses, ret);
    buf_done(&text);
}

void interfaces_list(const char *proc_net, bool addresses, struct buf *ret)
{
    add(proc_net, "fib_trie", addresses, add_ipv4, ret);
    add(proc_net, "if_inet6", addresses, add_ipv6, ret);
}
