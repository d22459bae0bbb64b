/* SPDX-License-Identifier: MIT */
#include "parse/syslog_cut.h"

/* "2026-11-24T03:47:12.185246123+01:00 stdout P TEXT" */
struct cri {
    unsigned stream;
    bool goes_on;
    size_t tag;       /* where the P is */
    struct span text; /* what follows it */
};

static bool read_cri(struct span line, struct cri *ret)
{
    enum { DATE_MAX = sizeof("2026-11-24T03:47:12.185246123+01:00 ") - 1 };
    static const struct span streams[SYSLOG_CUT_STREAMS] = {SPAN("stdout "), SPAN("stderr ")};
    ptrdiff_t blank = span_find(span_head(line, line.len < DATE_MAX ? line.len : DATE_MAX), ' ');

    if (blank <= 0)
        return false;
    struct span rest = span_skip(line, (size_t)blank + 1);
    for (ret->stream = 0; !span_take(&rest, streams[ret->stream]);)
        if (++ret->stream == SYSLOG_CUT_STREAMS)
            return false;
    ret->tag = line.len - rest.len;
    ret->goes_on = span_take(&rest, SPAN("P "));
    ret->text = rest;
    return ret->goes_on || span_take(&ret->text, SPAN("F "));
}

static enum syslog_cut see(uint8_t *open, const struct cri *cri)
{
    unsigned bit = 1U << cri->stream;
    bool was_open = *open & bit;

    *open = (uint8_t)(cri->goes_on ? *open | bit : *open & ~bit);
    return cri->goes_on ? SYSLOG_CUT_PART : was_open ? SYSLOG_CUT_REST : SYSLOG_CUT_WHOLE;
}

enum syslog_cut syslog_cut_see_any(uint8_t *open, struct span line)
{
    struct cri cri;

    return read_cri(line, &cri) ? see(open, &cri) : SYSLOG_CUT_WHOLE;
}

static void keep(struct syslog_parts *parts, unsigned stream, struct span text)
{
    size_t *len = &parts->len[stream];

    if (text.len > SYSLOG_CUT_MAX - *len) {
        parts->too_long[stream] = true;
        return;
    }
    if (text.len)
        memcpy(parts->at[stream] + *len, text.at, text.len);
    *len += text.len;
}

static void keep_part(struct syslog_parts *parts, const struct cri *cri, struct span line,
                      bool first)
{
    unsigned stream = cri->stream;

    if (!first) {
        keep(parts, stream, cri->text);
        return;
    }
    parts->len[stream] = 0;
    parts->too_long[stream] = false;
    keep(parts, stream, line);
    if (!parts->too_long[stream])
        parts->at[stream][cri->tag] = 'F'; /* as what is joined is whole */
}

struct span syslog_cut_join(struct syslog_parts *parts, uint8_t *open, struct span line, char *buf,
                            size_t size)
{
    struct cri cri;

    if (line.len == 0 || !is_digit(line.at[0]) || !read_cri(line, &cri))
        return line;
    bool was_open = *open & (1U << cri.stream);
    switch (see(open, &cri)) {
    case SYSLOG_CUT_WHOLE:
        return line;
    case SYSLOG_CUT_PART:
        keep_part(parts, &cri, line, !was_open);
        return line;
    case SYSLOG_CUT_REST:
        break;
    }
    size_t len = parts->len[cri.stream];
    if (parts->too_long[cri.stream] || cri.text.len > SYSLOG_CUT_MAX - len ||
        len + cri.text.len > size)
        return span_head(line, cri.tag); /* which is no line */
    memmove(buf + len, cri.text.at, cri.text.len);
    memcpy(buf, parts->at[cri.stream], len);
    return span_of(buf, len + cri.text.len);
}

/* The last line of data[0 .. len), which ends with a newline. */
static struct span last_line(const char *data, size_t len)
{
    const char *before = len > 1 ? memrchr(data, '\n', len - 1) : NULL;
    const char *at = before ? before + 1 : data;

    return span_of(at, (size_t)(data + len - at));
}

/* Of whole lines: those before the first that goes on behind them. */
static size_t before_parts(const char *data, size_t len)
{
    enum { LINES = 8 }; /* to look back at: a part that never ends must not hold up the rest */
    size_t at = len, whole = len, next[SYSLOG_CUT_STREAMS] = {len, len};
    struct cri cri;

    for (int i = 0; i < LINES && at > 0 && (next[0] >= whole || next[1] >= whole); i++) {
        struct span line = last_line(data, at);
        if (!is_digit(line.at[0]) || !read_cri(line, &cri))
            break;
        at -= line.len;
        if (cri.goes_on && next[cri.stream] >= whole)
            whole = at;
        next[cri.stream] = at;
    }
    return whole;
}

size_t syslog_cut_whole(const char *data, size_t len, size_t most)
{
    const char *last = memrchr(data, '\n', len);

    if (!last)
        return 0;
    size_t lines = (size_t)(last + 1 - data), whole = before_parts(data, lines);
    return len - whole > most ? lines : whole;
}
