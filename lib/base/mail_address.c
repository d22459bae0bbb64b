/* SPDX-License-Identifier: MIT */
#include "base/mail_address.h"

#include <libpsl.h>

enum { DOMAIN_MAX = 256 };

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

/* What somebody registered of the domain, in buf; NULL: nothing. */
static const char *registered(struct span domain, char buf[DOMAIN_MAX])
{
    domain.len -= domain.len && domain.at[domain.len - 1] == '.';
    if (!domain.len || domain.len >= DOMAIN_MAX)
        return NULL;
    for (size_t i = 0; i < domain.len; i++)
        buf[i] = ascii_lower(domain.at[i]);
    buf[domain.len] = '\0';
    return psl_registrable_domain(psl_builtin(), buf);
}

bool mail_domain_is_related(struct span a, struct span b)
{
    char buf_a[DOMAIN_MAX], buf_b[DOMAIN_MAX];
    const char *of_a = registered(a, buf_a), *of_b = registered(b, buf_b);

    return of_a && of_b && strcmp(of_a, of_b) == 0;
}

struct span mail_address_without_verp(struct span address)
{
    struct span user = mail_address_user(address);
    ptrdiff_t equals = span_find_last(user, '=');
    ptrdiff_t cut = equals > 0 ? span_find(span_head(user, (size_t)equals), '+') : -1;

    if (equals > 0 && cut < 0)
        cut = span_find(span_head(user, (size_t)equals), '-');
    return cut > 0 ? span_head(user, (size_t)cut) : user;
}

struct span mail_address_list(struct span address)
{
    static const struct span ends[] = {SPAN("-owner"), SPAN("-bounces"), SPAN("-request"),
                                       SPAN("-bounce"), SPAN("-return")};
    ptrdiff_t at = span_find_last(address, '@'), plus;
    struct span local = span_head(address, at > 0 ? (size_t)at : 0);

    if (span_take(&local, SPAN("owner-")))
        return local;
    if ((plus = span_find(local, '+')) > 0)
        local.len = (size_t)plus;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (local.len > ends[i].len && span_ends(local, ends[i]))
            return span_head(local, local.len - ends[i].len);
    return SPAN_NONE;
}
