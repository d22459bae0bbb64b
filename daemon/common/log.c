/* SPDX-License-Identifier: MIT */
/*
 * One static object, because a log that has to be passed to every function is missing where it is
 * needed most: in error paths.
 */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>

enum { TEXT_MAX = 2048 };

/* Messages are cut at TEXT_MAX: one line of a log, not a report. */
static struct {
    struct log_socket log_socket;
    uint64_t lost;
} the_log = {.log_socket = {.type = LOG_SOCKET_STDERR, .fd = -1}};

void log_open(bool want_journal, const struct log_socket_paths *paths)
{
    static const struct log_socket_paths nowhere = {NULL, NULL};

    if (!paths)
        paths = &log_socket_system;
    log_socket_done(&the_log.log_socket);
    if (log_socket_stderr_is_terminal())
        paths = &nowhere;
    log_socket_open(&the_log.log_socket, paths, want_journal || log_socket_stderr_is_journal());
}

void log_close(void)
{
    log_socket_done(&the_log.log_socket);
}

enum log_socket_type log_destination(void)
{
    return the_log.log_socket.type;
}

uint64_t log_lost(void)
{
    return the_log.lost;
}

__attribute__((format(printf, 2, 0))) static void write_message(int priority, const char *format,
                                                                va_list args)
{
    int saved = errno;
    char text[TEXT_MAX];
    struct buf buf;

    int n = vsnprintf(text, sizeof(text), format, args);
    size_t len = n < 0 ? 0 : n < TEXT_MAX ? (size_t)n : TEXT_MAX - 1;
    log_socket_begin(&the_log.log_socket, &buf, priority, span_of(text, len));
    if (buf.failed || log_socket_send(&the_log.log_socket, buf_span(&buf)) < 0)
        the_log.lost++;
    buf_done(&buf);
    errno = saved;
}

#define LOG_FUNCTION(name, priority)                                                               \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
                                                                                                   \
        va_start(args, format);                                                                    \
        write_message(priority, format, args);                                                     \
        va_end(args);                                                                              \
    }

LOG_FUNCTION(log_error, LOG_ERR)
LOG_FUNCTION(log_warning, LOG_WARNING)
LOG_FUNCTION(log_notice, LOG_NOTICE)
LOG_FUNCTION(log_info, LOG_INFO)
