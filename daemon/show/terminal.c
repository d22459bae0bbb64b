/* SPDX-License-Identifier: MIT */
#include "show/terminal.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static struct {
    bool is_one;
    int columns; /* 0: it has no size */
} terminal;

void terminal_look(void)
{
    struct winsize size = {0};

    terminal.is_one = isatty(STDOUT_FILENO);
    terminal.columns = 0;
    if (terminal.is_one && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        terminal.columns = size.ws_col;
}

int terminal_columns(int usual)
{
    if (!terminal.columns)
        return usual;
    return terminal.columns < TERMINAL_COLUMNS_MIN   ? TERMINAL_COLUMNS_MIN
           : terminal.columns > TERMINAL_COLUMNS_MAX ? TERMINAL_COLUMNS_MAX
                                                     : terminal.columns;
}

bool terminal_is_local(void)
{
    return terminal.is_one;
}

const char *terminal_time(wall_us t, char *buf)
{
    time_t s = (time_t)(t / US_PER_S);
    struct tm local;

    if (terminal.is_one && t != WHEN_UNKNOWN && localtime_r(&s, &local) &&
        strftime(buf, TERMINAL_TIME_MAX, "%Y-%m-%d %H:%M:%S %z", &local))
        return buf;
    return when_print(t, buf);
}

const char *terminal_time_of(const char *utc, char *buf)
{
    wall_us t = terminal_parse_time(utc);

    if (t != WHEN_UNKNOWN)
        return terminal_time(t, buf);
    snprintf(buf, TERMINAL_TIME_MAX, "%s", utc);
    return buf;
}

wall_us terminal_parse_time(const char *utc)
{
    static const char separators[] = "--T::Z";
    struct span s = span_str(utc);
    uint64_t part[6];

    for (int i = 0; i < 6; i++)
        if (!span_take_number(&s, &part[i]) || !span_take(&s, span_of(&separators[i], 1)))
            return WHEN_UNKNOWN;
    struct civil civil = {.year = (int)part[0],
                          .month = (int)part[1],
                          .day = (int)part[2],
                          .hour = (int)part[3],
                          .minute = (int)part[4],
                          .second = (int)part[5]};
    /* when_from_civil needs fields in range, and the text may be of another version. */
    if (civil.year > 9999 || civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > 31)
        return WHEN_UNKNOWN;
    return when_from_civil(&civil);
}
