/* SPDX-License-Identifier: MIT */
#include "parse/record_header.h"

/* cleanup/cleanup_message.c, cleanup_act: "%.200s" of the header's name and text. */
enum { SHOWN_MAX = 200 };

static const struct {
    struct span name;
    enum mail_header header;
} names[] = {
    {SPAN("Subject:"), MAIL_HEADER_SUBJECT},
    {SPAN("X-PHP-Originating-Script:"), MAIL_HEADER_SCRIPT},
    {SPAN("X-PHP-Script:"), MAIL_HEADER_SCRIPT},
};

/* "NAME[ADDRESS]; ...", "local; ..." or "unknown; ...". */
static bool is_origin(struct span s)
{
    ptrdiff_t end = span_find(s, ';');

    if (end <= 0 || ((size_t)end + 1 < s.len && s.at[end + 1] != ' '))
        return false;
    s.len = (size_t)end;
    return span_equal(s, SPAN("local")) || span_equal(s, SPAN("unknown")) ||
           (s.at[end - 1] == ']' && span_find(s, ' ') < 0 && span_find(s, '[') > 0);
}

/* Where " from ORIGIN; from=<..." begins behind a header, of which `shown` bytes may be there. The
 * header may hold the same words, and none of what follows is used: the last place that fits shows
 * most of it. */
static size_t end_of_text(struct span s, size_t shown)
{
    static const struct span from = SPAN(" from ");
    size_t end = s.len < shown ? s.len : shown;

    for (size_t at = end + 1; at-- > 0;)
        if (at < s.len && s.at[at] == ' ' && span_starts(span_skip(s, at), from) &&
            is_origin(span_skip(s, at + from.len)))
            return at;
    return end;
}

/* "shop.example/x.php for 192.0.2.1": the visitor is another each time. */
static struct span without_visitor(struct span s)
{
    static const struct span visitor = SPAN(" for ");

    for (size_t at = s.len; at-- > 0;)
        if (span_starts(span_skip(s, at), visitor))
            return span_head(s, at);
    return s;
}

/* No UTF-8 sequence is cut in two: the bytes after its first one begin with the bits 10. */
static struct span cut(struct span s)
{
    size_t len = RECORD_HEADER_MAX;

    if (s.len <= len)
        return s;
    while (len > 0 && (s.at[len] & 0xc0) == 0x80)
        len--;
    return span_head(s, len);
}

static struct span trim(struct span s)
{
    while (s.len && s.at[0] == ' ')
        s = span_skip(s, 1);
    return span_trim_end(s);
}

void record_parse_header(struct span s, struct record *ret)
{
    static const struct span header = SPAN(": header ");
    ptrdiff_t colon = span_find_near(s, ':');

    if (colon < 0 || !span_starts(span_skip(s, (size_t)colon), header) ||
        span_starts(s, SPAN("milter-"))) /* such a header was added by a milter */
        return;
    s = span_skip(s, (size_t)colon + header.len);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct span name = names[i].name, text = s;
        if (s.len < name.len || !span_equal_nocase(span_head(s, name.len), name))
            continue;
        text = span_skip(s, name.len);
        text.len = end_of_text(text, SHOWN_MAX - name.len);
        if (names[i].header == MAIL_HEADER_SCRIPT)
            text = without_visitor(text);
        text = trim(cut(trim(text)));
        if (!text.len)
            return;
        ret->header = (uint8_t)names[i].header;
        ret->header_text = text;
        if (ret->type == RECORD_NOTE) {
            ret->type = RECORD_SAYS;
            ret->shape = "content check: a header";
        }
        return;
    }
}
