/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines the judge's data.
 * Doesn't know: how a verdict is reached (judge.h).
 * Owns:         the texts that its classifier and clients remember, and its tables; the rest is
 *               borrowed.
 * Time:         event time in seconds.
 * Fails:        -
 */
#ifndef RELAYWATCH_JUDGE_JUDGE_STATE_H
#define RELAYWATCH_JUDGE_JUDGE_STATE_H

#include "base/trace.h"
#include "judge/answers.h"
#include "judge/archives.h"
#include "judge/askers.h"
#include "judge/classify.h"
#include "judge/clients.h"
#include "judge/copies.h"
#include "judge/familiar.h"
#include "judge/gateways.h"
#include "judge/refused.h"
#include "judge/mail_headers.h"
#include "judge/repeats.h"
#include "judge/undecided.h"
#include "judge/verdict.h"
#include "track/hosts.h"
#include "track/message.h"
#include "track/tracker.h"

struct cell;
struct detector;

/* For explain. r is NULL for a notice as a whole; kind is -1 if it is not evidence. */
typedef void judge_listener(void *ctx, const struct message *m, const struct recipient *r,
                            enum verdict verdict, int kind);

/* Why what was judged can only be put right by reading the log again. */
enum reread_reason {
    REREAD_SETTINGS = 1 << 0, /* it was judged by other settings, or a reading was due already when
                               * the state was saved */
    REREAD_FIGURES = 1 << 1,  /* an incident that stands counts too much, or too little */
    REREAD_APART = 1 << 2,    /* what belongs together was counted under two logins or as two
                               * mails, or together what doesn't */
    /* A whole incident was taken back. The daemon says so if it has sent an alert of it; a scan,
     * which has sent none yet, reads once more. Not saved. */
    REREAD_WITHDRAWN = 1 << 3,
};

struct judge {
    struct classifier classifier;
    struct clients clients;
    struct detector *detector; /* borrowed, like all pointers below */
    struct tracker *tracker;
    struct hosts *hosts;
    struct copies copies;
    struct archives archives;
    struct askers askers;
    struct answers answers;
    struct gateways gateways;
    struct familiar familiar;
    struct repeats repeats;
    struct undecided undecided;
    struct refused refused;
    struct mail_headers headers;
    uint64_t verdicts[VERDICT_COUNT];
    /* Recipients by their root, or BOUNCE for notices, and by their outcome: judge_deliveries. Not
     * saved. */
    uint64_t deliveries[ORIGIN_COUNT][UINT8_MAX + 1];
    uint8_t reread;             /* enum reread_reason; 0: what was judged is right */
    uint32_t present_s;         /* of the line's host, whose own clock may be far ahead in it */
    const struct trace *trace;  /* may be NULL */
    judge_listener *on_verdict; /* may be NULL */
    void *on_verdict_ctx;
};

#endif
