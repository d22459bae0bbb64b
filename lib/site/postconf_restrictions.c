/* SPDX-License-Identifier: MIT */
#include "site/postconf_restrictions.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/address.h"
#include "site/postconf_expand.h"
#include "site/postconf_list.h"

#define CLASS_DEPTH_MAX  4 /* smtpd_restriction_classes that name each other */
#define WORDS_MAX        10000
#define NAME_MAX_BYTES   64
#define SERVICE_NAME_MAX 400

/* words ends with NULL. */
static bool is_one_of(struct span word, const char *const *words)
{
    while (*words && !span_equal_nocase(word, span_str(*words)))
        words++;
    return *words != NULL;
}

/* What refuses strangers. */
static bool is_guard(struct span word)
{
    static const char *const guards[] = {"reject",
                                         "defer",
                                         "defer_if_permit",
                                         "reject_unauth_destination",
                                         "defer_unauth_destination",
                                         "check_relay_domains",
                                         NULL};

    return is_one_of(word, guards);
}

/* The right side of an access(5) table: "OK", "permit", and any number. */
static bool is_permission(struct span result)
{
    static const char *const words[] = {"ok", "permit", NULL};
    uint64_t n;

    result = postconf_unbrace(span_trim(result));
    return is_one_of(result, words) || (span_take_number(&result, &n) && result.len == 0);
}

/* Whether this pattern of an inline table matches everything. */
static bool matches_all(struct span type, struct span pattern)
{
    static const char *const patterns[] = {"//", "/./", "/.*/", "/^/", "/^.*/", "/^.*$/", NULL};
    struct network net;

    if (span_equal(type, SPAN("cidr")))
        return network_parse(pattern, &net) && net.prefix == (address_is_v4(&net.base) ? 96 : 0);
    return is_one_of(pattern, patterns);
}

/* "cidr:{ {192.0.2.7 REJECT} {0.0.0.0/0 OK} }": the first entry that matches everything decides for
 * all whom the entries before it don't name. */
static bool inline_passes_all(struct span type, struct span table)
{
    struct span entry;

    table = postconf_unbrace(table);
    while (postconf_next(&table, &entry)) {
        size_t n = 0;
        entry = postconf_unbrace(entry);
        while (n < entry.len && entry.at[n] != ' ' && entry.at[n] != '\t')
            n++;
        if (matches_all(type, span_head(entry, n)))
            return is_permission(span_skip(entry, n));
    }
    return false;
}

/* "inline:{ {pills.example = OK} }": whether any entry permits. */
static bool inline_passes_some(struct span table)
{
    struct span entry;

    table = postconf_unbrace(table);
    while (postconf_next(&table, &entry)) {
        entry = postconf_unbrace(entry);
        ptrdiff_t equals = span_find(entry, '=');
        if (equals >= 0 && is_permission(span_skip(entry, (size_t)equals + 1)))
            return true;
    }
    return false;
}

/* A client chooses its sender and HELO name: an entry that permits one of them permits anyone who
 * claims it. */
static enum relay_guard guard_of_access(struct span word, struct span table)
{
    bool is_claim = span_equal_nocase(word, SPAN("check_sender_access")) ||
                    span_equal_nocase(word, SPAN("check_helo_access"));
    struct span type, name;

    if (!postconf_table(table, &type, &name))
        return RELAY_ENDED;
    if (span_equal(type, SPAN("static")))
        return is_permission(name) ? RELAY_PASSED : RELAY_ENDED;
    /* Its content is elsewhere and unknown, so it is not accused. */
    if (name.len == 0 || name.at[0] != '{')
        return RELAY_ENDED;
    if (inline_passes_all(type, name))
        return RELAY_PASSED;
    if (is_claim && span_equal(type, SPAN("inline")) && inline_passes_some(name))
        return RELAY_CLAIMED;
    return RELAY_ENDED;
}

/* "check_client_access" and its kin. */
static bool takes_access_table(struct span word)
{
    return span_starts(word, SPAN("check_")) && span_ends(word, SPAN("_access"));
}

/* Reading one list, and the classes it names. */
struct reading {
    const struct postconf *postconf;
    int depth;
    int words; /* read so far; bounds the work when classes name each other */
};

static enum relay_guard guard_of(struct reading *reading, struct span list, struct span *ret_at);

/* A word defined by smtpd_restriction_classes stands for the setting of that name. */
static enum relay_guard guard_of_class(struct reading *reading, struct span word)
{
    char name[NAME_MAX_BYTES];
    struct span at;
    enum relay_guard guard = RELAY_ENDED;

    /* A class may name itself. */
    if (reading->depth == CLASS_DEPTH_MAX || word.len >= sizeof(name))
        return RELAY_ENDED;
    memcpy(name, word.at, word.len);
    name[word.len] = '\0';
    struct span value = postconf_get(reading->postconf, name);
    char *text = value.len ? postconf_expand(reading->postconf, value) : NULL;
    reading->depth++;
    if (text)
        guard = guard_of(reading, span_str(text), &at);
    reading->depth--;
    free(text);
    return guard;
}

/* What the restriction `word` does. Cuts its argument, if it has one, off *list, and extends *word
 * over it. */
static enum relay_guard guard_of_word(struct reading *reading, struct span *word, struct span *list)
{
    struct span table;

