/* SPDX-License-Identifier: MIT */
/*
 * Does:         applies records to messages: states, origins, links between messages, recipients;
 *               and hands what is ready to be judged to the judge.
 * Doesn't know: syslog, kinds of incident, thresholds.
 * Owns:         nothing; works on the tracker it is given.
 * Time:         event time in seconds, given with each record.
 * Fails:        a record that does not fit a message's state is counted and changes nothing else.
 *
 *            client= uid= message-id=          (queue active)
 *   (nothing) ----------------------> NEW ---------------------> QUEUED <---> HELD
 *                                      |  refused                  |           |
 *                                      +---------> GONE <----------+-----------+  removed, requeued
 *
 * A record that begins a message, on a key whose message is past its beginning, ends the old one:
 * short queue IDs are used again.
 */
#ifndef RELAYWATCH_LIFE_LIFECYCLE_H
#define RELAYWATCH_LIFE_LIFECYCLE_H

#include "track/hosts.h"
#include "track/tracker.h"

struct judge;

struct lifecycle_counters {
    uint64_t begun;           /* queue files seen */
    uint64_t children;        /* of them: notices, forwards, filter hops, requeued */
    uint64_t reused;          /* a key that began anew before its end was seen */
    uint64_t unattributed;    /* messages whose origin the log does not hold */
    uint64_t late_links;      /* a link to a message that had been judged without it */
    uint64_t doubtful_links;  /* "queued as" that did not fit the message it names */
    uint64_t late_deliveries; /* after the message was gone */
    uint64_t no_memory;
};

/* parent and child in one life: for explain. */
typedef void lifecycle_link(void *ctx, const struct message *parent, const struct message *child);

/* A message that pipe(8) gave to a filter for one recipient: four for each hash of message-id and
 * recipient, newest first. So many that a backlog of thousands leaves hardly a set without room. */
enum { PIPED_WAYS = 4, PIPED_MAX = 32768 };
struct piped_link {
    struct message_ref ref; /* slot 0: none */
    uint32_t key;
};

/* What a process of smtpd(8) passes to a before-queue filter, by its number. */
enum { PROXIED_MAX = 1024 };
struct proxied_client {
    struct intern *client, *account; /* owned; account may be NULL */
    uint32_t pid;                    /* 0: none */
    uint16_t source;
};

struct lifecycle {
    struct tracker *tracker; /* all borrowed */
    struct site *site;
    struct hosts *hosts;
    struct judge *judge;
    struct lifecycle_counters counters;
    uint32_t now_s; /* of the record at hand */
    /* Event time as all lines have it: a host's clock may be behind, one line's far parse_thread. What
     * waits is due by this one, or it would be overdue at once, or hold up all that waits behind
     * it. */
    uint32_t clock_s;
    lifecycle_link *link; /* may be NULL */
    void *on_link_ctx;
    struct piped_link piped[PIPED_MAX];
    struct proxied_client proxied[PROXIED_MAX];
};

/* Gives back the texts it holds. */
void lifecycle_done(struct lifecycle *life);

/* rec->type is RECORD_NOTE or later. */
void lifecycle_apply(struct lifecycle *life, uint16_t source, const struct record *rec,
                     uint32_t now_s);
/* Event time goes on: judges what has waited long enough. */
void lifecycle_tick(struct lifecycle *life, uint32_t now_s);
/* The log is at its end: judges all that still waits. */
void lifecycle_finish(struct lifecycle *life);

const char *state_name(enum message_state state);

#endif
