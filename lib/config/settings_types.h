/* SPDX-License-Identifier: MIT */
/*
 * Does:         the settings as one typed value.
 * Doesn't know: where they come from, defaults and bounds (settings.def).
 * Owns:         nothing by itself; settings.h says who frees the strings.
 * Time:         timeless; durations are dur_us.
 * Fails:        never.
 */
#ifndef RELAYWATCH_CONFIG_SETTINGS_TYPES_H
#define RELAYWATCH_CONFIG_SETTINGS_TYPES_H

#include "base/terms.h"
#include "base/when.h"

#define SETTINGS_OVERRIDES_MAX 256
#define SETTINGS_SUBJECT_MAX   256

enum source_type { SOURCE_AUTO, SOURCE_JOURNAL, SOURCE_FILE };

/* Limits of one kind; which of them count for a kind is DESIGN §2's table. A kind uses the rows
 * settings.def gives it, the others stay 0. */
struct thresholds {
    bool enabled;
    dur_us window;
    uint32_t recipients;          /* open-relay, account-abuse, local-abuse, trusted-relay */
    uint32_t networks;            /* account-abuse: distinct client networks ... */
    uint32_t networks_recipients; /* ... that count with at least so many recipients */
    uint32_t refused;             /* account-abuse: refused recipients ... */
    uint32_t refused_percent;     /* ... and their share */
    uint32_t null_sender;         /* account-abuse: recipients under the null sender */
    uint32_t foreign_recipients;  /* trusted-relay: recipients under a sender not ours */
    uint32_t notices;             /* backscatter-source */
    uint32_t messages;            /* backscatter-victim ... */
    uint32_t clients;             /* ... from so many clients */
    uint32_t wide_factor;         /* the widest key's threshold is so many times the others' */
};

/* "[account-abuse newsletter@example.org]": the kind's thresholds with some of them replaced. */
struct override {
    enum kind kind;
    char subject[SETTINGS_SUBJECT_MAX]; /* as written: account, address or user name */
    int64_t uid;                        /* local-abuse: the number, or -1 until the daemon asks */
    int line;
    struct thresholds thresholds;
};

struct settings {
    struct {
        enum source_type type;
        char *files;             /* blank-separated paths and globs; "" is none */
        char *rotated;           /* directories, as in source.h; "" for none */
        char *journal_directory; /* "" is the system's */
        char *journal_namespace; /* "" is the default */
        bool journal_check_sender;
        dur_us backfill;
    } source;
    struct {
        char *copies_to;   /* blank-separated mail addresses */
        char *own_domains; /* blank-separated; "" leaves it to Postfix and the log */
        char *relay_domains;
        char *trusted_networks;
        char *own_addresses;
        bool ask_postfix; /* run postconf */
    } site;
    struct thresholds kind[KIND_COUNT];
    struct override *overrides;
    size_t override_count;
    struct {
        bool journal;  /* false: syslog(3) */
        char *command; /* blank-separated program and arguments; "" is none */
        dur_us command_timeout;
        uint32_t command_at_once;
        dur_us update_every;
        dur_us end_after;
    } alert;
    struct {
        uint32_t messages;
        uint32_t finished;
        uint32_t recipients;
        uint32_t hosts;
        uint32_t cells;
        uint32_t incidents;
        dur_us grace;
        dur_us message_age;
        dur_us save_every;
    } limits;
    struct {
        bool enabled;
        char *listen; /* "127.0.0.1:9397" */
    } metrics;
};

#endif
