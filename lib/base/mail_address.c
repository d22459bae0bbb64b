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
    ptrdiff_t end = span_find_near(span_skip(s, i), '>');
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

bool mail_address_srs(struct span address, struct span *ret_user, struct span *ret_domain)
{
    struct span rest = mail_address_user(address);
    enum { TAG_LEN = 5 }; /* with "=", "+" or "-" */

    if (rest.len == address.len || rest.len <= TAG_LEN ||
        !span_equal_nocase(span_head(rest, TAG_LEN - 1), SPAN("SRS0")) ||
        span_find(SPAN("=+-"), rest.at[TAG_LEN - 1]) < 0)
        return false;
    rest = span_skip(rest, TAG_LEN);
    for (int i = 0; i < 2; i++) { /* hash and time */
        ptrdiff_t equals = span_find(rest, '=');
        if (equals < 0)
            return false;
        rest = span_skip(rest, (size_t)equals + 1);
    }
    ptrdiff_t end = span_find(rest, '=');
    if (end <= 0)
        return false;
    *ret_domain = span_head(rest, (size_t)end);
    *ret_user = span_skip(rest, (size_t)end + 1);
    return true;
}

bool mail_address_is_srs_of(struct span rewritten, struct span address)
{
    struct span user, domain;

    return mail_address_srs(rewritten, &user, &domain) && address.len > domain.len &&
           span_equal_nocase(domain, mail_address_domain(address)) &&
           span_equal_nocase(user, mail_address_user(address));
}

/* Of "news-return-17-bob=example.org" (ezmlm) or "news-bounces-17" (mlmmj), what comes before the
 * number. */
static struct span without_number(struct span local)
{
    static const struct span marks[] = {SPAN("-return-"), SPAN("-bounces-")};

    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        for (size_t at = 1; at + marks[i].len < local.len; at++)
            if (span_starts(span_skip(local, at), marks[i]) &&
                is_digit(local.at[at + marks[i].len]))
                return span_head(local, at + marks[i].len - 1);
    return local;
}

struct span mail_address_list(struct span address)
{
    static const struct span ends[] = {SPAN("-owner"), SPAN("-bounces"), SPAN("-request"),
                                       SPAN("-bounce"), SPAN("-return")};
    ptrdiff_t at = span_find_last(address, '@'), plus;
    struct span local = span_head(address, at > 0 ? (size_t)at : 0);

    if (span_take(&local, SPAN("owner-")))
        return local;
    if ((plus = span_find(local, '+')) > 0) {
        struct span list = span_head(local, (size_t)plus);
        if (span_starts(span_skip(local, list.len), SPAN("+bounces"))) /* mlmmj */
            return list;
        local = list;
    }
    local = without_number(local);
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
        if (local.len > ends[i].len && span_ends(local, ends[i]))
            return span_head(local, local.len - ends[i].len);
    return SPAN_NONE;
}

/* Who writes one address for each mail puts a number or some text without meaning into it. */
enum { TOKEN_MIN = 6, TOKEN_LONG = 16, TOKEN_DIGITS = 4 };

struct shape {
    size_t digits;
    bool begins, returns; /* with a digit; from a digit to a letter */
};

static struct shape shape_of(struct span part)
{
    struct shape shape = {.begins = part.len && is_digit(part.at[0])};
    bool before = false;

    for (size_t i = 0; i < part.len; i++) {
        bool digit = is_digit(part.at[i]);
        shape.digits += digit;
        shape.returns |= before && !digit;
        before = digit;
    }
    return shape;
}

/* "17", "8f3a", "af01c9", "aGVsbG8gd29ybGQ", but not "bob" or "bob17". Alone, a person's name may
 * begin with a digit, so it takes more. */
static bool is_token(struct span part, bool alone)
{
    struct shape shape = shape_of(part);

    if (alone)
        return part.len >= TOKEN_LONG && shape.digits >= TOKEN_DIGITS && shape.returns;
    return shape.begins || part.len >= TOKEN_LONG ||
           (part.len >= TOKEN_MIN && shape.digits > 1 && shape.returns);
}

static bool is_separator(char c)
{
    return span_find(SPAN("-_.=+"), c) >= 0;
}

/* Without the recipient that follows, or the detail. */
static struct span constant_part(struct span user)
{
    ptrdiff_t plus = span_find(user, '+'), equals = span_find_last(user, '=');

    if (equals > 0 && span_find(span_skip(user, (size_t)equals), '.') > 0) {
        struct span head = span_head(user, (size_t)equals);
        ptrdiff_t cut = plus > 0 && plus < equals ? plus : span_find(head, '-');
        if (cut > 0)
            return span_head(user, (size_t)cut);
    }
    return plus > 0 ? span_head(user, (size_t)plus) : user;
}

size_t mail_address_pattern(struct span address, char buf[MAIL_PATTERN_MAX])
{
    struct span user = mail_address_user(address), rest = constant_part(user);
    bool made = rest.len < user.len;
    size_t len = 0;

    for (bool alone = !made, more = true; more;) {
        size_t n = 0;
        while (n < rest.len && !is_separator(rest.at[n]))
            n++;
        struct span part = span_head(rest, n);
        more = n < rest.len;
        alone &= !more;
        bool token = is_token(part, alone);
        made |= token;
        alone = false;
        if (len + (token ? 1 : n) + 2 > MAIL_PATTERN_MAX)
            return 0;
        for (size_t i = 0; i < n && !token; i++)
            buf[len++] = ascii_lower(part.at[i]);
        if (token)
            buf[len++] = '#';
        if (more)
            buf[len++] = rest.at[n];
        rest = span_skip(rest, n + more);
    }
    if (rest.at != user.at + user.len && made)
        buf[len++] = '#';
    return made ? len : 0;
}
