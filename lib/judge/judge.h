/* SPDX-License-Identifier: MIT */
/*
 * Does:         says of a message and a recipient which kind of abuse it is evidence of, if any,
 *               and why; tells the detector.
 * Doesn't know: records' text, how messages are found, thresholds and windows.
 * Owns:         what its classifier remembers.
 * Time:         event time in seconds, from the message.
 * Fails:        never; what it can't tell it calls so (VERDICT_UNKNOWN_ORIGIN, ..._DOMAINS).
 */
#ifndef RELAYWATCH_JUDGE_JUDGE_H
#define RELAYWATCH_JUDGE_JUDGE_H

#include "base/trace.h"
#include "judge/classify.h"
#include "judge/copies.h"
#include "track/hosts.h"
#include "track/message.h"
#include "track/tracker.h"

struct detector;

/* Why a (message, recipient) is, or is not, evidence. */
enum verdict {
    VERDICT_NONE,
    VERDICT_RELAYED, /* evidence: the kind says of what */
    VERDICT_NOTICE,
    VERDICT_VICTIM,
    VERDICT_AUTOREPLY,
    VERDICT_RECIPIENT_OURS,
    VERDICT_RELAY_DOMAIN,
    VERDICT_FORWARDED,
    VERDICT_RETURNED,
    VERDICT_HANDED,
    VERDICT_PROBE,
    VERDICT_NOTICE_TO_US,
    VERDICT_NOTICE_TO_SENDER_WE_KNOW, /* root account or local: its own user */
    VERDICT_NOTICE_POSTMASTER,
    VERDICT_UNKNOWN_ORIGIN,
    VERDICT_UNKNOWN_DOMAINS,
    VERDICT_COPY,
    VERDICT_COUNT
};

/* r is NULL for a notice as such; kind is -1 where it is no evidence. For explain. */
typedef void judge_listener(void *ctx, const struct message *m, const struct recipient *r,
                            enum verdict verdict, int kind);

struct judge {
    struct classifier classifier;
    struct detector *detector; /* borrowed, as all that follows */
    struct tracker *tracker;
    struct hosts *hosts;
    struct copies copies;
    uint64_t verdicts[VERDICT_COUNT];
    uint32_t present_s; /* nothing is evidence of a later time: one line's clock may be far ahead */
    const struct trace *trace; /* may be NULL, as the next */
    judge_listener *on_verdict;
    void *on_verdict_ctx;
};

/* The first verdict on a recipient; sets RECIPIENT_JUDGED. */
void judge_recipient(struct judge *judge, struct message *m, struct recipient *r);
void judge_notice(struct judge *judge, struct message *m);
/* A counted recipient's status changed. */
void judge_status(struct judge *judge, struct message *m, enum status was, enum status is);
void judge_held(struct judge *judge, struct message *m, bool held);
/* It leaves the queue. */
void judge_gone(struct judge *judge, struct message *m);
/* m is old under a new ID: what old has in the queue is m's now. */
void judge_goes_on(struct judge *judge, struct message *m, struct message *old);

/* The incident that counts its evidence, or NULL. */
const struct incident *judge_incident_of(const struct judge *judge, const struct message *m);

/* One sentence without a full stop, for people. */
const char *verdict_text(enum verdict verdict);

#endif
