/* SPDX-License-Identifier: MIT */
#include "site/providers.h"

#include <stdlib.h>

#define NAME_LEN_MAX 255 /* RFC 1035; longer text is no host or domain name */
#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct span domains[] = {
#define DOMAIN(name, sources) {name, sizeof(name) - 1},
#include "site/providers.def"
};

static const struct span mx_rules[] = {
#define MX(name) {name, sizeof(name) - 1},
#include "site/providers.def"
};

static const struct span hosted_rules[] = {
#define HOSTED(name) {name, sizeof(name) - 1},
#include "site/providers.def"
};

static const struct span sender_rules[] = {
#define SENDER(name) {name, sizeof(name) - 1},
#include "site/providers.def"
};

/* A name in lower case, without a trailing dot. Lives on the caller's stack. */
struct lowered {
    char text[NAME_LEN_MAX];
    struct span name; /* into text */
};

/* False if it can't be a name. A leading dot would match the text of a rule. */
static bool lower(struct lowered *lowered, struct span name)
{
    /* "example.org." is the same name as "example.org". */
    if (name.len > 1 && name.at[name.len - 1] == '.')
        name.len--;
    if (name.len == 0 || name.len > NAME_LEN_MAX || name.at[0] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++)
        lowered->text[i] = ascii_lower(name.at[i]);
    lowered->name = span_of(lowered->text, name.len);
    return true;
}

/* strcmp order, for spans: a NUL in a log line must not end a name early. */
static int compare(const void *left, const void *right)
{
    const struct span *a = left, *b = right;
    int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);

    return order ? order : (a->len > b->len) - (a->len < b->len);
}

bool provider_has_domain(struct span domain)
{
    struct lowered lowered;

    return lower(&lowered, domain) &&
           bsearch(&lowered.name, domains, COUNT(domains), sizeof(*domains), compare) != NULL;
}

static bool is_by_rule(struct span host, const struct span *rules, size_t count)
{
    struct lowered lowered;

    if (!lower(&lowered, host))
        return false;
    /* Few enough for a loop: nearly every rule fails at its length or its last bytes. */
    for (size_t i = 0; i < count; i++) {
        struct span rule = rules[i];
        if (rule.at[0] == '.' ? span_ends(lowered.name, rule) : span_equal(lowered.name, rule))
            return true;
    }
    return false;
}

bool provider_has_mx(struct span host)
{
    return is_by_rule(host, mx_rules, COUNT(mx_rules));
}

bool provider_hosts_customers_at(struct span host)
{
    return is_by_rule(host, hosted_rules, COUNT(hosted_rules));
}

bool provider_sends_from(struct span host)
{
    return is_by_rule(host, sender_rules, COUNT(sender_rules));
}
