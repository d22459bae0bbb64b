/* SPDX-License-Identifier: MIT */
/*
 * The socket is connected on first use and again after errors, so the daemon survives a restart of
 * journald or rsyslog without noticing. Sending never blocks: SOCK_NONBLOCK, and -EAGAIN goes to
 * the caller.
 */
#include "common/log_socket.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

const struct log_socket_paths log_socket_system = {"/run/systemd/journal/socket", "/dev/log"};

static bool is_socket(const char *path)
{
    struct stat st;

    return path && stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

void log_socket_open(struct log_socket *log_socket, const struct log_socket_paths *paths,
                     bool want_journal)
{
    bool journal = is_socket(paths->journal), syslog = is_socket(paths->syslog);

    *log_socket = (struct log_socket){.type = LOG_SOCKET_STDERR, .fd = -1};
    if (journal && (want_journal || !syslog)) {
        log_socket->type = LOG_SOCKET_JOURNAL;
        log_socket->path = paths->journal;
    } else if (syslog) {
        log_socket->type = LOG_SOCKET_SYSLOG;
        log_socket->path = paths->syslog;
    }
}

static void disconnect(struct log_socket *log_socket)
{
    if (log_socket->fd >= 0)
        close(log_socket->fd);
    log_socket->fd = -1;
}

void log_socket_done(struct log_socket *log_socket)
{
    if (log_socket->path)
        disconnect(log_socket);
    *log_socket = (struct log_socket){.type = LOG_SOCKET_STDERR, .fd = -1};
}

/* --- the text --------------------------------------------------------------------------------- */

static void add_printable(struct buf *buf, struct span text)
{
    if (!buf_reserve(buf, text.len))
        return;
    for (size_t i = 0; i < text.len; i++)
        buf->at[buf->len++] = printable_char(text.at[i]);
    buf->at[buf->len] = '\0';
}

/* "Nov 24 03:47:12", in English whatever the locale: RFC 3164 wants it so. */
static void add_date(struct buf *buf)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)(clock_wall() / US_PER_S);
    struct tm tm = {0};

    localtime_r(&now, &tm);
    buf_printf(buf, "%s %2d %02d:%02d:%02d", months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min,
               tm.tm_sec);
}

void log_socket_begin(const struct log_socket *log_socket, struct buf *buf, int priority,
                      struct span message)
{
    *buf = buf_new(LOG_SOCKET_BYTES_MAX);
    switch (log_socket->type) {
    case LOG_SOCKET_JOURNAL:
        buf_printf(buf, "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=", priority,
                   LOG_FAC(LOG_DAEMON), LOG_SOCKET_IDENTIFIER);
        break;
    case LOG_SOCKET_SYSLOG:
        buf_printf(buf, "<%d>", LOG_DAEMON | priority);
        add_date(buf);
        buf_printf(buf, " %s[%ld]: ", LOG_SOCKET_IDENTIFIER, (long)getpid());
        break;
    case LOG_SOCKET_STDERR:
        buf_printf(buf, "%s: ", LOG_SOCKET_IDENTIFIER);
        break;
    }
    add_printable(buf, message);
    if (log_socket->type != LOG_SOCKET_SYSLOG)
        buf_add_str(buf, "\n");
}

/* "NAME=value\n"; a value that contains a newline is sent as NAME, newline, a 64-bit little-endian
 * length, the value. */
void log_socket_field(const struct log_socket *log_socket, struct buf *buf, const char *name,
                      struct span value)
{
    uint64_t len = htole64(value.len);

    if (log_socket->type != LOG_SOCKET_JOURNAL)
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

static int connect_as(struct log_socket *log_socket, int type)
{
    enum { SEND_BUFFER = 1024 * 1024 };
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int wanted = SEND_BUFFER;

    if (strlen(log_socket->path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, log_socket->path, strlen(log_socket->path));
    log_socket->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (log_socket->fd < 0)
        return -errno;
    /* The kernel may grant less; then we only find the socket full sooner. */
    (void)setsockopt(log_socket->fd, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof(wanted));
    if (connect(log_socket->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return 0;
    int r = -errno;
    disconnect(log_socket);
    return r;
}

/* Connects if need be. Old syslog daemons listen on a stream socket instead of datagrams. */
static int reach(struct log_socket *log_socket)
{
    if (log_socket->fd >= 0)
        return 0;
    log_socket->stream = false;
    int r = connect_as(log_socket, SOCK_DGRAM);
    if (r == -EPROTOTYPE) {
        log_socket->stream = true;
        r = connect_as(log_socket, SOCK_STREAM);
    }
    return r;
}

/* On a stream a NUL ends the message. A message sent in part cannot be taken back, so the
 * connection is closed and the other side drops the fragment. */
static int send_once(struct log_socket *log_socket, struct span datagram)
{
    size_t len = datagram.len + (log_socket->stream ? 1 : 0); /* buf ends its text with a NUL */
    ssize_t n = send(log_socket->fd, datagram.at, len, MSG_NOSIGNAL);

    if (n == (ssize_t)len)
        return 0;
    int r = n < 0 ? -errno : -EPIPE;
    if (r != -EAGAIN && r != -EMSGSIZE && r != -ENOBUFS)
        disconnect(log_socket);
    return r == -ENOBUFS ? -EAGAIN : r;
}

/* A pipe that can be written to takes PIPE_BUF bytes at once, and no message has as many. */
static int send_to_stderr(struct span text)
{
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&ready, 1, 0) == 0)
        return -EAGAIN;
    return write(STDERR_FILENO, text.at, text.len) < 0 ? -errno : 0;
}

int log_socket_send(struct log_socket *log_socket, struct span datagram)
{
    if (log_socket->type == LOG_SOCKET_STDERR)
        return send_to_stderr(datagram);
    bool fresh = log_socket->fd < 0;
    int r = reach(log_socket);
    if (r == 0)
        r = send_once(log_socket, datagram);
    /* The other side may have been restarted: only a new connection reaches its new socket. */
    if (r < 0 && log_socket->fd < 0 && !fresh) {
        r = reach(log_socket);
        if (r == 0)
            r = send_once(log_socket, datagram);
    }
    return r;
}

bool log_socket_stderr_is_terminal(void)
{
    return isatty(STDERR_FILENO);
}

/* systemd sets JOURNAL_STREAM to "device:inode" of the stream it connected; a later redirection of
 * standard error leaves the variable behind, hence the comparison. */
bool log_socket_stderr_is_journal(void)
{
    struct span stream = span_str(getenv("JOURNAL_STREAM"));
    uint64_t device, inode;
    struct stat st;

    return span_take_number(&stream, &device) && span_take(&stream, SPAN(":")) &&
           span_take_number(&stream, &inode) && fstat(STDERR_FILENO, &st) == 0 &&
           st.st_dev == device && st.st_ino == inode;
}
