/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>

enum { TEXT_MAX = 2048 };

static struct {
    struct outlet outlet;
    uint64_t lost;
} the_log = {.outlet = {.type = OUTLET_STDERR, .fd = -1}};

void log_open(bool want_journal, const struct outlet_paths *paths)
{
    static const struct outlet_paths nowhere = {NULL, NULL};

    if (!paths)
        paths = &outlet_system;
    outlet_done(&the_log.outlet);
    if (outlet_stderr_is_terminal())
        paths = &nowhere;
    outlet_open(&the_log.outlet, paths, want_journal || outlet_stderr_is_journal());
}

void log_close(void)
{
    outlet_done(&the_log.outlet);
}

enum outlet_type log_outlet(void)
{
    return the_log.outlet.type;
}

uint64_t log_lost(void)
{
    return the_log.lost;
}

__attribute__((format(printf, 2, 0))) static void say(int priority, const char *format,
                                                      va_list args)
{
    int saved = errno;
    char text[TEXT_MAX];
    struct buf buf;

    int n = vsnprintf(text, sizeof(text), format, args);
    size_t len = n < 0 ? 0 : n < TEXT_MAX ? (size_t)n : TEXT_MAX - 1;
    outlet_begin(&the_log.outlet, &buf, priority, span_of(text, len));
    if (buf.failed || outlet_send(&the_log.outlet, buf_span(&buf)) < 0)
        the_log.lost++;
    buf_done(&buf);
    errno = saved;
}

#define SAY(name, priority)                                                                        \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
                                                                                                   \
        va_start(args, format);                                                                    \
        say(priority, format, args);                                                               \
        va_end(args);                                                                              \
    }

SAY(log_error, LOG_ERR)
SAY(log_warning, LOG_WARNING)
SAY(log_notice, LOG_NOTICE)
SAY(log_info, LOG_INFO)
