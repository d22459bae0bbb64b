/* SPDX-License-Identifier: MIT */
#include "common/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/span.h"

/* The length of the address; 0: none that a socket of this machine can have. A name that begins
 * with "@" is not a file's: the kernel wants a zero byte in its place. */
static socklen_t manager(struct sockaddr_un *ret)
{
    const char *name = getenv("NOTIFY_SOCKET");
    size_t len = name ? strlen(name) : 0;

    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (len < 2 || len >= sizeof(ret->sun_path) || (name[0] != '/' && name[0] != '@'))
        return 0;
    memcpy(ret->sun_path, name, len);
    if (name[0] == '@')
        ret->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void notify_send(const char *text)
{
    struct sockaddr_un address;
    socklen_t len = manager(&address);
    int fd = len ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

    if (fd < 0)
        return;
    (void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, len);
    close(fd);
}

static bool number_in(const char *variable, uint64_t *ret)
{
    const char *text = getenv(variable);
    struct span rest = span_str(text ? text : "");

    return span_take_number(&rest, ret) && rest.len == 0;
}

/* A child inherits the variables, but they name its parent. */
dur_us notify_watchdog(void)
{
    uint64_t us, pid;

    if (!number_in("WATCHDOG_USEC", &us) || us > INT64_MAX)
        return 0;
    if (getenv("WATCHDOG_PID") && !(number_in("WATCHDOG_PID", &pid) && pid == (uint64_t)getpid()))
        return 0;
    return (dur_us)us;
}
