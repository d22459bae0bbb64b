/* SPDX-License-Identifier: MIT */
/*
 * Does:         says what one record proves about whose a domain is.
 * Doesn't know: messages; whether what took the mail will give it back (link_return.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        returns PROOF_NONE where the record proves nothing.
 */
#ifndef RELAYWATCH_SITE_PROOFS_H
#define RELAYWATCH_SITE_PROOFS_H

#include "parse/record.h"
#include "site/site.h"

/* A delivery record, that the recipient's domain is ours. host: the syslog host. What has only our
 * mail proves it even by refusing; anything else by taking it. A unix socket is a mailbox's. */
enum proof proof_of_delivery(const struct record *rec, struct span host);
/* Handed to something on this host, or to another one's lmtp: it may give the mail back. */
bool proof_is_by_door(const struct record *rec);

/* What a refusal says of rec->refused_domain. */
enum domain_class proof_class_of_refusal(const struct record *rec);
/* The domain that somebody who logs in has his mail at; empty where the name tells none, or one of
 * a public provider's. */
struct span proof_domain_of_login(struct span account);

/* "<20190227100228.7A120ABC2@mx.example.org>" of the message with that ID: cleanup(8) makes it, the
 * date, the queue ID, myhostname (cleanup/cleanup_message.c); without the date where queue IDs are
 * long. Its host, or empty. */
struct span proof_own_message_id(struct span message_id, struct queue_id id);

#endif
