/* SPDX-License-Identifier: MIT */
#include "parse/syslog_unwrap.h"

#include "parse/syslog_date.h"
#include "parse/syslog_json.h"

enum { ESCAPE = 0x1b, RECORD_SEPARATOR = 0x1e };

/* The length of "\e[01;31m" or "\e[K" at the start of s; 0 if there is none. */
static size_t colour_len(struct span s)
{
    size_t i = 2;

    if (s.len < 3 || s.at[0] != ESCAPE || s.at[1] != '[')
        return 0;
    while (i < s.len && (is_digit(s.at[i]) || s.at[i] == ';'))
        i++;
    return i < s.len && (s.at[i] == 'm' || s.at[i] == 'K') ? i + 1 : 0;
}

/* What compose, stern, ccze or grep print for a terminal, if the line begins with a colour. Postfix
 * logs no escapes, so none of them is a stranger's. */
static struct span without_colours(struct span line, char *buf, size_t size)
{
    size_t used = 0;

    if (!colour_len(line) || size < line.len)
        return line;
    for (size_t i = 0; i < line.len;) {
        size_t len = colour_len(span_skip(line, i));
        if (len == 0)
            buf[used++] = line.at[i++];
        i += len;
    }
    return span_of(buf, used);
}

/* Cuts a field in quotes, and the comma after it, off *row; its quotes are doubled. False, leaving
 * the row anywhere, if there is none. */
static bool take_field(struct span *row, char *buf, size_t size, struct span *ret)
{
    size_t used = 0;

    if (!span_take(row, SPAN("\"")))
        return false;
    while (used < size && !span_take(row, SPAN("\""))) {
        if (row->len == 0)
            return false;
        buf[used++] = row->at[0];
        *row = span_skip(*row, 1);
        if (row->len > 1 && row->at[0] == '"' && row->at[1] == '"' && used < size) {
            buf[used++] = '"';
            *row = span_skip(*row, 2);
        }
    }
    *ret = span_of(buf, used);
    return row->len == 0 || span_take(row, SPAN(","));
}

/* A row of comma-separated values, as Splunk exports them: "LINE" or "TIME","LINE" and more. */
static struct span from_table(struct span row, char *buf, size_t size)
{
    struct span rest = row, field = SPAN_NONE;

    for (int i = 0; i < 2; i++) {
        if (!take_field(&rest, buf, size, &field))
            break;
        struct span text = field;
        if (syslog_date_skip(&text))
            return field;
    }
    return row;
}

/* RFC 7464, which is journalctl -o json-seq. */
static struct span from_sequence(struct span line, char *buf, size_t size)
{
    struct span object = span_skip(line, 1), plain = syslog_json_convert(object, buf, size);

    return plain.at == object.at ? line : plain;
}

struct span syslog_unwrap_any(struct span line, char *buf, size_t size)
{
    switch (line.at[0]) {
    case '{':
        return syslog_json_convert(line, buf, size);
    case RECORD_SEPARATOR:
        return from_sequence(line, buf, size);
    case ESCAPE:
        return without_colours(line, buf, size);
    case '"':
        return from_table(line, buf, size);
    default:
        return line;
    }
}
