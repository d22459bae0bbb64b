/* SPDX-License-Identifier: MIT */
#include "common/interfaces.h"
#include "rows.h"

#include <stdio.h>
#include <unistd.h>

static const char fib_trie[] = "Main:\n"
                               "  +-- 0.0.0.0/0 3 0 5\n"
                               "     |-- 0.0.0.0\n"
                               "        /0 universe UNICAST\n"
                               "     +-- 127.0.0.0/8 2 0 2\n"
                               "           |-- 127.0.0.0\n"
                               "              /8 host LOCAL\n"
                               "           |-- 127.0.0.1\n"
                               "              /32 host LOCAL\n"
                               "        |-- 127.255.255.255\n"
                               "           /32 link BROADCAST\n"
                               "           |-- 192.0.2.0\n"
                               "              /24 link UNICAST\n"
                               "           |-- 192.0.2.2\n"
                               "              /32 host LOCAL\n"
                               "Local:\n"
                               "           |-- 192.0.2.2\n"
                               "              /32 host LOCAL\n"
                               "           |-- 192.0.2.20\n"
                               "              /32 host LOCAL\n"
                               "           |-- 2.0.2.2\n"
                               "              /32 host LOCAL\n";
static const char if_inet6[] = "fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"
                               "00000000000000000000000000000001 01 80 10 80       lo\n"
                               "short\n";

static void put(const char *dir, const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (!text) {
        unlink(path);
        return;
    }
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static const struct row {
    const char *name, *fib_trie, *if_inet6;
    bool addresses;
    const char *want;
} rows[] = {
    {"networks", fib_trie, if_inet6, false,
     " 127.0.0.0/8 127.0.0.1/32 192.0.2.0/24 192.0.2.2/32 192.0.2.20/32 2.0.2.2/32"
     " [fe80:0000:0000:0000:00fc:00ff:fe00:0001]/64 [0000:0000:0000:0000:0000:0000:0000:0001]/128"},
    {"addresses", fib_trie, if_inet6, true,
     " 127.0.0.1/32 192.0.2.2/32 192.0.2.20/32 2.0.2.2/32"
     " [fe80:0000:0000:0000:00fc:00ff:fe00:0001]/128"
     " [0000:0000:0000:0000:0000:0000:0000:0001]/128"},
    {"no IPv6", fib_trie, NULL, true, " 127.0.0.1/32 192.0.2.2/32 192.0.2.20/32 2.0.2.2/32"},
    {"nothing", NULL, NULL, false, ""},
    {"nonsense", "/24 link UNICAST\n|-- \n/\n|--\n", "x\n", true, ""},
};

START_TEST(what_proc_tells_is_listed)
{
    const struct row *row = &rows[_i];
    char dir[] = "/tmp/relaywatch-interfaces-XXXXXX";
    struct buf buf = buf_new(4096);

    ck_assert_ptr_nonnull(mkdtemp(dir));
    put(dir, "fib_trie", row->fib_trie);
    put(dir, "if_inet6", row->if_inet6);
    interfaces_list(dir, row->addresses, &buf);
    buf_add(&buf, span_of("", 1));
    want_text(row->name, buf.at, row->want);
    buf_done(&buf);
    put(dir, "fib_trie", NULL);
    put(dir, "if_inet6", NULL);
    rmdir(dir);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("interfaces");

    ADD_ROWS(tc, what_proc_tells_is_listed, rows);
    return run_suite("interfaces", tc);
}
