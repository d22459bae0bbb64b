/* SPDX-License-Identifier: MIT */
#include "site/postconf_exits.h"

#include <stdio.h>
#include <stdlib.h>

#include "site/postconf_filter.h"
#include "site/postconf_value.h"
#include "site/site_hops.h"

/* COPIES: of tables. More of them are every user's own, not the site's archive. */
enum { NAME_MAX_BYTES = 300, COPIES = 32 };

struct apply {
    const struct postconf *postconf;
    struct site *site;
    struct postconf_walk walk;
    const struct rule *rule;
    struct span name; /* of the current setting */
    int copies;
};

struct rule {
    const char *name;    /* "/transport_maps" */
    const char *program; /* that reads it; NULL: several do */
    bool is_table;
    void (*add)(struct apply *a, struct span key, struct span value);
};

static void add_relayhost(struct apply *a, struct span key, struct span value)
{
    (void)key;
    postconf_apply_relayhost(a->site, value);
}

/* These deliver nowhere, and what follows the colon is a text. */
static bool is_no_transport(struct span value)
{
    return span_starts(value, SPAN("error:")) || span_starts(value, SPAN("retry:")) ||
           span_starts(value, SPAN("discard:")) || span_equal_nocase(value, SPAN("DUNNO"));
}

static void add_transport(struct apply *a, struct span key, struct span value)
{
    (void)key;
    if (!is_no_transport(value))
        postconf_apply_transport(a->site, value);
}

/* A single domain's may lead to its mailboxes. */
static void add_transport_of_all(struct apply *a, struct span key, struct span value)
{
    if (span_equal(key, POSTCONF_EVERYTHING))
        add_transport(a, key, value);
}

static void add_filter(struct apply *a, struct span key, struct span value)
{
    (void)key;
    postconf_apply_filter(a->site, value);
}

static void add_copy(struct apply *a, struct span key, struct span value)
{
    (void)key;
    if (!site_is_copy(a->site, value) && (!a->rule->is_table || a->copies++ < COPIES))
        site_add_copy(a->site, value);
}

static const struct rule rules[] = {
    {"/content_filter", NULL, false, add_filter},
    {"/relayhost", "trivial-rewrite", false, add_relayhost},
    {"/default_transport", "trivial-rewrite", false, add_transport},
    {"/transport_maps", "trivial-rewrite", true, add_transport_of_all},
    {"/sender_dependent_relayhost_maps", "trivial-rewrite", true, add_relayhost},
    {"/sender_dependent_default_transport_maps", "trivial-rewrite", true, add_transport},
    {"/smtp_fallback_relay", "smtp", false, add_relayhost},
    {"/sender_bcc_maps", "cleanup", true, add_copy},
    {"/recipient_bcc_maps", "cleanup", true, add_copy},
    {"/always_bcc", "cleanup", false, add_copy},
};

static bool take_entry(void *ctx, struct span key, struct span value)
{
    struct apply *a = ctx;

    a->rule->add(a, key, value);
    return true;
}

static void see_unlisted(void *ctx, struct span item)
{
    struct apply *a = ctx;

    site_add_unlisted(a->site, a->name, postconf_shown(item));
}

static void apply_setting(struct apply *a, const char *name)
{
    char *value = postconf_value(a->postconf, a->site, name);

    a->name = span_str(name);
    if (value && a->rule->is_table)
        postconf_each_item(&a->walk, span_str(value));
    else if (value)
        a->rule->add(a, SPAN_NONE, span_trim(span_str(value)));
    free(value);
}

/* "rewrite/unix/relayhost": whether that service is known to run a program that doesn't read the
 * setting. */
static bool is_of_another(const struct apply *a, struct span name)
{
    struct span program = span_str(a->rule->program);
    char service[NAME_MAX_BYTES];

    snprintf(service, sizeof(service), "%.*s", (int)span_find_last(name, '/'), name.at);
    struct span command = postconf_get(a->postconf, service);
    return program.len && command.len &&
           (!span_take(&command, program) || (command.len && command.at[0] != ' '));
}

static void take_of_service(void *ctx, struct span name, struct span value)
{
    char text[NAME_MAX_BYTES];

    (void)value;
    if (is_of_another(ctx, name))
        return;
    snprintf(text, sizeof(text), "%.*s", SPAN_ARG(name));
    apply_setting(ctx, text);
}

void postconf_apply_exits(const struct postconf *postconf, struct site *site, postconf_list *list,
                          void *ctx)
{
    struct apply a = {
        .postconf = postconf,
        .site = site,
        .walk = {.list = list, .list_ctx = ctx, .entry = take_entry, .unlisted = see_unlisted}};

    a.walk.ctx = &a;
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        a.rule = &rules[i];
        apply_setting(&a, rules[i].name + 1);
        postconf_each(postconf, rules[i].name, take_of_service, &a);
    }
}
