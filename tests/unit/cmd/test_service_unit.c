/* SPDX-License-Identifier: MIT */
#include "cmd/service_unit.h"

#include <stdio.h>

#include "rows.h"

/* As `systemctl show` prints it. */
static struct service_unit unit_of(const char *properties)
{
    struct service_unit unit = {.text = buf_new(4096)};

    buf_printf(&unit.text, "LoadState=loaded\n%s\n", properties);
    return unit;
}

enum asked { HIDES, NO_EXEC, NO_LISTEN };

static const struct {
    const char *name, *properties;
    enum asked asked;
    const char *of, *want; /* NULL: allowed */
} rows[] = {
    {"home", "ProtectHome=yes", HIDES, "/home/a/mail.log", "ProtectHome"},
    {"root's home", "ProtectHome=yes", HIDES, "/root/x", "ProtectHome"},
    {"a name that begins like it", "ProtectHome=yes", HIDES, "/homes/x", NULL},
    {"home is read-only", "ProtectHome=read-only", HIDES, "/home/a/mail.log", NULL},
    {"home is empty", "ProtectHome=tmpfs", HIDES, "/home/a/mail.log", "ProtectHome"},
    {"tmp", "PrivateTmp=yes", HIDES, "/var/tmp/log", "PrivateTmp"},
    {"no private tmp", "PrivateTmp=no", HIDES, "/tmp/log", NULL},
    {"inaccessible", "InaccessiblePaths=/a -/srv/logs", HIDES, "/srv/logs/1", "InaccessiblePaths"},
    {"tmpfs", "TemporaryFileSystem=/var:ro /x", HIDES, "/var/log/mail.log", "TemporaryFileSystem"},
    {"a log", "ProtectHome=yes\nPrivateTmp=yes", HIDES, "/var/log/mail.log", NULL},
    {"program", "NoExecPaths=", NO_EXEC, "/usr/bin/x", NULL},
    {"no exec", "NoExecPaths=/\nExecPaths=/usr/bin", NO_EXEC, "/opt/x", "NoExecPaths"},
    {"exec in it", "NoExecPaths=/\nExecPaths=/usr/bin/x", NO_EXEC, "/usr/bin/x", NULL},
    {"both", "NoExecPaths=/opt\nExecPaths=/opt", NO_EXEC, "/opt/x", NULL},
    {"only unix", "RestrictAddressFamilies=AF_UNIX", NO_LISTEN, "127.0.0.1:9397",
     "RestrictAddressFamilies"},
    {"only IPv4", "RestrictAddressFamilies=AF_UNIX AF_INET", NO_LISTEN, "127.0.0.1:9397", NULL},
    {"not IPv6", "RestrictAddressFamilies=AF_UNIX AF_INET", NO_LISTEN, "[::1]:9397",
     "RestrictAddressFamilies"},
    {"all but", "RestrictAddressFamilies=~AF_PACKET", NO_LISTEN, "127.0.0.1:9397", NULL},
    {"all but IPv4", "RestrictAddressFamilies=~AF_INET", NO_LISTEN, "127.0.0.1:9397",
     "RestrictAddressFamilies"},
    {"no restriction", "RestrictAddressFamilies=~", NO_LISTEN, "127.0.0.1:9397", NULL},
    {"no network", "PrivateNetwork=yes", NO_LISTEN, "127.0.0.1:9397", "PrivateNetwork"},
    {"denied", "IPAddressDeny=0.0.0.0/0 ::/0", NO_LISTEN, "127.0.0.1:9397", "IPAddressDeny"},
    {"loopback", "IPAddressDeny=0.0.0.0/0 ::/0\nIPAddressAllow=127.0.0.0/8 ::1/128", NO_LISTEN,
     "127.0.0.1:9397", NULL},
    {"only loopback", "IPAddressDeny=0.0.0.0/0 ::/0\nIPAddressAllow=127.0.0.0/8 ::1/128", NO_LISTEN,
     "192.0.2.1:9397", "IPAddressDeny"},
    {"a network", "IPAddressDeny=0.0.0.0/0 ::/0\nIPAddressAllow=198.51.100.0/24", NO_LISTEN,
     "0.0.0.0:9397", NULL},
};

START_TEST(sandbox_forbids)
{
    struct service_unit unit = unit_of(rows[_i].properties);
    const char *got = rows[_i].asked == HIDES     ? service_unit_hides(&unit, rows[_i].of)
                      : rows[_i].asked == NO_EXEC ? service_unit_no_exec(&unit, rows[_i].of)
                                                  : service_unit_no_listen(&unit, rows[_i].of);

    want_text(rows[_i].name, got ? got : "nothing", rows[_i].want ? rows[_i].want : "nothing");
    service_unit_done(&unit);
}
END_TEST

START_TEST(nothing_is_known_without_a_unit)
{
    struct service_unit unit = {.text = {0}};

    ck_assert(!service_unit_known(&unit));
    ck_assert_ptr_null(service_unit_no_listen(&unit, "127.0.0.1:9397"));
    ck_assert_ptr_null(service_unit_hides(&unit, "/home/x"));
    ck_assert_ptr_null(service_unit_no_exec(&unit, "/home/x"));
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("service_unit");

    ADD_ROWS(tc, sandbox_forbids, rows);
    tcase_add_test(tc, nothing_is_known_without_a_unit);
    return run_suite("service_unit", tc);
}
