/* SPDX-License-Identifier: MIT */
/*
 * Does:         remembers across a crash which alerts went out since the last saved state, so that
 *               reading the same lines again sends none of them more than once more.
 * Doesn't know: what an alert says, and who gets it.
 * Owns:         a small file of fixed size in the state's directory, and a copy of it.
 * Time:         at_s is whatever the caller compares alerts by: event time, or wall time.
 * Fails:        told_open returns NULL and sets errno; every function accepts NULL: nothing is
 *               remembered then, and an alert is sent again after each crash before a save.
 *
 * A save of the state may take seconds and may fail; a record takes a microsecond, has its place on
 * the disk already, and survives kill -9. (Not a power cut: syncing would block the loop.) It is
 * written before an alert and again after it. If only the first is there, nobody knows whether the
 * alert went out: it is sent again, but after two such attempts it counts as sent.
 */
#ifndef RELAYWATCH_STATE_TOLD_H
#define RELAYWATCH_STATE_TOLD_H

#include <stdbool.h>
#include <stdint.h>

enum { TOLD_MAX = 4096, TOLD_ID_MAX = 24 };

struct told;

/* The directory is locked by state_open. */
struct told *told_open(const char *directory);
void told_close(struct told *told);

/* What an alert is known by. An empty id: not at all. */
struct told_mark {
    char id[TOLD_ID_MAX];
    unsigned kind; /* of alert and destination; below 256 */
    uint32_t at_s;
    uint32_t slack_s; /* how much earlier the same alert may have come in the other run */
};

/* Whether an earlier run of the daemon sent this alert, or one of the same id and kind that came
 * later. What this run sent doesn't count: it knows that itself. */
bool told_before(const struct told *told, const struct told_mark *mark);
/* Call right before and right after the alert leaves. Beyond TOLD_MAX, the oldest is forgotten. */
void told_begin(struct told *told, const struct told_mark *mark);
void told_end(struct told *told, const struct told_mark *mark);
/* Instead of told_end: it did not leave. */
void told_undo(struct told *told, const struct told_mark *mark);
/* It waits to leave, in memory: if it never does, told_waited says so in the next run. */
void told_wait(struct told *told, const struct told_mark *mark);
bool told_waited(const struct told *told, const struct told_mark *mark);

#endif
