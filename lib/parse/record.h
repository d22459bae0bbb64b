/* SPDX-License-Identifier: MIT */
/*
 * Does:         a Postfix record as a value: its kind, its fields, and what can be read from those.
 * Doesn't know: how a record is parsed (record_parse.h), or what it means for the site.
 * Owns:         nothing; every span points into the line.
 * Time:         timeless.
 * Fails:        a record in no known shape is RECORD_UNPARSED, a delivery with two readings
 *               RECORD_AMBIGUOUS, one that ends too early RECORD_CUT. Functions return false.
 */
#ifndef RELAYWATCH_PARSE_RECORD_H
#define RELAYWATCH_PARSE_RECORD_H

#include "base/address.h"
#include "base/mail_address.h" /* for callers that look into the addresses */
#include "base/when.h"
#include "parse/program.h"
#include "parse/queue_id.h"

enum record_type {
    RECORD_UNPARSED, /* Postfix, in no known shape */
    RECORD_IGNORED,  /* known, and of no use here; `shape` says what it is */
    RECORD_NOTE,     /* known, about one message, changes nothing */
    RECORD_CLIENT,   /* smtpd, qmqpd: client= */
    RECORD_PICKUP,   /* pickup: uid= from=<> */
    RECORD_MESSAGE_ID,
    RECORD_ACTIVE,   /* qmgr: from=<>, size=, nrcpt= (queue active) */
    RECORD_DELIVERY, /* to=<>, relay=, ... status= */
    /* A delivery of which only the beginning can be believed: its end was cut off, or there are two
     * ways to read it. Its fields are a DELIVERY's; the status is STATUS_OTHER. */
    RECORD_CUT,
    RECORD_AMBIGUOUS,
    RECORD_REMOVED,
    RECORD_MISSING, /* qmgr misses the queue file: deleted, or on hold by now */
    RECORD_REFUSED, /* cleanup turned the message away: it never enters the queue */
    RECORD_TAKEN,   /* the same, as a milter took it, which may bring it back: milter-discard */
    RECORD_EXPIRED, /* qmgr: from=<>, status=expired */
    RECORD_NOTICE,  /* bounce: ... notification: NEWID */
    RECORD_NOTICE_FAILED,
    RECORD_HELD,
    RECORD_RELEASED,
    RECORD_REQUEUED,     /* postsuper -r: goes on under a new ID */
    RECORD_FILTERED,     /* a filter's own record: id goes on as link */
    RECORD_PROXY_CLIENT, /* smtpd with a before-queue filter: NOQUEUE: client= */
    RECORD_PROXY_ACCEPT, /* the filter took the message: id is the one in its reply, if any */
    RECORD_SAYS,         /* cleanup: header_checks have shown a header of the mail */
    RECORD_CERTIFICATE,  /* smtpd: a client has shown a certificate */
    RECORD_VERSION,      /* master: daemon started -- version V */
    RECORD_TYPE_COUNT
};

enum status {
    STATUS_OTHER,
    STATUS_SENT,
    STATUS_DEFERRED, /* and SOFTBOUNCE */
    STATUS_BOUNCED,
    STATUS_PROBED, /* deliverable, undeliverable, undeliverable-but-not-cached */
    STATUS_COUNT
};
const char *status_name(enum status status); /* "in delivery", "sent", ... */

/* Why smtpd refused a client's recipient, command or login. */
enum refusal {
    REFUSAL_NONE,
    REFUSAL_RELAY_DENIED,       /* the domain is not ours */
    REFUSAL_USER_UNKNOWN,       /* it is, but nobody has that address */
    REFUSAL_RELAY_USER_UNKNOWN, /* it is a relay domain */
    REFUSAL_OTHER,              /* this and the next say nothing of a domain */
    REFUSAL_LOGIN,              /* SASL authentication failed */
    REFUSAL_COUNT
};
const char *refusal_name(enum refusal refusal); /* "relay-denied" */

/* A header of the mail that tells what it is. Who wrote the mail may have written any: it is shown,
 * and never believed. */
