/* SPDX-License-Identifier: MIT */
#include "cmd/input_odd.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "parse/log_line.h"
#include "source/inflate.h"
#include "source/line_time.h"

enum { ROOM = 4 * (int)LOG_LINE_MAX };

static void count_line(struct input_odd *odd, struct span line, bool is_whole)
{
    line = span_trim(log_line_without_zeros(line));
    if (!line.len)
        return;
    if (odd->lines++ == 0) {
        snprintf(odd->first, sizeof(odd->first), "%.*s", (int)(line.len < ROOM ? line.len : ROOM),
                 line.at);
        make_printable(odd->first);
    }
    odd->whole += is_whole;
}

/* The lines of text; is_first: it begins with the file. */
static void count(struct input_odd *odd, struct span text, bool is_first)
{
    bool has_end = text.len && text.at[text.len - 1] == '\n';
    struct span line;

    while (span_take_line(&text, &line)) {
        count_line(odd, line, !is_first && (text.len || has_end));
        is_first = false;
    }
    odd->ends_within_line = !has_end;
}

/* How much of text ends in a line's end; all of it where a line is too long to wait for its. */
static size_t whole_lines(struct span text)
{
    const char *end = text.len ? memrchr(text.at, '\n', text.len) : NULL;

    return end ? (size_t)(end + 1 - text.at) : text.len == ROOM ? text.len : 0;
}

/* True: to its end, and no line has a time. */
static bool read_all(struct inflate *reader, const struct syslog_clock *clock, char *buffer,
                     struct input_odd *odd)
{
    size_t have = 0, whole;
    bool is_first = true;
    ssize_t n;

    do {
        n = inflate_read(reader, buffer + have, ROOM - have);
        if (n < 0)
            return false;
        have += (size_t)n;
        whole = n ? whole_lines(span_of(buffer, have)) : have;
        if (line_time(clock, buffer, whole) != LINE_TIME_FIRST)
            return false;
        if (whole) {
            count(odd, span_of(buffer, whole), is_first);
            is_first = false;
        }
        have -= whole;
        memmove(buffer, buffer + whole, have);
    } while (n);
    return odd->lines > 0;
}

bool input_odd_look(const struct input_file *file, struct input_odd *ret)
{
    struct syslog_clock clock = {0};
    struct inflate *reader = NULL;
    char *buffer = malloc(ROOM);
    bool is_odd = false;

    *ret = (struct input_odd){0};
    line_time_reference(&clock, file->reference);
    if (buffer && inflate_open(file->fd, &reader) == 0)
        is_odd = read_all(reader, &clock, buffer, ret);
    inflate_close(reader);
    free(buffer);
    return lseek(file->fd, 0, SEEK_SET) == 0 && is_odd;
}
