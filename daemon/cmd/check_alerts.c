/* SPDX-License-Identifier: MIT */
#include "cmd/check_alerts.h"

#include <errno.h>
#include <event2/util.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/check_program.h"

/* The drop-in of relaywatch(8), in commands. */
#define METRICS_DROP_IN                                                                            \
    "mkdir -p /etc/systemd/system/" SERVICE_UNIT ".d\n"                                            \
    "printf '[Service]\\nRestrictAddressFamilies=AF_INET AF_INET6\\nIPAddressAllow=%s\\n' "        \
    ">/etc/systemd/system/" SERVICE_UNIT ".d/metrics.conf\n"                                       \
    "systemctl daemon-reload\nsystemctl restart " SERVICE_UNIT

static void find_command(const char *command, const struct service_unit *unit, const char *user,
                         struct findings *findings)
{
    char path[PATH_MAX];
    struct reach reach;
    const char *setting;

    snprintf(path, sizeof(path), "%.*s", (int)strcspn(command, " \t"), command);
    if (!path[0])
        return;
    if (!check_program(path, user, &reach))
        findings_add(findings, "alert-command", reach.cure[0] ? reach.cure : NULL,
                     "[alert] command can't be run: %s.", reach.text);
    setting = service_unit_hides(unit, path);
    if (!setting)
        setting = service_unit_no_exec(unit, path);
    if (setting)
        findings_add(
            findings, "alert-command", NULL,
            "[alert] command can't be run: the service's unit forbids it (%s=). Move %s to "
            "/usr/local/bin, or change the unit with systemctl edit " SERVICE_UNIT ".",
            setting, path);
}

/* Whether the address is one of this host and open to this user. If somebody listens there already,
 * that is no fault: it may be the daemon. */
static int try_listen(const char *listen)
{
    struct sockaddr_storage address;
    int len = sizeof(address), r = 0;

    if (evutil_parse_sockaddr_port(listen, (struct sockaddr *)&address, &len) < 0)
        return 0;
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (const struct sockaddr *)&address, (socklen_t)len) < 0 && errno != EADDRINUSE)
        r = -errno;
    close(fd);
    return r;
}

static void find_metrics(const char *listen, const struct service_unit *unit,
                         struct findings *findings)
{
    const char *setting = service_unit_no_listen(unit, listen);
    bool loopback = strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0;
    int r = try_listen(listen);
    char cure[CURE_MAX];

    if (r < 0)
        findings_add(findings, "metrics", NULL, "[metrics] listen = %s: %s", listen, strerror(-r));
    if (!setting)
        return;
    snprintf(cure, sizeof(cure), METRICS_DROP_IN, loopback ? "localhost" : "any");
    findings_add(findings, "metrics", cure,
                 "[metrics] listen = %s can't be reached: the service's unit forbids it (%s=).",
                 listen, setting);
}

void check_alerts(const struct settings *settings, const struct service_unit *unit,
                  const char *user, struct findings *findings)
{
    find_command(settings->alert.command, unit, user, findings);
    if (settings->metrics.enabled)
        find_metrics(settings->metrics.listen, unit, findings);
}
