/* SPDX-License-Identifier: MIT */
#include "config/inifile.h"

#include <stdarg.h>
#include <stdio.h>

#include <ini.h>

#include "base/buf.h"

#define KEY_MAX 48 /* inih cuts longer ones */

struct reader {
    const struct inifile_handler *handler;
    void *ctx;
    struct inifile_error *err;
    bool bad;         /* there was an error */
    bool failed;      /* and it ends the reading */
    struct span rest; /* of the file */
    int line;
    struct span name;  /* the key of this line, until inih has it */
    struct span piece; /* of the value, not yet given to inih */
    bool continued;    /* the piece that inih has continues the value before it */
    bool mid_word;     /* ... in the middle of a word */
    bool key_open;     /* an indented line may follow */
    bool key_bad;      /* ... and belongs to what was refused */
    struct buf key, value;
    int key_line; /* of the key whose value may still grow; 0: none */
};

__attribute__((format(printf, 2, 0))) static void say(struct inifile_error *err, const char *format,
                                                      va_list args)
{
    vsnprintf(err->text, sizeof(err->text), format, args);
}

bool inifile_refuse(struct inifile_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(err, format, args);
    va_end(args);
    return false;
}

const char *inifile_show(struct span s, char *buf)
{
    const size_t max = INIFILE_SHOWN_MAX - 4;
    size_t n = s.len > max ? max : s.len;

    for (size_t i = 0; i < n; i++)
        buf[i] = (uint8_t)s.at[i] < ' ' || s.at[i] == 0x7f ? '?' : s.at[i];
    snprintf(buf + n, 4, "%s", s.len > max ? "..." : "");
    return buf;
}

/* The error is in *r->err. Returns false. */
static bool fail(struct reader *r)
{
    r->bad = true;
    r->failed |= !r->handler->error;
    if (r->handler->error)
        r->handler->error(r->ctx, r->err);
    return false;
}

/* Refuses the current line. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(r->err, format, args);
    va_end(args);
    r->err->line = r->line;
    return fail(r);
}

/* Without its line end, which may be "\r\n". */
static struct span next_line(struct reader *r)
{
    struct span line = SPAN_NONE;

