/* SPDX-License-Identifier: MIT */
/*
 * Does:         what the two files that judge ask of each other.
 * Doesn't know: -
 * Owns:         -
 * Time:         as in judge.h.
 * Fails:        as in judge.h.
 *
 * judge_class.c says whose a recipient is and why a delivery failed; judge.c what that is evidence
 * of.
 */
#ifndef RELAYWATCH_JUDGE_JUDGE_INTERNAL_H
#define RELAYWATCH_JUDGE_JUDGE_INTERNAL_H

#include "detect/detector.h"
#include "judge/judge.h"

/* The class of an address's domain, remembered until the site learns. */
enum domain_class judge_class_of(struct judge *judge, struct span address);

#endif
