/* SPDX-License-Identifier: MIT */
/*
 * Does:         says whether what a cell has counted would be evidence by what is known now.
 * Doesn't know: messages; why it was evidence when it was counted (judge.h).
 * Owns:         nothing.
 * Time:         timeless.
 * Fails:        where a cell has kept too few names to tell, its evidence stands.
 */
#ifndef RELAYWATCH_JUDGE_EVIDENCE_H
#define RELAYWATCH_JUDGE_EVIDENCE_H

#include "detect/withdraw.h"
#include "judge/clients.h"

/* It is none if the cell's client is trusted, nor where recipients are ours or undecided. */
enum evidence evidence_now(const struct site *site, struct clients *clients,
                           const struct cell *cell, enum kind kind);

#endif
