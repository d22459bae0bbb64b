/* SPDX-License-Identifier: MIT */
/*
 * Does:         the words used all over: incident kinds, origins, causes, classes, and their names.
 * Doesn't know: how a message comes by any of them.
 * Owns:         constant tables.
 * Time:         timeless.
 * Fails:        never; a value outside its enum is a bug, and asserted.
 */
#ifndef RELAYWATCH_BASE_TERMS_H
#define RELAYWATCH_BASE_TERMS_H

#include "base/span.h"

/* What an incident is about. */
enum kind {
    KIND_OPEN_RELAY,         /* strangers send to the outside through us */
    KIND_ACCOUNT_ABUSE,      /* a stolen login does */
    KIND_LOCAL_ABUSE,        /* a program on this host does */
    KIND_TRUSTED_RELAY,      /* a client in the trusted networks does */
    KIND_BACKSCATTER_SOURCE, /* we send notices to forged senders */
    KIND_BACKSCATTER_VICTIM, /* others forge our addresses, and we get the notices */
    KIND_COUNT
};

/* Where a message comes from. */
enum origin {
    ORIGIN_NONE,    /* not seen yet: it may still turn out to be the child of another message */
    ORIGIN_OUTSIDE, /* a client that nobody trusts, without a login */
    ORIGIN_TRUSTED, /* a client in the trusted networks */
    ORIGIN_ACCOUNT, /* a login */
    ORIGIN_LOCAL,   /* a program on this host */
    ORIGIN_BOUNCE,  /* a notice about another message */
    ORIGIN_FORWARD, /* another message, forwarded by local(8) */
    ORIGIN_FILTER,  /* another message, back from a content filter */
    ORIGIN_REQUEUE, /* another message under a new ID (postsuper -r) */
    ORIGIN_PROBE,   /* verify(8), which tries an address */
    ORIGIN_UNKNOWN, /* its acceptance is not in the log */
    ORIGIN_COUNT
};

/* Why a notice (non-delivery, delay, delivery status) was sent. */
enum cause {
    CAUSE_NONE,
    CAUSE_UNKNOWN_LOCAL_RECIPIENT,
    CAUSE_UNKNOWN_RELAY_RECIPIENT,
    CAUSE_FORWARD_REFUSED,
    CAUSE_FILTER_REFUSED,
    CAUSE_RELAYED,
    CAUSE_OVER_QUOTA,
    CAUSE_MAIL_LOOP,
    CAUSE_EXPIRED,
    CAUSE_AUTOREPLY,
    CAUSE_DELAY_NOTICE,
    CAUSE_DSN_REQUESTED,
    CAUSE_OTHER,
    CAUSE_COUNT
};

/* Whose a domain is, of a recipient or a sender. */
enum domain_class {
    CLASS_UNKNOWN,
    CLASS_OURS,
    CLASS_RELAY_DOMAIN,
    CLASS_OUTSIDE,
    CLASS_NULL, /* senders only */
    CLASS_COUNT
};

/* Postfix's classes of addresses: by which table it knows the recipients of a domain. */
enum address_class {
    ADDRESS_UNKNOWN,
    ADDRESS_LOCAL,           /* mydestination: local_recipient_maps */
    ADDRESS_VIRTUAL_ALIAS,   /* virtual_alias_domains: virtual_alias_maps */
    ADDRESS_VIRTUAL_MAILBOX, /* virtual_mailbox_domains: virtual_mailbox_maps */
    ADDRESS_RELAY,           /* relay_domains: relay_recipient_maps */
    ADDRESS_OUTSIDE,
    ADDRESS_COUNT
};

/* What shows that a domain is ours, weakest first. */
enum proof {
    PROOF_NONE,        /* not the log; the settings may say it */
    PROOF_OF_HOSTNAME, /* it is the host's own name, which says nothing of the others */
    PROOF_BY_DELIVERY, /* an lmtp or pipe transport has its mail, which may be a filter unnamed */
    PROOF_SENT_AWAY,   /* smtp(8) also takes its mail to a stranger, so a delivery proves nothing */
    PROOF_LIKE_GATEWAY, /* whose it is is open: strangers' mail for it goes on to its servers */
    PROOF_BY_MX,        /* a public mailbox provider's own server takes its mail: it is outside */
    PROOF_BY_NAME,      /* Postfix writes its own mail under it */
    PROOF_BY_LOGIN,     /* somebody logs in as one of it */
    PROOF_BY_REFUSAL,   /* smtpd refuses its mail as not ours, or an address as unknown */
    PROOF_BY_SOCKET,    /* what listens on a socket here takes its mail: mostly mailboxes */
    PROOF_CERTAIN,      /* a mailbox on this host took its mail */
    PROOF_COUNT
};
/* "a mailbox here took its mail": what shows that the domain is ours, or is not. */
const char *proof_text(enum proof proof);

const char *kind_name(enum kind kind); /* "open-relay" */
const char *origin_name(enum origin origin);
const char *cause_name(enum cause cause); /* CAUSE_NONE is "none" */
/* The Postfix setting that cures it, or NULL. */
const char *cause_setting(enum cause cause);
const char *class_name(enum domain_class class);
const char *address_class_name(enum address_class class); /* "virtual-mailbox" */

#endif
