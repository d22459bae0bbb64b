/* SPDX-License-Identifier: MIT */
#include "report/shell_quote.h"

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* Within single quotes only the quote itself means anything. */
static void add_plain(struct buf *to, struct span text)
{
    buf_add_str(to, "'");
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '\'')
            buf_add_str(to, "'\\''");
        else
            buf_printf(to, "%c", text.at[i]);
    buf_add_str(to, "'");
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Bytes beyond ASCII would be shown as "?"; the shell's own printf makes them from digits. */
static void add_printf(struct buf *to, struct span text)
{
    buf_add_str(to, "\"$(printf '");
    for (size_t i = 0; i < text.len; i++)
        if (is_letter_or_digit(text.at[i]) || text.at[i] == '.' || text.at[i] == '@')
            buf_printf(to, "%c", text.at[i]);
        else
            buf_printf(to, "\\%03o", (unsigned char)text.at[i]);
    buf_add_str(to, "')\"");
}

bool shell_quote(struct buf *to, struct span text)
{
    bool ascii = true;

    for (size_t i = 0; i < text.len; i++) {
        if (is_control(text.at[i]))
            return false;
        ascii &= (unsigned char)text.at[i] < 0x80;
    }
    if (ascii)
        add_plain(to, text);
    else
        add_printf(to, text);
    return true;
}

bool shell_word(struct buf *to, struct span text)
{
    bool plain = text.len > 0 && text.at[0] != '-';

    for (size_t i = 0; i < text.len; i++)
        plain &= is_letter_or_digit(text.at[i]) || memchr("/._-@+,:", text.at[i], 8) != NULL;
    if (plain)
        buf_add(to, text);
    return plain || shell_quote(to, text);
}

bool shell_is_host(struct span name)
{
    bool is_host = name.len > 0 && name.len <= SHELL_HOST_MAX && is_letter_or_digit(name.at[0]);

    for (size_t i = 0; i < name.len; i++)
        is_host &= is_letter_or_digit(name.at[i]) || memchr("._-:", name.at[i], 4) != NULL;
    return is_host;
}
