/* SPDX-License-Identifier: MIT */
#include "site/postconf_route.h"

#include <stdlib.h>

#include "site/postconf_expand.h"

/* Any value of these may. */
static const char *const tables[] = {"virtual_alias_maps",       "canonical_maps",
                                     "recipient_canonical_maps", "recipient_bcc_maps",
                                     "transport_maps",           "content_filter"};
/* Of these, the transports that Postfix has for mailboxes don't. */
static const char *const transports[] = {"local_transport", "virtual_transport",
                                         "mailbox_transport"};

static bool is_for_mailboxes(struct span transport)
{
    static const struct span names[] = {SPAN("local"), SPAN("virtual"), SPAN("lmtp"), SPAN("error"),
                                        SPAN("discard")};
    ptrdiff_t colon = span_find(transport, ':');

    /* "lmtp:unix:private/dovecot" names the transport before its first colon. */
    if (colon >= 0)
        transport.len = (size_t)colon;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (span_equal(transport, names[i]))
            return true;
    return transport.len == 0;
}

static bool is_empty(struct span value)
{
    return value.len == 0;
}

static bool is_other(const struct postconf *postconf, const char *name, bool (*is)(struct span))
{
    char *value = postconf_expand(postconf, postconf_get(postconf, name));
    /* A value that can't be expanded may be anything, so it counts as other. */
    bool other = !value || !is(span_trim(span_str(value)));

    free(value);
    return other;
}

static void see_filter(void *ctx, struct span name, struct span value)
{
    bool *found = ctx;

    (void)name;
    *found |= span_trim(value).len > 0;
}

bool postconf_passes_ours_to_smtp(const struct postconf *postconf)
{
    bool found = false;

    postconf_each(postconf, "/content_filter", see_filter, &found);
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        found |= is_other(postconf, tables[i], is_empty);
    for (size_t i = 0; i < sizeof(transports) / sizeof(*transports); i++)
        found |= is_other(postconf, transports[i], is_for_mailboxes);
    return found;
}
