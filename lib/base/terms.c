/* SPDX-License-Identifier: MIT */
#include "base/terms.h"

#include <assert.h>

static const char *const kind_names[] = {
    [KIND_OPEN_RELAY] = "open-relay",
    [KIND_ACCOUNT_ABUSE] = "account-abuse",
    [KIND_LOCAL_ABUSE] = "local-abuse",
    [KIND_TRUSTED_RELAY] = "trusted-relay",
    [KIND_BACKSCATTER_SOURCE] = "backscatter-source",
    [KIND_BACKSCATTER_VICTIM] = "backscatter-victim",
};

static const char *const origin_names[] = {
    [ORIGIN_NONE] = "none",       [ORIGIN_OUTSIDE] = "outside", [ORIGIN_TRUSTED] = "trusted",
    [ORIGIN_ACCOUNT] = "account", [ORIGIN_LOCAL] = "local",     [ORIGIN_BOUNCE] = "bounce",
    [ORIGIN_FORWARD] = "forward", [ORIGIN_FILTER] = "filter",   [ORIGIN_REQUEUE] = "requeue",
    [ORIGIN_PROBE] = "probe",     [ORIGIN_UNKNOWN] = "unknown",
};

/* The setting is the one that cures the cause, not one that hides it. No setting cures an
 * autoreply, which a program outside Postfix writes, or "other", whose cause is unknown. */
static const struct {
    const char *name, *setting;
} causes[] = {
    [CAUSE_NONE] = {"none", NULL},
    [CAUSE_UNKNOWN_LOCAL_RECIPIENT] = {"unknown-local-recipient", "local_recipient_maps"},
    [CAUSE_UNKNOWN_RELAY_RECIPIENT] = {"unknown-relay-recipient", "relay_recipient_maps"},
    [CAUSE_FORWARD_REFUSED] = {"forward-refused", "smtpd_milters"},
    [CAUSE_FILTER_REFUSED] = {"filter-refused", "smtpd_proxy_filter"},
    [CAUSE_RELAYED] = {"relayed", "smtpd_relay_restrictions"},
    [CAUSE_OVER_QUOTA] = {"over-quota", "smtpd_recipient_restrictions"},
    [CAUSE_MAIL_LOOP] = {"mail-loop", "virtual_alias_maps"},
    [CAUSE_EXPIRED] = {"expired", "smtpd_recipient_restrictions"},
    [CAUSE_AUTOREPLY] = {"autoreply", NULL},
    [CAUSE_DELAY_NOTICE] = {"delay-notice", "delay_warning_time"},
    [CAUSE_DSN_REQUESTED] = {"dsn-requested", "smtpd_discard_ehlo_keywords"},
    [CAUSE_OTHER] = {"other", NULL},
};

static const char *const class_names[] = {
    [CLASS_UNKNOWN] = "unknown", [CLASS_OURS] = "ours", [CLASS_RELAY_DOMAIN] = "relay-domain",
    [CLASS_OUTSIDE] = "outside", [CLASS_NULL] = "null",
};

static const char *const address_class_names[] = {
    [ADDRESS_UNKNOWN] = "unknown",
    [ADDRESS_LOCAL] = "local",
    [ADDRESS_VIRTUAL_ALIAS] = "virtual-alias",
    [ADDRESS_VIRTUAL_MAILBOX] = "virtual-mailbox",
    [ADDRESS_RELAY] = "relay",
    [ADDRESS_OUTSIDE] = "outside",
};

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))
_Static_assert(COUNT_OF(kind_names) == KIND_COUNT, "a name for every kind");
_Static_assert(COUNT_OF(origin_names) == ORIGIN_COUNT, "a name for every origin");
_Static_assert(COUNT_OF(causes) == CAUSE_COUNT, "a row for every cause");
_Static_assert(COUNT_OF(class_names) == CLASS_COUNT, "a name for every class");
_Static_assert(COUNT_OF(address_class_names) == ADDRESS_COUNT, "a name for every class");

const char *kind_name(enum kind kind)
{
    assert(kind < KIND_COUNT);
    return kind_names[kind];
}

const char *origin_name(enum origin origin)
{
    assert(origin < ORIGIN_COUNT);
    return origin_names[origin];
}

const char *cause_name(enum cause cause)
{
    assert(cause < CAUSE_COUNT);
    return causes[cause].name;
}

const char *cause_setting(enum cause cause)
{
    assert(cause < CAUSE_COUNT);
    return causes[cause].setting;
}

const char *class_name(enum domain_class class)
{
    assert(class < CLASS_COUNT);
    return class_names[class];
}

const char *address_class_name(enum address_class class)
{
    assert(class < ADDRESS_COUNT);
    return address_class_names[class];
}

const char *proof_text(enum proof proof)
{
    /* In the order of enum proof: each ends a sentence such as "ours: smtpd's refusals". */
    static const char *const texts[] = {
        "the settings",
        "it is this host's own name",
        "lmtp or pipe delivers its mail here",
        "lmtp or pipe takes some of its mail, but smtp takes it to strangers' servers too",
        "strangers' mail for it goes on to one or two servers, as through a gateway",
        "a public mailbox provider's server takes its mail",
        "Postfix writes its own mail under it",
        "somebody logs in as one of its users",
        "smtpd's refusals",
        "lmtp delivers its mail to a socket here",
        "a mailbox here took its mail",
    };

    _Static_assert(sizeof(texts) / sizeof(*texts) == PROOF_COUNT, "a text for each");
    return texts[proof];
}
