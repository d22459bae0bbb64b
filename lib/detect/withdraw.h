/* SPDX-License-Identifier: MIT */
/*
 * Does:         takes back evidence that no longer counts, and withdraws open incidents that have
 *               nothing else; those without an alert that nobody has closed are gone without a
 *               word.
 * Doesn't know: why evidence no longer counts (judge.h).
 * Owns:         nothing.
 * Time:         event time in seconds, given.
 * Fails:        an incident with evidence that was evicted stands: nobody can look at it again.
 */
#ifndef RELAYWATCH_DETECT_WITHDRAW_H
#define RELAYWATCH_DETECT_WITHDRAW_H

#include "detect/tables.h"

/* What a cell counted, by what is known now. */
enum evidence { EVIDENCE_STANDS, EVIDENCE_IN_PART, EVIDENCE_VOID };
typedef enum evidence withdraw_test(void *ctx, const struct cell *cell, enum kind kind);

struct withdrawn {
    uint32_t incidents; /* alerted or not */
    /* Cells of incidents that stay open, with evidence that doesn't count now: their figures are
     * too high. */
    uint32_t doubtful;
};

/* Looks at every cell of a host: call it when what evidence rests on has changed. */
struct withdrawn detector_withdraw(struct detector *d, uint16_t host, withdraw_test *test,
                                   void *ctx, uint32_t now_s);

#endif
