/* SPDX-License-Identifier: MIT */
#include "parse/syslog_unwrap.h"

#include "parse/syslog_date.h"
#include "parse/syslog_json.h"
#include "parse/syslog_wrap.h"

enum { ESCAPE = 0x1b, RECORD_SEPARATOR = 0x1e, BYTE_ORDER_MARK = 0xef };

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

/* The text is at the start of the buffer, since callers go on behind it. */
static struct span moved(char *buf, struct span field)
{
    memmove(buf, field.at, field.len);
    return span_of(buf, field.len);
}

/* A row of comma-separated values: "LINE" or "TIME","LINE" and more, as Splunk exports them;
 * "TIME","HOST","TAG: TEXT" of Graylog's. */
static struct span from_table(struct span row, char *buf, size_t size)
{
    enum { TIME, HOST, TEXT, COLUMNS };
    struct span rest = row, field[COLUMNS];
    size_t used = 0;

    for (int i = 0; i < COLUMNS; i++) {
        if (used > 0 && used < size)
            buf[used++] = ' ';
        if (!take_field(&rest, buf + used, size - used, &field[i]))
            return row;
        struct span text = field[i];
        if (i != TEXT && syslog_date_skip(&text))
            return moved(buf, field[i]);
        used += field[i].len;
    }
    bool ok = rest.len == 0 && syslog_wrap_is_time(field[TIME]) && syslog_wrap_is_host(field[HOST]);
    return ok ? span_of(buf, used) : row;
}

/* TIME,"LINE": AWS's events. */
static struct span from_quoted(struct span row, struct span quoted, char *buf, size_t size)
{
    struct span field, text;

    if (!take_field(&quoted, buf, size, &field))
        return row;
    text = field;
    return syslog_date_skip(&text) ? field : row;
}

/* "TIME\tTAG\t{...}": Fluentd's files. */
static struct span from_fluentd(struct span line, struct span rest, struct span time, char *buf,
                                size_t size)
{
    ptrdiff_t tab = span_find(rest, '\t'), blank = span_find(rest, ' ');
    struct span object = span_skip(rest, (size_t)tab + 1);

    if (tab < 0 || (blank >= 0 && blank < tab) || !span_starts(object, SPAN("{")))
        return line;
    struct span plain = syslog_json_convert_at(object, time, buf, size);
    return plain.at == object.at ? line : plain;
}

/* What begins with a time, in a column of its own. */
static struct span from_column(struct span line, char *buf, size_t size)
{
    size_t len = 0;

    while (len < line.len && line.at[len] != ',' && line.at[len] != '\t')
        len++;
    struct span time = span_head(line, len), rest = span_skip(line, len);
    if (!syslog_wrap_is_time(time))
        return line;
    if (span_take(&rest, SPAN("\t")))
        return from_fluentd(line, rest, time, buf, size);
    return span_take(&rest, SPAN(",")) ? from_quoted(line, rest, buf, size) : line;
}

/* "[0] tail.0: [[1795492032.185246, {}], {"log"=>"LINE"}]", without {} in older versions: Fluent
 * Bit's stdout. It escapes no quotes, so a field behind the line may be a stranger's: only a line
 * that is all of the record is one. */
static struct span from_fluent_bit(struct span line, char *buf, size_t size)
{
    static const struct span begin = SPAN("{\"log\"=>\""), end = SPAN("\"}]");
    struct span rest = span_skip(line, 1), text;
    uint64_t number;

    if (!span_take_number(&rest, &number) || !span_take(&rest, SPAN("] ")))
        return line;
    ptrdiff_t blank = span_find(rest, ' ');
    if (blank <= 0 || rest.at[blank - 1] != ':')
        return line;
    rest = span_skip(rest, (size_t)blank + 1);
    if (!span_take(&rest, SPAN("[")))
        return line;
    bool has_metadata = span_take(&rest, SPAN("["));
    if (!span_take_number(&rest, &number))
        return line;
    if (span_take(&rest, SPAN(".")))
        span_take_number(&rest, &number);
    if (!span_take(&rest, has_metadata ? SPAN(", {}], ") : SPAN(", ")) ||
        !span_take(&rest, begin) || !span_ends(rest, end))
        return line;
    rest.len -= end.len;
    text = rest;
    return syslog_date_skip(&text) && rest.len <= size ? moved(buf, rest) : line;
}

/* RFC 7464, which is journalctl -o json-seq. */
static struct span from_sequence(struct span line, char *buf, size_t size)
{
    struct span object = span_skip(line, 1), plain = syslog_json_convert(object, buf, size);

    return plain.at == object.at ? line : plain;
}

/* What Windows writes at the start of a file. */
static struct span without_mark(struct span line, char *buf, size_t size)
{
    struct span rest = line;

    if (!span_take(&rest, SPAN("\xef\xbb\xbf")) || size < rest.len)
        return line;
    struct span plain = syslog_unwrap(rest, buf, size);
    return plain.at == rest.at ? moved(buf, rest) : plain;
}

struct span syslog_unwrap_any(struct span line, char *buf, size_t size)
{
    if (is_digit(line.at[0]))
        return from_column(line, buf, size);
    switch ((uint8_t)line.at[0]) {
    case BYTE_ORDER_MARK:
        return without_mark(line, buf, size);
    case '{':
        return syslog_json_convert(line, buf, size);
    case RECORD_SEPARATOR:
        return from_sequence(line, buf, size);
    case ESCAPE:
        return without_colours(line, buf, size);
    case '"':
        return from_table(line, buf, size);
    case '[':
        return from_fluent_bit(line, buf, size);
    default:
        return line;
    }
}
