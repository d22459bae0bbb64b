/* SPDX-License-Identifier: MIT */
#include "common/log_socket.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

const struct outlet_paths outlet_system = {"/run/systemd/journal/socket", "/dev/log"};

static bool is_socket(const char *path)
{
    struct stat st;

    return path && stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

void outlet_open(struct outlet *outlet, const struct outlet_paths *paths, bool want_journal)
{
    bool journal = is_socket(paths->journal), syslog = is_socket(paths->syslog);

    *outlet = (struct outlet){.type = OUTLET_STDERR, .fd = -1};
    if (journal && (want_journal || !syslog)) {
        outlet->type = OUTLET_JOURNAL;
        outlet->path = paths->journal;
    } else if (syslog) {
        outlet->type = OUTLET_SYSLOG;
        outlet->path = paths->syslog;
    }
}

static void disconnect(struct outlet *outlet)
{
    if (outlet->fd >= 0)
        close(outlet->fd);
    outlet->fd = -1;
}

void outlet_done(struct outlet *outlet)
{
    if (outlet->path)
        disconnect(outlet);
    *outlet = (struct outlet){.type = OUTLET_STDERR, .fd = -1};
}

/* --- the text --------------------------------------------------------------------------------- */

static void add_printable(struct buf *buf, struct span text)
{
    if (!buf_reserve(buf, text.len))
        return;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        buf->at[buf->len++] = c >= ' ' && c < 0x7f ? c : '?';
    }
    buf->at[buf->len] = '\0';
}

/* "Nov 24 03:47:12", the same in every locale. */
static void add_date(struct buf *buf)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = time(NULL);
    struct tm tm = {0};

    localtime_r(&now, &tm);
    buf_printf(buf, "%s %2d %02d:%02d:%02d", months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min,
               tm.tm_sec);
}

void outlet_begin(const struct outlet *outlet, struct buf *buf, int priority, struct span message)
{
    *buf = buf_new(OUTLET_BYTES_MAX);
    switch (outlet->type) {
    case OUTLET_JOURNAL:
        buf_printf(buf, "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=", priority,
                   LOG_FAC(LOG_DAEMON), OUTLET_IDENTIFIER);
        break;
    case OUTLET_SYSLOG:
        buf_printf(buf, "<%d>", LOG_DAEMON | priority);
        add_date(buf);
        buf_printf(buf, " %s[%ld]: ", OUTLET_IDENTIFIER, (long)getpid());
        break;
    case OUTLET_STDERR:
        buf_printf(buf, "%s: ", OUTLET_IDENTIFIER);
        break;
    }
    add_printable(buf, message);
    if (outlet->type != OUTLET_SYSLOG)
        buf_add_str(buf, "\n");
}

/* A value that holds a newline comes with its length in front, as 64 bits, little end first. */
void outlet_field(const struct outlet *outlet, struct buf *buf, const char *name, struct span value)
{
    uint64_t len = htole64(value.len);

    if (outlet->type != OUTLET_JOURNAL)
        return;
    buf_add_str(buf, name);
    if (span_find(value, '\n') < 0) {
        buf_add_str(buf, "=");
    } else {
        buf_add_str(buf, "\n");
        buf_add(buf, span_of((const char *)&len, sizeof(len)));
    }
    buf_add(buf, value);
    buf_add_str(buf, "\n");
}

/* --- the socket ------------------------------------------------------------------------------- */

static int connect_as(struct outlet *outlet, int type)
{
    enum { SEND_BUFFER = 1024 * 1024 };
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int wanted = SEND_BUFFER;

    if (strlen(outlet->path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, outlet->path, strlen(outlet->path));
    outlet->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (outlet->fd < 0)
        return -errno;
    /* The kernel gives what it allows; less only means that we find the socket full sooner. */
    (void)setsockopt(outlet->fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof(wanted));
    if (connect(outlet->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return 0;
    int r = -errno;
    disconnect(outlet);
    return r;
}

static int reach(struct outlet *outlet)
{
    if (outlet->fd >= 0)
        return 0;
    outlet->stream = false;
    int r = connect_as(outlet, SOCK_DGRAM);
    if (r == -EPROTOTYPE) {
        outlet->stream = true;
        r = connect_as(outlet, SOCK_STREAM);
    }
    return r;
}

/* On a stream a NUL ends the message. One that went out in part can't be taken back: the
 * connection is given up, and the other side drops the piece. */
static int send_once(struct outlet *outlet, struct span datagram)
{
    size_t len = datagram.len + (outlet->stream ? 1 : 0); /* a buf's text has its NUL */
    ssize_t n = send(outlet->fd, datagram.at, len, MSG_NOSIGNAL);

    if (n == (ssize_t)len)
        return 0;
    int r = n < 0 ? -errno : -EPIPE;
    if (r != -EAGAIN && r != -EMSGSIZE && r != -ENOBUFS)
        disconnect(outlet);
    return r == -ENOBUFS ? -EAGAIN : r;
}

static int send_to_stderr(struct span text)
{
    return write(STDERR_FILENO, text.at, text.len) < 0 ? -errno : 0;
}

int outlet_send(struct outlet *outlet, struct span datagram)
{
    if (outlet->type == OUTLET_STDERR)
        return send_to_stderr(datagram);
    bool fresh = outlet->fd < 0;
    int r = reach(outlet);
    if (r == 0)
        r = send_once(outlet, datagram);
    /* The other side was restarted meanwhile: only a new connection finds the new one. */
    if (r < 0 && outlet->fd < 0 && !fresh) {
        r = reach(outlet);
        if (r == 0)
            r = send_once(outlet, datagram);
    }
    return r;
}

bool outlet_stderr_is_terminal(void)
{
    return isatty(STDERR_FILENO);
}

bool outlet_stderr_is_journal(void)
{
    struct span stream = span_str(getenv("JOURNAL_STREAM"));
    uint64_t device, inode;
    struct stat st;

    return span_take_number(&stream, &device) && span_take(&stream, SPAN(":")) &&
           span_take_number(&stream, &inode) && fstat(STDERR_FILENO, &st) == 0 &&
           st.st_dev == device && st.st_ino == inode;
}
