/* SPDX-License-Identifier: MIT */
#include "site/postconf_value.h"

#include <stdlib.h>

#include "site/postconf_expand.h"
#include "site/postconf_list.h"

char *postconf_value(const struct postconf *postconf, struct site *site, const char *name)
{
    char *value = postconf_expand(postconf, postconf_get_or_default(postconf, name));

    if (!value)
        site_warn(site, "setting-not-understood",
                  "%s can't be expanded: it refers to itself, or is far too long. Its value is "
                  "ignored. Run postconf -x %s to see it.",
                  name, name);
    return value;
}

bool postconf_is_empty(const struct postconf *postconf, struct site *site, const char *name)
{
    char *value = postconf_value(postconf, site, name);
    bool empty = value && span_trim(span_str(value)).len == 0;

    free(value);
    return empty;
}

bool postconf_is_set(const struct postconf *postconf, struct site *site, const char *name)
{
    return postconf_has(postconf, name) && !postconf_is_empty(postconf, site, name);
}

bool postconf_lists(const struct postconf *postconf, struct site *site, const char *name,
                    struct span wanted)
{
    char *value = postconf_value(postconf, site, name);
    struct span list = span_str(value), item;
    bool found = false;

    while (!found && postconf_next(&list, &item))
        found = span_equal(item, wanted);
    free(value);
    return found;
}