    span_take_line(&r->rest, &line);
    r->line++;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Control characters in an editor are invisible, and NUL would end the line for inih. */
static bool check_bytes(struct reader *r, struct span line)
{
    if (line.len > INIFILE_LINE_MAX)
        return refuse(
            r, "line of %zu bytes; allowed: %d bytes (a list may continue on indented lines)",
            line.len, INIFILE_LINE_MAX);
    for (size_t i = 0; i < line.len; i++)
        if (((uint8_t)line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] == 0x7f)
            return refuse(r, "control character 0x%02x at column %zu; allowed: plain text",
                          (unsigned)(uint8_t)line.at[i], i + 1);
    return true;
}

/* Whether text has a ';' or '#' after a blank. */
static bool has_comment(struct span text)
{
    for (size_t i = 1; i < text.len; i++)
        if ((text.at[i] == ';' || text.at[i] == '#') &&
            (text.at[i - 1] == ' ' || text.at[i - 1] == '\t'))
            return true;
    return false;
}

/* A line that is not indented, or the end of the file, completes the value of a key. */
static void flush(struct reader *r)
{
    int line = r->key_line;

    r->key_line = 0;
    if (r->failed || line == 0)
        return;
    if (r->key.failed || r->value.failed) {
        refuse(r, "the value before this line is too long; allowed: %d bytes", INIFILE_VALUE_MAX);
        return;
    }
    r->err->line = line;
    if (!r->handler->value(r->ctx, buf_span(&r->key), buf_span(&r->value), line, r->err))
        fail(r);
}

/* A section never reaches inih, which would cut its name. */
static bool read_header(struct reader *r, struct span line)
{
    char shown[INIFILE_SHOWN_MAX];

    if (line.at[line.len - 1] != ']' || has_comment(line))
        return refuse(r, "\"%s\"; allowed: [section] alone on its line", inifile_show(line, shown));
    r->key_open = false;
    r->err->line = r->line;
    return r->handler->section(r->ctx, span_trim(span_of(line.at + 1, line.len - 2)), r->line,
                               r->err) ||
           fail(r);
}

/* A line with a key: takes it apart, for read_piece to hand over. */
static bool check_pair(struct reader *r, struct span line)
{
    char shown[INIFILE_SHOWN_MAX];
    ptrdiff_t equals = span_find(line, '=');
    ptrdiff_t colon = span_find(line, ':');

    inifile_show(line, shown);
    if (equals < 0 || (colon >= 0 && colon < equals))
        return refuse(r, "\"%s\" is not a setting; allowed: key = value", shown);
    struct span key = span_trim(span_head(line, (size_t)equals));
    /* A longer key would not fit into one piece. */
    if (key.len == 0 || key.len > KEY_MAX)
        return refuse(r, "\"%s\"; allowed: keys of 1 to %d bytes", shown, KEY_MAX);
    if (has_comment(span_skip(line, (size_t)equals)))
        return refuse(r, "\"%s\": a comment needs a line of its own", shown);
    r->key_open = r->handler->is_list(r->ctx, key);
    r->continued = false;
    r->name = key;
    r->piece = span_trim(span_skip(line, (size_t)equals + 1));
    return true;
}

/* An indented line: the whole of it is a piece of the value before. */
static bool check_continuation(struct reader *r, struct span line)
{
    char shown[INIFILE_SHOWN_MAX];

    inifile_show(line, shown);
    if (!r->key_open)
        return refuse(r,
                      "\"%s\" is indented; only a list may continue on indented lines, right below "
                      "its key",
                      shown);
    if (has_comment(line))
        return refuse(r, "\"%s\": a comment needs a line of its own", shown);
    r->continued = true;
    r->piece = line;
    return true;
}

/* Whether the line has a piece: a key, or more of a list. */
static bool read_line(struct reader *r, struct span line)
{
    struct span text = span_trim(line);
    bool indented = text.at != line.at;

    if (!check_bytes(r, line))
        return false;
    if (text.len == 0)
        r->key_open = r->key_bad = false;
    if (text.len == 0 || text.at[0] == '#' || text.at[0] == ';' || (indented && r->key_bad))
        return false;
    if (indented)
        return check_continuation(r, text);
    flush(r);
    if (r->failed)
        return false;
    r->key_bad = false;
    if (text.at[0] == '[') {
        read_header(r, text);
        return false;
    }
    r->key_bad = !check_pair(r, text);
    return !r->key_bad;
}

/* Finds the next line that has a piece. */
static bool next_piece(struct reader *r)
{
    while (r->rest.len && !r->failed)
        if (read_line(r, next_line(r)))
            return true;
    return false;
}

/* How many bytes of r->piece fit into `room`: all, or up to where it may be split. The next piece
 * must not begin with what inih takes for a comment, which check_pair rules out after a blank. */
static size_t cut(const struct reader *r, size_t room)
{
    struct span s = r->piece;

    if (s.len <= room)
        return s.len;
    for (size_t i = room; i > 0; i--)
        if (s.at[i] == ' ' || s.at[i] == '\t' ||
            (r->key_open && s.at[i - 1] == ',' && s.at[i] != '#' && s.at[i] != ';'))
            return i;
    return 0;
}

/* The value with this word is dropped, with the lines that continue it. */
static void refuse_word(struct reader *r, size_t room)
{
    refuse(r, "word too long; allowed: %zu bytes", room);
    if (r->continued)
        r->key_line = 0;
    r->piece = SPAN_NONE;
    r->key_bad = true;
}

/* Takes the place of fgets for inih. */
static char *read_piece(char *str, int size, void *stream)
{
    struct reader *r = stream;
    size_t room, n;

    for (;;) {
        bool first = r->piece.len == 0;
        if (r->failed || (first && !next_piece(r)))
            return NULL;
        r->continued |= !first;
        r->mid_word = !first && r->piece.at[-1] == ',';
        room = (size_t)size - 4; /* for a blank, "\n", NUL, and a byte that inih reserves */
        if (!r->continued)
            room -= r->name.len;
        n = cut(r, room);
        if (n > 0 || r->piece.len == 0)
            break;
        refuse_word(r, room);
    }
    if (r->continued) /* inih appends a line that begins with a blank */
        snprintf(str, (size_t)size, " %.*s\n", (int)n, r->piece.at);
    else
        snprintf(str, (size_t)size, "%.*s=%.*s\n", SPAN_ARG(r->name), (int)n, r->piece.at);
    r->piece = span_trim(span_skip(r->piece, n));
    return str;
}

/* Blanks within a value count as one, just as they do where a long line is split. */
static void add_words(struct buf *value, struct span text, bool mid_word)
{
    while ((text = span_trim(text)).len) {
        size_t n = 0;
        while (n < text.len && text.at[n] != ' ' && text.at[n] != '\t')
            n++;
        buf_add_str(value, value->len && !mid_word ? " " : "");
        buf_add(value, span_head(text, n));
        text = span_skip(text, n);
        mid_word = false;
    }
}

/* Called by inih for each piece; the value is complete when flush is called. */
static int take_value(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;

    (void)section; /* inih cuts it; read_header has all of it */
    if (!r->continued) {
        r->key.len = r->value.len = 0;
        buf_add_str(&r->key, name);
        buf_add(&r->value, SPAN_NONE);
        r->key_line = r->line;
    }
    add_words(&r->value, span_str(value), r->mid_word);
    return 1;
}

bool inifile_read(struct span text, const struct inifile_handler *handler, void *ctx,
                  struct inifile_error *err)
{
    struct reader r = {.handler = handler,
                       .ctx = ctx,
                       .err = err,
                       .rest = text,
                       .key = buf_new(INIFILE_LINE_MAX),
                       .value = buf_new(INIFILE_VALUE_MAX)};

    span_take(&r.rest, SPAN("\xef\xbb\xbf")); /* a byte order mark, from some editors */
    int status = ini_parse_stream(read_piece, &r, take_value, &r);
    if (status && !r.bad)
        refuse(&r, status == -2 ? "out of memory" : "a line of this file can't be parsed");
    flush(&r);
    buf_done(&r.key);
    buf_done(&r.value);
    return !r.bad;
}
