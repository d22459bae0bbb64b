/* SPDX-License-Identifier: MIT */
#include "detect/scope.h"

const enum key_type scope_keys[KIND_COUNT][LEVELS_MAX] = {
    [KIND_OPEN_RELAY] = {KEY_CLIENT, KEY_NETWORK, KEY_SENDER_DOMAIN, KEY_HOST},
    [KIND_ACCOUNT_ABUSE] = {KEY_ACCOUNT},
    [KIND_LOCAL_ABUSE] = {KEY_SENDER, KEY_UID},
    [KIND_TRUSTED_RELAY] = {KEY_SENDER, KEY_CLIENT, KEY_HOST},
    [KIND_BACKSCATTER_SOURCE] = {KEY_CLIENT, KEY_NETWORK, KEY_HOST},
    [KIND_BACKSCATTER_VICTIM] = {KEY_RECIPIENT, KEY_RECIPIENT_DOMAIN},
};

enum key_type scope_key(enum kind kind, int level)
{
    return level < LEVELS_MAX ? scope_keys[kind][level] : KEY_NONE;
}

/* The level moves when the incident widens, and the type with it. */
enum key_type incident_key_type(const struct incident *incident)
{
    return scope_keys[incident->kind][incident->level];
}

const char *key_type_name(enum key_type type)
{
    static const char *const names[] = {
        "none",          "client", "client_network", "sender_domain", "sender",
        "sasl_username", "uid",    "host",           "recipient",     "recipient_domain"};

    _Static_assert(sizeof(names) / sizeof(*names) == KEY_COUNT, "a name for each");
    return names[type];
}

enum kind scope_kind(uint32_t scope)
{
    return (enum kind)(scope / CAUSE_COUNT % KIND_COUNT);
}

enum cause scope_cause(uint32_t scope)
{
    return (enum cause)(scope % CAUSE_COUNT);
}

uint16_t scope_host(uint32_t scope)
{
    return (uint16_t)(scope / CAUSE_COUNT / KIND_COUNT);
}

/* Hosts come first, so that the number of hosts may grow without renumbering. */
uint32_t scope_number(uint16_t host, enum kind kind, enum cause cause)
{
    return ((uint32_t)host * KIND_COUNT + kind) * CAUSE_COUNT + cause;
}

void scopes_near_unknown(struct detector *d)
{
    for (uint32_t scope = 0; scope < d->scope_count; scope++)
        if (d->scope[scope].first)
            d->scope[scope].near_s = NEAR_UNKNOWN;
}
