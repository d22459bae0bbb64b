/* SPDX-License-Identifier: MIT */
/*
 * Does:         remembers what header_checks have shown of the latest mail: its subject, and the
 *               script that wrote it.
 * Doesn't know: verdicts; none depends on any of it, as whoever writes a mail writes its headers.
 * Owns:         its texts and its table, until mail_headers_done. There is none before the first.
 * Time:         event time in seconds.
 * Fails:        past MAIL_HEADERS_MAX the oldest goes, and is counted if its mail was still to be
 *               judged; when memory is short, a header is not remembered.
 */
#ifndef RELAYWATCH_JUDGE_MAIL_HEADERS_H
#define RELAYWATCH_JUDGE_MAIL_HEADERS_H

#include "base/hash_index.h"
#include "track/tracker.h"

enum { MAIL_HEADERS_MAX = 8192 };

struct mail_headers_entry {
    struct queue_id id;
    struct intern *text[MAIL_HEADER_COUNT]; /* the first of each; NULL: none was shown */
    uint32_t at_s;                          /* of the first line */
    uint16_t source;
};

struct mail_headers {
    struct mail_headers_entry *entry; /* a ring of MAIL_HEADERS_MAX; NULL: none yet */
    struct hash_index index;          /* by host and queue ID */
    uint32_t next, count;             /* next: the place for the next one */
    uint64_t over;                    /* forgotten before their mail was judged */
};

/* The record shows a header. at_s: its time. */
void mail_headers_see(struct mail_headers *headers, struct tracker *tracker, uint16_t source,
                      const struct record *rec, uint32_t at_s);
/* The texts of that queue file, MAIL_HEADER_COUNT of them; NULL if nothing was shown of it. */
struct intern *const *mail_headers_of(const struct mail_headers *headers, const struct message *m);
/* The mail goes on under another queue ID, of which nothing was shown. */
void mail_headers_goes_on(struct mail_headers *headers, struct tracker *tracker,
                          const struct message *m, const struct message *old);
/* For the snapshot: adds an entry behind the others; its texts become the table's. False when
 * memory is short, or if that queue ID is there. */
bool mail_headers_append(struct mail_headers *headers, const struct mail_headers_entry *entry);
void mail_headers_done(struct mail_headers *headers, struct interns *texts);

#endif
