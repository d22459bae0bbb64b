/* SPDX-License-Identifier: MIT */
/*
 * Does:         defines the view of an incident: a value with all that may be shown of it.
 * Doesn't know: where it is shown; how it is filled (incident.h).
 * Owns:         the tallies, until incident_view_done; everything else is borrowed.
 * Time:         event time in seconds since 1970.
 * Fails:        -
 */
#ifndef RELAYWATCH_REPORT_VIEW_H
#define RELAYWATCH_REPORT_VIEW_H

#include "detect/detector.h"
#include "detect/scope.h"

enum {
    VIEW_SAMPLES_MAX = SAMPLED_CELLS, /* compaction keeps no more */
    VIEW_LIST_MAX = 20,               /* texts shown of each tally */
    VIEW_RELATED_MAX = RELATED_MAX,
    VIEW_ADVICE_MAX = 6,
    VIEW_COMMANDS_MAX = 6
};
enum { VIEW_TEXT_MAX = 512 };     /* bytes of a sentence, with its NUL */
enum { VIEW_COMMAND_MAX = 1024 }; /* bytes of a command, with its NUL */

/* A command of the shell, on one line, in printable ASCII. */
struct view_command {
    const char *what; /* what it is for; static text */
    char text[VIEW_COMMAND_MAX];
};

struct view_sample {
    struct queue_id id;
    struct intern *message_id; /* may be NULL */
    uint64_t number;           /* what the samples are sorted by */
};

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL };

struct incident_view {
    const struct incident *incident; /* borrowed, as are all texts, until the detector changes */
    struct detector *detector;
    enum key_type key_type;
    struct totals totals;
    uint64_t clients;         /* distinct clients; an estimate once cells have been evicted */
    uint64_t domains;         /* distinct domains of senders */
    uint64_t foreign;         /* recipients under a sender that is neither ours nor the login's */
    struct intern *forwarder; /* borrowed: whose .forward or alias sends it on; may be NULL */
    enum severity severity;
    char signs[VIEW_TEXT_MAX]; /* why it looks like bulk mail of its owner, if it does; or "" */
    struct tally client_names, networks, senders, sender_domains, recipient_domains; /* sorted */
    struct tally client_texts; /* "name[address]" of those whose names are kept, sorted */
    struct tally refused_by, refused_domains; /* sorted: refused_by.h */
    struct tally *said; /* what headers say, each sorted (said.h); NULL: nothing is known */
    struct tally hosts; /* of a fleet, sorted; else empty */
    bool in_fleet;      /* its host is one of those of [site] fleet */
    struct view_sample sample[VIEW_SAMPLES_MAX]; /* the earliest, in the order of the log */
    uint32_t sample_count;
    const struct incident *related[VIEW_RELATED_MAX];
    uint32_t related_count;
    char reason[VIEW_TEXT_MAX];
    char advice[VIEW_ADVICE_MAX][VIEW_TEXT_MAX];
    uint32_t advice_count;
    struct view_command command[VIEW_COMMANDS_MAX]; /* in the order in which to run them */
    uint32_t command_count;
    char stanza[VIEW_TEXT_MAX]; /* the section that exempts it, in lines; "" where none can */
};

/* The host for people: where it is, or "the fleet" if that is on several hosts. */
struct span view_host(const struct incident_view *view);
/* "name[address]" of that entry of client_names; without a name, as entered. A stranger may have
 * chosen the name. */
struct span view_client(const struct incident_view *view, uint32_t i);
/* The incident's key for people: "client 192.181.15.33". Writes to buf, which has VIEW_TEXT_MAX
 * bytes, and returns it. */
const char *incident_key(const struct incident_view *view, char *buf);
/* "201 recipients in 1h, the threshold is 200"; "" if nothing was crossed. Writes to buf, which has
 * VIEW_TEXT_MAX bytes, and returns it. */
const char *crossing_text(const struct crossing *crossing, char *buf);
/* A stranger's words in quotes, so that they look like that. Writes to buf, which has VIEW_TEXT_MAX
 * bytes, and returns it; what finds no room there is left out. */
const char *view_quoted(struct span text, char *buf);
/* How text of `len` bytes is cut to at most `max`, without its dots: *ret_head bytes of its
 * beginning and *ret_tail of its end. The end of an address or a name tells whose it is. */
void view_cut(struct span text, size_t max, size_t *ret_head, size_t *ret_tail);

/* Adds a sentence to the advice, in the order in which to follow it, while there is room. */
__attribute__((format(printf, 2, 3))) void view_advise(struct incident_view *view,
                                                       const char *format, ...);

#endif
