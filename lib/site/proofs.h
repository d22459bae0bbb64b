/* SPDX-License-Identifier: MIT */
/*
 * Does:         says what a single record proves about whose a domain is.
 * Doesn't know: messages, or whether what took the mail will return it (link_return.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        a record that proves nothing gives PROOF_NONE, CLASS_UNKNOWN or an empty span.
 */
#ifndef RELAYWATCH_SITE_PROOFS_H
#define RELAYWATCH_SITE_PROOFS_H

#include "parse/record.h"
#include "site/site.h"

/* How well a delivery record proves that the recipient's domain is ours. host: the syslog host.
 * local(8) and virtual(8) get only our mail, so even their refusal proves it; lmtp(8) and pipe(8)
 * prove it when they deliver. */
enum proof proof_of_delivery(const struct record *rec, struct span host);
/* True if the mail went through a door that may return it: pipe(8), or lmtp(8) over the network. On
 * a socket, mailboxes are the rule. */
bool proof_is_by_door(const struct record *rec);
/* The path of the socket that lmtp(8) took the mail to, as the settings have it: "private/..." of
 * "mx1[private/dovecot-lmtp]" (smtp/smtp_connect.c). Empty if it is none. */
struct span proof_socket(const struct record *rec);

/* The class of rec->refused_domain that a refusal shows. */
enum domain_class proof_class_of_refusal(const struct record *rec);
/* The domain in which a login has its mailbox. Empty if the login names none, or a public mailbox
 * provider's. */
struct span proof_domain_of_login(struct span account);

/* What follows shows under which names this Postfix writes its own mail (PROOF_BY_NAME).
 *
 * What does not: "to=<bob@example.org>, orig_to=<bob>". The alias may lead anywhere ("bob:
 * bob@gmail.com"), and where a mailbox here took the mail, that proves more.
 *
 * The domain of a sender whose message pickup(8) got from "bob" alone: qmgr(8) has "bob@myorigin".
 * The user chose the name, and not the domain, unless the name holds one: "bob%example.org",
 * "example.org!bob". */
bool proof_is_bare_user(struct span sender);
/* The domain of a sender that Postfix itself wrote, "double-bounce@myorigin", else empty. */
struct span proof_domain_of_postfix(struct span sender);
/* The host in a message-id that cleanup(8) made for the message with that ID, else empty:
 * "<20190227100228.7A120ABC2@mx.example.org>" is the date (not with long queue IDs, which hold the
 * time), the queue ID, and myhostname (cleanup/cleanup_message.c). */
struct span proof_own_message_id(struct span message_id, struct queue_id id);

#endif
