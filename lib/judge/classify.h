/* SPDX-License-Identifier: MIT */
/*
 * Does:         says from one record, before it is judged, whose a recipient is and why a delivery
 *               failed.
 * Doesn't know: what that is evidence of (judge.h).
 * Owns:         the texts of the domains it remembers, until classifier_reset.
 * Time:         timeless.
 * Fails:        never; a domain of which nothing is known is CLASS_UNKNOWN.
 */
#ifndef RELAYWATCH_JUDGE_CLASSIFY_H
#define RELAYWATCH_JUDGE_CLASSIFY_H

#include "parse/record.h"
#include "site/site.h"
#include "track/message.h"

/* The latest answers by domain: most mail goes to the same few hundred domains. */
enum { CLASSIFIER_MEMOS = 512 };
struct class_memo {
    struct intern *domain;
    enum domain_class class;
    enum proof proof; /* by a delivery: none as good would be new */
};

struct classifier {
    struct class_memo memo[CLASSIFIER_MEMOS];
    uint64_t generation; /* of the site when the memos were made */
    struct site *site;   /* borrowed, like the texts */
    struct interns *texts;
};

/* Forgets what it remembers. Call it before the site is replaced and before the texts go. */
void classifier_reset(struct classifier *c);
/* As site_is_proved, for a delivery's proof. */
bool classifier_is_proved(struct classifier *c, struct span domain, enum proof proof);
/* The class of an address's domain. */
enum domain_class classifier_class_of(struct classifier *c, struct span address);
/* As site_is_foreign_sender. */
bool classifier_is_foreign_sender(struct classifier *c, struct span address);
/* Fills in class, flags and text of a new recipient from its first delivery record. filter: it went
 * to a content filter, which tells nothing about whose mail it is. */
void classifier_recipient(struct classifier *c, const struct message *m, const struct record *rec,
                          struct recipient *r, bool filter);
/* Updates the class of a recipient that smtp(8) took away, after the site has learned something. */
void classifier_recipient_again(struct classifier *c, struct recipient *r);
/* The cause of a notice about this delivery. CAUSE_NONE if it did not bounce, and is not deferred
 * for a reason that will matter when the message expires: a full mailbox. */
enum cause classifier_cause(struct classifier *c, const struct message *m, const struct record *rec,
                            bool filter);
/* By which of Postfix's tables the recipient that it refuses would have been known. */
enum address_class classifier_address_class(struct classifier *c, const struct record *rec,
                                            bool filter);
/* The recipient that a non-delivery notice about m is about: the first that was refused; NULL if
 * there is none, or m has expired. */
const struct recipient *classifier_refused(const struct message *m);
/* Why a notice was written. m, the message it is about, may be NULL. CAUSE_NONE: don't judge it. */
enum cause classifier_notice_cause(struct message *m, enum notice notice);

#endif
