/* SPDX-License-Identifier: MIT */
#include "base/mail_address.h"

ptrdiff_t mail_address_end(struct span s)
{
    size_t i = 0;

    if (s.len && s.at[0] == '"') {
        for (i = 1; i < s.len && s.at[i] != '"'; i++)
            if (s.at[i] == '\\')
                i++;
        if (i >= s.len)
            return -1;
    }
    ptrdiff_t end = span_find(span_skip(s, i), '>');
    return end < 0 ? -1 : end + (ptrdiff_t)i;
}
