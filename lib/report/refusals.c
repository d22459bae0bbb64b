/* SPDX-License-Identifier: MIT */
#include "report/refusals.h"

#include <stdio.h>

enum { RELAY_SHOWN = 90 };

static struct span domain_of(const struct incident_view *view, enum address_class addresses)
{
    for (uint32_t i = 0; i < view->refused_domains.count; i++) {
        struct span text = intern_span(view->refused_domains.entry[i].text);
        if (refused_by_is_of(text, addresses))
            return refused_by_domain_of(text);
    }
    return SPAN_NONE;
}

/* The group of the same program and class; a new one while there is room. */
static struct refusals *group_of(struct refusals *group, uint32_t *count,
                                 const struct refused_by *by)
{
    for (uint32_t i = 0; i < *count; i++)
        if (group[i].by.agent == by->agent && group[i].by.addresses == by->addresses)
            return &group[i];
    if (*count == REFUSALS_MAX)
        return NULL;
    group[*count] = (struct refusals){.by = *by};
    return &group[(*count)++];
}

/* Few, and mostly in order: those of equal count stay so. */
static void sort(struct refusals *group, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct refusals moved = group[i];
        uint32_t at = i;
        for (; at > 0 && group[at - 1].count < moved.count; at--)
            group[at] = group[at - 1];
        group[at] = moved;
    }
}

uint32_t refusals_of(const struct incident_view *view, struct refusals ret[REFUSALS_MAX])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < view->refused_by.count; i++) {
        const struct tally_entry *entry = &view->refused_by.entry[i];
        struct refused_by by;
        struct refusals *of =
            refused_by_read(intern_span(entry->text), &by) ? group_of(ret, &count, &by) : NULL;
        if (of)
            of->count += entry->count;
    }
    sort(ret, count);
    for (uint32_t i = 0; i < count; i++)
        ret[i].domain = domain_of(view, ret[i].by.addresses);
    return count;
}

/* local_recipient_maps has by default those that local(8) delivers to, and not the users of a
 * mailbox server. */
static bool is_known_to_postfix(enum program agent)
{
    return agent == PROGRAM_LOCAL || agent == PROGRAM_ERROR || agent == PROGRAM_CLEANUP;
}

const char *refusals_setting(const struct refusals *refusals)
{
    static const char *const tables[ADDRESS_COUNT] = {
        [ADDRESS_LOCAL] = "local_recipient_maps",
        [ADDRESS_VIRTUAL_ALIAS] = "virtual_alias_maps",
        [ADDRESS_VIRTUAL_MAILBOX] = "virtual_mailbox_maps",
        [ADDRESS_RELAY] = "relay_recipient_maps",
    };
    enum address_class addresses = refusals->by.addresses;
    bool has_table = tables[addresses] &&
                     (addresses != ADDRESS_LOCAL || is_known_to_postfix(refusals->by.agent));

    return has_table ? tables[addresses] : "smtpd_recipient_restrictions";
}

const char *refusals_who(const struct refused_by *by, char *buf)
{
    const char *agent = program_name(by->agent);
    int shown = (int)(by->relay.len < RELAY_SHOWN ? by->relay.len : RELAY_SHOWN);

    if (by->agent == PROGRAM_PIPE)
        snprintf(buf, REFUSED_BY_MAX, "%.*s (pipe)", shown, by->relay.at);
    else if ((by->agent == PROGRAM_LMTP || by->agent == PROGRAM_SMTP) &&
             !span_equal(by->relay, SPAN("none")))
        snprintf(buf, REFUSED_BY_MAX, "%.*s (%s)", shown, by->relay.at, agent);
    else
        snprintf(buf, REFUSED_BY_MAX, "%s(8)", agent);
    return buf;
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* All of it is printable ASCII. */
static json_t *text(struct span s)
{
    return json_stringn(s.len ? s.at : "", s.len);
}

static json_t *refusal_json(const struct refused_by *by, uint32_t count)
{
    json_t *object = json_object();

    json_object_set_new(object, "agent", json_string(program_name(by->agent)));
    json_object_set_new(object, "class",
                        by->addresses == ADDRESS_UNKNOWN
                            ? json_null()
                            : json_string(address_class_name(by->addresses)));
    json_object_set_new(object, "relay", text(by->relay));
    json_object_set_new(object, "reply", text(by->reply));
    json_object_set_new(object, "count", json_integer(count));
    return object;
}

json_t *refusals_json(const struct incident_view *view)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < view->refused_by.count && i < VIEW_LIST_MAX; i++) {
        const struct tally_entry *entry = &view->refused_by.entry[i];
        struct refused_by by;
        if (refused_by_read(intern_span(entry->text), &by))
            json_array_append_new(list, refusal_json(&by, entry->count));
    }
    return list;
}

static bool was_before(const struct tally *domains, uint32_t i)
{
    struct span domain = refused_by_domain_of(intern_span(domains->entry[i].text));

    for (uint32_t k = 0; k < i; k++)
        if (span_equal(refused_by_domain_of(intern_span(domains->entry[k].text)), domain))
            return true;
    return false;
}

json_t *refusals_domains_json(const struct incident_view *view)
{
    const struct tally *domains = &view->refused_domains;
    json_t *list = json_array();

    for (uint32_t i = 0; i < domains->count && json_array_size(list) < VIEW_LIST_MAX; i++)
        if (!was_before(domains, i)) /* of another class */
            json_array_append_new(list,
                                  text(refused_by_domain_of(intern_span(domains->entry[i].text))));
    return list;
}
