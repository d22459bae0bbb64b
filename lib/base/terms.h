/* SPDX-License-Identifier: MIT */
/*
 * Does:         the words of the field: incident kinds, origins, causes, classes, and their names.
 * Doesn't know: how any of them is found.
 * Owns:         constant tables.
 * Time:         timeless.
 * Fails:        names are total over their enum; parsers return -1 for a word they don't know.
 */
#ifndef RELAYWATCH_BASE_TERMS_H
#define RELAYWATCH_BASE_TERMS_H

#include "base/span.h"

enum kind {
    KIND_OPEN_RELAY,
    KIND_ACCOUNT_ABUSE,
    KIND_LOCAL_ABUSE,
    KIND_TRUSTED_RELAY,
    KIND_BACKSCATTER_SOURCE,
    KIND_BACKSCATTER_VICTIM,
    KIND_COUNT
};

/* Where a message comes from; the proofs are in DESIGN §1. */
enum origin {
    ORIGIN_NONE, /* nothing seen yet: it may still be a child */
    ORIGIN_OUTSIDE,
    ORIGIN_TRUSTED,
    ORIGIN_ACCOUNT,
    ORIGIN_LOCAL,
    ORIGIN_BOUNCE,
    ORIGIN_FORWARD,
    ORIGIN_FILTER,
    ORIGIN_REQUEUE,
    ORIGIN_PROBE,
    ORIGIN_UNKNOWN, /* its acceptance is not in the log */
    ORIGIN_COUNT
};

/* Why a notice was written. */
enum cause {
    CAUSE_NONE,
    CAUSE_UNKNOWN_LOCAL_RECIPIENT,
    CAUSE_UNKNOWN_RELAY_RECIPIENT,
    CAUSE_FORWARD_REFUSED,
    CAUSE_FILTER_REFUSED,
    CAUSE_RELAYED,
    CAUSE_EXPIRED,
    CAUSE_AUTOREPLY,
    CAUSE_DELAY_NOTICE,
    CAUSE_DSN_REQUESTED,
    CAUSE_OTHER,
    CAUSE_COUNT
};

/* Recipient and sender classes share the first three words. */
enum domain_class {
    CLASS_UNKNOWN,
    CLASS_OURS,
    CLASS_RELAY_DOMAIN,
    CLASS_OUTSIDE,
    CLASS_NULL, /* senders only */
    CLASS_COUNT
};

/* What says that a domain is ours. */
enum proof {
    PROOF_NONE,        /* not the log; the settings may say it */
    PROOF_OF_HOSTNAME, /* it is the host's own name, which says nothing of the others */
    PROOF_BY_DELIVERY, /* an lmtp or pipe transport has its mail, which may be a filter unnamed */
    PROOF_BY_NAME,     /* Postfix writes its own mail under it */
    PROOF_BY_LOGIN,    /* somebody logs in as one of it */
    PROOF_BY_REFUSAL,  /* smtpd refuses its mail as not ours, or an address as unknown */
    PROOF_CERTAIN,     /* a mailbox on this host took its mail */
    PROOF_COUNT
};
/* "a mailbox here took its mail": what shows that the domain is ours, or is not. */
const char *proof_text(enum proof proof);

const char *kind_name(enum kind kind); /* "open-relay" */
const char *origin_name(enum origin origin);
const char *cause_name(enum cause cause); /* CAUSE_NONE is "none" */
/* The Postfix setting that ends it, or NULL. */
const char *cause_setting(enum cause cause);
const char *class_name(enum domain_class class);

#endif
