/* SPDX-License-Identifier: MIT */
/*
 * Does:         the settings as one typed value.
 * Doesn't know: where they come from; defaults and bounds, which are in settings.def.
 * Owns:         nothing; settings.h says who frees the strings.
 * Time:         timeless; durations are dur_us.
 * Fails:        never.
 */
#ifndef RELAYWATCH_CONFIG_SETTINGS_TYPES_H
#define RELAYWATCH_CONFIG_SETTINGS_TYPES_H

#include "base/terms.h"
#include "base/when.h"

#define SETTINGS_OVERRIDES_MAX 256
#define SETTINGS_SUBJECT_MAX   256

enum source_type { SOURCE_AUTO, SOURCE_JOURNAL, SOURCE_FILE, SOURCE_KAFKA };

/* The thresholds of one kind. It uses those that have a row in settings.def; the others stay 0. */
struct thresholds {
    bool enabled;
    dur_us window;
    uint32_t recipients;          /* open-relay, account-abuse, local-abuse, trusted-relay */
    uint32_t networks;            /* account-abuse: distinct client networks, */
    uint32_t networks_recipients; /* which need at least this many recipients */
    uint32_t refused;             /* account-abuse: refused recipients, */
    uint32_t refused_percent;     /* which need at least this share */
    uint32_t null_sender;         /* account-abuse: recipients under the null sender */
    uint32_t foreign_recipients;  /* account-abuse, trusted-relay: under a sender not ours */
    uint32_t sender_recipients;   /* trusted-relay: of one sender of a client that many share */
    uint32_t unseen_senders;      /* trusted-relay: senders of ours never seen to exist */
    uint32_t notices;             /* backscatter-source */
    uint32_t messages;            /* backscatter-victim, */
    uint32_t clients;             /* which need at least this many clients */
    uint32_t wide_factor;         /* multiplies the thresholds for the widest key */
    uint32_t day_factor;          /* multiplies them for a day; 0: there are none for a day */
};

/* "[account-abuse newsletter@example.org]": the thresholds of a kind, some of them replaced. */
struct override {
    enum kind kind;
    char subject[SETTINGS_SUBJECT_MAX]; /* as written: account, address, user name or sender */
    int64_t uid; /* local-abuse: the number, or -1 for a name not looked up yet */
    int line;
    struct thresholds thresholds;
};

struct settings {
    struct {
        enum source_type type;
        char *files;   /* paths and globs; "" is none. All lists: separated by blanks or commas */
        char *rotated; /* directories; "" is none */
        char *journal_directory; /* "" is the system's */
        char *journal_namespace; /* "" is the default */
        bool journal_check_sender;
        char *kafka_brokers; /* "HOST:PORT ..."; "": kafka_config names them */
        char *kafka_topics;
        char *kafka_config; /* a file; "" is none */
        char *kafka_socket;
        dur_us backfill;
    } source;
    struct {
        char *copies_to;        /* mail addresses */
        char *own_domains;      /* domains; "" leaves it to Postfix and the log */
        char *own_domains_file; /* "" is none */
        char *relay_domains;
        char *trusted_networks;
        char *own_addresses;
        char *fleet; /* networks */
        dur_us clock_slack;
        char *postconf;           /* a saved dump; "" is none */
        char *postconf_directory; /* one for each host; "" is none */
        bool ask_postfix;         /* run postconf */
    } site;
    struct thresholds kind[KIND_COUNT];
    struct override *overrides;
    size_t override_count;
    struct {
        bool journal;  /* false: syslog(3) */
        char *command; /* program and arguments; "" is none */
        char *events;  /* that it is run for */
        dur_us command_timeout;
        uint32_t command_at_once;
        bool command_output;
        dur_us update_every;
        dur_us end_after;
    } alert;
    struct {
        uint32_t memory; /* MiB */
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
