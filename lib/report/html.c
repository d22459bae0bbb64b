/* SPDX-License-Identifier: MIT */
#include "report/html.h"

#include "report/view.h"

/* The character that s begins with, and its length; 0: no valid UTF-8. */
static size_t decode(struct span s, uint32_t *ret)
{
    const unsigned char *c = (const unsigned char *)s.at;
    size_t n = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (n == 0 || c[0] > 0xf4 || s.len < n)
        return 0;
    *ret = n == 1 ? c[0] : c[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 0;
        *ret = *ret << 6 | (c[i] & 0x3fu);
    }
    bool is_surrogate = *ret >= 0xd800 && *ret <= 0xdfff;
    return is_surrogate || *ret < least[n] || *ret > 0x10ffff ? 0 : n;
}

/* Characters that have no looks of their own, or change how others look: control characters,
 * directions, invisible ones, separators of lines, tags, and those that Unicode has for nobody. */
static const struct {
    uint32_t from, to;
} unseen[] = {
    {0x0, 0x1f},         {0x7f, 0xa0},     {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},
    {0x115f, 0x1160},    {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x2000, 0x200f}, {0x2028, 0x202f},
    {0x205f, 0x206f},    {0x3000, 0x3000}, {0x3164, 0x3164}, {0xe000, 0xf8ff}, {0xfdd0, 0xfdef},
    {0xfe00, 0xfe0f},    {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xffff}, {0x1d173, 0x1d17a},
    {0xe0000, 0x10ffff},
};

static bool is_unseen(uint32_t character)
{
    for (size_t i = 0; i < sizeof(unseen) / sizeof(*unseen); i++)
        if (character >= unseen[i].from && character <= unseen[i].to)
            return true;
    return (character & 0xfffe) == 0xfffe;
}

/* What stands for a character of ASCII; NULL: itself. */
static const char *entity(uint32_t character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '`': /* closes an attribute in old browsers */
        return "&#96;";
    default:
        return NULL;
    }
}

void html_text(struct buf *to, struct span text)
{
    while (text.len) {
        uint32_t character = 0;
        size_t n = decode(text, &character);
        if (n == 0) {
            buf_printf(to, "[0x%02X]", (unsigned char)text.at[0]);
            n = 1;
        } else if (is_unseen(character)) {
            buf_printf(to, "[U+%04X]", (unsigned)character);
        } else if (entity(character)) {
            buf_add_str(to, entity(character));
        } else {
            buf_add(to, span_head(text, n));
        }
        text = span_skip(text, n);
    }
}

void html_text_cut(struct buf *to, struct span text, size_t max)
{
    size_t head, tail;

    view_cut(text, max, &head, &tail);
    html_text(to, span_head(text, head));
    if (head == text.len)
        return;
    buf_printf(to, " [... %zu more bytes ...] ", text.len - head - tail);
    html_text(to, span_skip(text, text.len - tail));
}

void html_element(struct buf *to, const char *name, const char *class, const char *text)
{
    if (class)
        buf_printf(to, "<%s class=\"%s\">", name, class);
    else
        buf_printf(to, "<%s>", name);
    html_text(to, span_str(text));
    buf_printf(to, "</%s>\n", name);
}