enum mail_header {
    MAIL_HEADER_SUBJECT,
    MAIL_HEADER_SCRIPT, /* PHP's: X-PHP-Originating-Script, X-PHP-Script */
    MAIL_HEADER_COUNT
};

enum notice {
    NOTICE_NON_DELIVERY,
    NOTICE_DELAY,
    NOTICE_DELIVERY_STATUS,
    NOTICE_POSTMASTER, /* copies for the postmaster: never backscatter */
    NOTICE_COUNT
};

/* Only the fields of its type are set. It is kept small because one thread may fill it and another
 * read it, which costs by the cache line. */
struct record {
    enum record_type type;
    enum program program;
    /* These two are set by the caller, who has the header; see tag_is_relay_service. */
    bool by_relay_service;
    uint8_t refusal; /* an enum refusal: IGNORED and NOTE of smtpd */
    uint8_t header;  /* an enum mail_header: SAYS and HELD; COUNT: none */
    uint32_t pid;
    const char *shape;  /* constant; what kind of record it is, for --annotate */
    struct queue_id id; /* set from RECORD_NOTE to SAYS, but for PROXY_CLIENT */
    struct queue_id
        link; /* NOTICE: the notice; CLIENT: orig_queue_id=; PICKUP: orig_id=; FILTERED */
    union {
        struct {                        /* CLIENT, PROXY_CLIENT; CERTIFICATE: the first two */
            struct span client;         /* "name[address]", no port */
            struct span client_address; /* the address in it */
            struct span account;        /* sasl_username= */
            struct span orig_client;    /* orig_client=, without a login only; empty: none */
            bool of_known_ca;           /* CERTIFICATE: "Trusted", not "Untrusted" */
        };
        /* PICKUP: uid, sender; ACTIVE: all but uid; EXPIRED, TAKEN: sender */
        struct {
            struct span sender; /* without < and > */
            uint64_t uid;
            uint64_t size, recipient_count;
        };
        struct {                                   /* DELIVERY, CUT, AMBIGUOUS */
            struct span recipient, orig_recipient; /* orig_recipient.at is NULL if there is none */
            /* Of the recipient. If the address is cut: no more than the domain's beginning. */
            struct span recipient_domain;
            struct span relay; /* empty: unknown */
            bool has_hop;      /* the relay names an address; and a port, or 0: */
            unsigned hop_port;
            struct address hop;
            /* The remote's words, within the last ( ). If they are cut, so is their last one. */
            struct span reply;
            struct span dsn;
            dur_us delay;
            enum status status;
            /* to= or orig_to= isn't whole: good for nothing but to tell recipients apart. */
            bool address_is_cut;
        };
        struct span message_id;     /* MESSAGE_ID */
        struct span header_text;    /* what `header` says */
        struct span refused_domain; /* record_refuses_domain */
        enum notice notice;         /* NOTICE */
        struct span version;        /* VERSION: "3.7.11" */
    };
};

/* Whether its refusal says whose refused_domain is. */
static inline bool record_refuses_domain(const struct record *rec)
{
    return rec->refusal != REFUSAL_NONE && rec->refusal < REFUSAL_OTHER;
}
/* "host[1.2.3.4]:25" -> address and port (0 if there is none); false for "none", a service name or
 * a socket. */
bool record_relay(struct span relay, struct address *ret, unsigned *ret_port);
/* "forwarded as NEWID", from local(8). */
bool record_forwarded_as(struct span reply, struct queue_id *ret);
/* The ports of mail servers, and not of filters. */
static inline bool record_is_mail_port(unsigned port)
{
    return port == 25 || port == 465 || port == 587;
}
/* Whether what took the mail may be a list server or the like: a command of local(8), a pipe(8)
 * service, an lmtp server or what listens on a port of its own, and not one that is known to put
 * mail into mailboxes. */
bool record_is_taken_by_program(const struct record *rec);
/* Cuts off *reply what ends with its next "queued as NEWID"; false if there is none. Any server can
 * say this: believe only our own addresses. */
bool record_queued_as(struct span *reply, struct queue_id *ret);

#endif
