/* SPDX-License-Identifier: MIT */
/*
 * Does:         tells, for the learner, under which names Postfix writes its own mail. That takes
 *               two records: one says that a message is local or a notice, another has the name.
 * Doesn't know: messages. life/own_names.h has the rules, and also learns from probes: of these,
 *               single records don't tell which are Postfix's own.
 * Owns:         a table of fixed size.
 * Time:         event time: two records minutes apart are not of one message.
 * Fails:        at the bound the older message of two is forgotten, and teaches nothing.
 */
#ifndef RELAYWATCH_ENGINE_OWN_MAIL_H
#define RELAYWATCH_ENGINE_OWN_MAIL_H

#include "parse/log_line.h"

enum { OWN_MAIL_SLOTS = 64, OWN_MAIL_NAME_MAX = 256 };

struct own_mail {
    struct own_mail_slot {
        struct queue_id id;
        uint64_t host; /* a hash */
        wall_us when;
        int16_t prefix; /* of the record that said that it is Postfix's own, or -1 */
        uint8_t flags;
        char name[OWN_MAIL_NAME_MAX]; /* of its message-id, until it is known whose it is */
    } slot[OWN_MAIL_SLOTS];
    uint8_t told[SYSLOG_PREFIXES]; /* what the records of that prefix have shown already */
};

/* A glance at the record's text, without parsing it: whether it may be of use, for which
 * message-ids of the wrong form are none. */
bool own_mail_may_use(const struct own_mail *own, enum program program,
                      const struct syslog_header *header);
/* The name that the record shows, or nothing. The span is good until the next call. */
struct span own_mail_see(struct own_mail *own, const struct log_line *line);

#endif
