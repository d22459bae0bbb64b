/* SPDX-License-Identifier: MIT */
/*
 * Does:         says whose a recipient is and why a delivery failed: what one record says, before
 *               it is judged.
 * Doesn't know: what that is evidence of (judge.h).
 * Owns:         the domain texts it remembers, until classifier_reset.
 * Time:         timeless.
 * Fails:        never; a domain nothing is known of is CLASS_UNKNOWN.
 */
#ifndef RELAYWATCH_JUDGE_CLASSIFY_H
#define RELAYWATCH_JUDGE_CLASSIFY_H

#include "parse/record.h"
#include "site/site.h"
#include "track/message.h"

/* What was last said of a domain: mail goes to a few hundred of them again and again. */
enum { CLASSIFIER_MEMOS = 128 };
struct class_memo {
    struct intern *domain;
    enum domain_class class;
};

struct classifier {
    struct class_memo memo[CLASSIFIER_MEMOS];
    uint64_t generation; /* of the site, when the memos were made */
    struct site *site;   /* borrowed, as the table of texts */
    struct interns *texts;
};

/* Forgets what it remembers; before the site changes or goes. */
void classifier_reset(struct classifier *c);
/* The class of an address's domain. */
enum domain_class classifier_class_of(struct classifier *c, struct span address);
/* Fills class, flags and text of a new recipient from its first delivery record. filter: it went to
 * a content filter, which says nothing about whose mail it is. */
void classifier_recipient(struct classifier *c, const struct message *m, const struct record *rec,
                          struct recipient *r, bool filter);
/* The class of a recipient that smtp(8) took away, now that the site has learned something. */
void classifier_recipient_again(struct classifier *c, struct recipient *r);
/* What a notice about this bounce will be called; CAUSE_NONE where it is none. */
enum cause classifier_cause(struct classifier *c, const struct message *m, const struct record *rec,
                            bool filter);
/* Why a notice is written; m, the message it is about, may be NULL. CAUSE_NONE: not to be
 * judged. */
enum cause classifier_notice_cause(struct message *m, enum notice notice);

#endif
