/* SPDX-License-Identifier: MIT */
/*
 * As postmap/postmap.c reads a line: a key ends at the first blank that is neither quoted nor
 * behind a backslash; a line that begins with "#" is a comment; what is not UTF-8 is ignored.
 */
#include "report/table_key.h"

#include "detect/tables.h"

/* The length of the sequence at the beginning of s; 0: none that UTF-8 has. */
static size_t sequence_len(struct span s)
{
    const unsigned char *c = (const unsigned char *)s.at;
    size_t len = c[0] < 0x80   ? 1
                 : c[0] < 0xc2 ? 0
                 : c[0] < 0xe0 ? 2
                 : c[0] < 0xf0 ? 3
                 : c[0] < 0xf5 ? 4
                               : 0;

    if (len > s.len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    /* Too long for what they say, surrogates, beyond the last one. */
    if (len > 2 && ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
                    (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f)))
        return 0;
    return len;
}

static bool is_utf8(struct span s)
{
    while (s.len) {
        size_t len = sequence_len(s);
        if (!len)
            return false;
        s = span_skip(s, len);
    }
    return true;
}

/* It would take the blank behind it into the key; two of them are one that does not. */
static bool ends_in_backslash(struct span s)
{
    size_t count = 0;

    while (count < s.len && s.at[s.len - 1 - count] == '\\')
        count++;
    return count % 2 == 1;
}

static bool has_control(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f)
            return true;
    return false;
}

const char *table_key_trouble(struct span key)
{
    if (!key.len)
        return "is empty";
    if (key.len >= CELL_TEXT_MAX)
        return "is too long, and was cut";
    if (has_control(key))
        return "holds control characters";
    if (span_find(key, ' ') >= 0)
        return "holds a blank, which ends the key of a Postfix table";
    if (span_find(key, '"') >= 0)
        return "holds a quotation mark, which a Postfix table wants in pairs";
    if (span_find(key, '?') >= 0)
        return "holds a \"?\", which the log has for anything that it can't print";
    if (key.at[0] == '#')
        return "begins with \"#\", as comments of a Postfix table do";
    if (ends_in_backslash(key))
        return "ends in a backslash, which joins it with what follows in a Postfix table";
    if (!is_utf8(key))
        return "is not UTF-8";
    return NULL;
}

const char *table_sender_trouble(struct span key)
{
    const char *trouble = table_key_trouble(key);
    ptrdiff_t at = key.len ? span_find_last(key, '@') : -1;

    if (trouble)
        return trouble;
    if (at < 0)
        return "has no domain, and a Postfix table would take it for one";
    if (at == 0)
        return "is a domain alone, and stands for all of it in a Postfix table";
    if ((size_t)at + 1 == key.len)
        return "has no domain, and stands for that name in all of them in a Postfix table";
    return NULL;
}
