/* SPDX-License-Identifier: MIT */
/*
 * Does:         names every verdict on a recipient or a notice.
 * Doesn't know: how one is reached (judge.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        never.
 */
#ifndef RELAYWATCH_JUDGE_VERDICT_H
#define RELAYWATCH_JUDGE_VERDICT_H

/* Why a (message, recipient) is evidence or not. */
enum verdict {
    VERDICT_NONE,
    VERDICT_RELAYED, /* evidence; the kind tells of what */
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
    VERDICT_NOTICE_TO_SENDER_WE_KNOW, /* the root is neither outside, trusted nor unknown */
    VERDICT_NOTICE_TO_LOGIN,
    VERDICT_NOTICE_POSTMASTER,
    VERDICT_NOTICE_REQUESTED,
    VERDICT_UNKNOWN_ORIGIN,
    VERDICT_UNKNOWN_DOMAINS,
    VERDICT_COPY,
    VERDICT_MAYBE_FORWARDED,
    VERDICT_CONNECTOR,
    VERDICT_COUNT
};

/* One sentence without a full stop, for people. */
const char *verdict_text(enum verdict verdict);

#endif