    if (is_guard(*word))
        return RELAY_GUARDED;
    if (span_equal_nocase(*word, SPAN("permit")))
        return RELAY_PASSED;
    if (!takes_access_table(*word))
        return guard_of_class(reading, *word);
    if (!postconf_next(list, &table))
        return RELAY_ENDED;
    enum relay_guard guard = guard_of_access(*word, table);
    word->len = (size_t)(table.at + table.len - word->at);
    return guard;
}

/* The first restriction that guards or passes decides. warn_if_reject disarms the next one. */
static enum relay_guard guard_of(struct reading *reading, struct span list, struct span *ret_at)
{
    struct span word;
    bool only_warns = false;

    while (postconf_next(&list, &word)) {
        /* Nobody writes so many by hand. Give up without a warning, which might be wrong. */
        if (++reading->words > WORDS_MAX)
            return RELAY_GUARDED;
        enum relay_guard guard = guard_of_word(reading, &word, &list);
        *ret_at = word;
        if (guard != RELAY_ENDED && !(guard == RELAY_GUARDED && only_warns))
            return guard;
        only_warns = span_equal_nocase(word, SPAN("warn_if_reject"));
    }
    *ret_at = SPAN_NONE;
    return RELAY_ENDED;
}

enum relay_guard postconf_relay_guard(const struct postconf *postconf, struct span list,
                                      struct span *ret_at)
{
    struct reading reading = {.postconf = postconf};

    return guard_of(&reading, list, ret_at);
}

/* of: "", or "submission/inet: ". */
static void warn(struct site *site, const char *of, enum relay_guard guard, struct span list,
                 struct span at)
{
    static const char code[] = "relay-restrictions-open";
    struct span decisive = guard == RELAY_ENDED ? list : at;
    struct span shown = postconf_shown(decisive);
    const char *dots = shown.len < decisive.len ? "..." : "";

    if (guard == RELAY_PASSED)
        site_warn(site, code,
                  "%ssmtpd_relay_restrictions permits everybody at \"%.*s%s\" before anything "
                  "refuses, so strangers may relay. Put reject_unauth_destination before it, or "
                  "remove it.",
                  of, SPAN_ARG(shown), dots);
    else if (guard == RELAY_CLAIMED)
        site_warn(site, code,
                  "%ssmtpd_relay_restrictions permits at \"%.*s%s\" whoever gives a certain "
                  "sender or HELO name, which anybody can forge, so strangers may relay. Put "
                  "reject_unauth_destination before it, or return DUNNO instead of OK.",
                  of, SPAN_ARG(shown), dots);
    else
        site_warn(site, code,
                  "%ssmtpd_relay_restrictions is \"%.*s%s\", and nothing in it refuses: Postfix "
                  "then accepts mail for anywhere, or does not start smtpd at all. End it with "
                  "reject_unauth_destination.",
                  of, SPAN_ARG(shown), dots);
}

void postconf_warn_relay(const struct postconf *postconf, struct site *site)
{
    char *relay, *recipient;
    struct span at, ignored;

    if (!postconf_has(postconf, "smtpd_relay_restrictions"))
        return;
    relay = postconf_expand(postconf, postconf_get(postconf, "smtpd_relay_restrictions"));
    recipient = postconf_expand(postconf, postconf_get(postconf, "smtpd_recipient_restrictions"));
    if (relay && recipient) {
        struct span list = span_str(relay);
        enum relay_guard guard = postconf_relay_guard(postconf, list, &at);
        if (guard != RELAY_GUARDED &&
            postconf_relay_guard(postconf, span_str(recipient), &ignored) != RELAY_GUARDED)
            warn(site, "", guard, list, at);
    }
    free(relay);
    free(recipient);
}

/* What the service has, or else main.cf. NULL if neither has it, or if it can't be expanded. */
static char *list_of_service(const struct postconf *postconf, const char *service, const char *name)
{
    char full[SERVICE_NAME_MAX];

    snprintf(full, sizeof(full), "%s/%s", service, name);
    if (postconf_has(postconf, full))
        name = full;
    return postconf_has(postconf, name) ? postconf_expand(postconf, postconf_get(postconf, name))
                                        : NULL;
}

/* Any of smtpd's lists may refuse strangers before smtpd_relay_restrictions lets them through. */
static bool is_guarded_elsewhere(const struct postconf *postconf, const char *service)
{
    static const char *const names[] = {"smtpd_client_restrictions", "smtpd_helo_restrictions",
                                        "smtpd_sender_restrictions",
                                        "smtpd_recipient_restrictions"};
    bool guarded = false;
    struct span at;

    for (size_t i = 0; !guarded && i < sizeof(names) / sizeof(*names); i++) {
        char *list = list_of_service(postconf, service, names[i]);
        guarded = list && postconf_relay_guard(postconf, span_str(list), &at) == RELAY_GUARDED;
        free(list);
    }
    return guarded;
}

void postconf_warn_service(const struct postconf *postconf, struct site *site, const char *service)
{
    /* Postfix's default guards. */
    char *relay = list_of_service(postconf, service, "smtpd_relay_restrictions");
    char of[SERVICE_NAME_MAX];
    struct span at;

    if (relay) {
        enum relay_guard guard = postconf_relay_guard(postconf, span_str(relay), &at);
        snprintf(of, sizeof(of), "%s: ", service);
        if (guard != RELAY_GUARDED && !is_guarded_elsewhere(postconf, service))
            warn(site, of, guard, span_str(relay), at);
    }
    free(relay);
}
