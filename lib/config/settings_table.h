/* SPDX-License-Identifier: MIT */
/*
 * Does:         holds the rows of settings.def as data; reads, checks, stores and prints a value of
 *               each type.
 * Doesn't know: files, which keys a file has, overrides.
 * Owns:         constant tables; the string that setting_store allocates belongs to the field.
 * Time:         timeless.
 * Fails:        setting_store returns false, says why in *err, and leaves the field alone.
 */
#ifndef RELAYWATCH_CONFIG_SETTINGS_TABLE_H
#define RELAYWATCH_CONFIG_SETTINGS_TABLE_H

#include "base/buf.h"
#include "config/inifile.h"
#include "config/settings_types.h"

/* The type of a value, and of the field that holds it. */
enum setting_type {
    SETTING_YESNO,    /* bool */
    SETTING_COUNT,    /* uint32_t */
    SETTING_PERCENT,  /* uint32_t; "30" or "30%" */
    SETTING_DURATION, /* dur_us; "90s", "1h" */
    SETTING_SOURCE,   /* enum source_type */
    /* The field of these is a string, */
    SETTING_PATH,
    SETTING_NAME,
    SETTING_LISTEN,
    /* and of these a list. */
    SETTING_PATHS,
    SETTING_COMMAND,
    SETTING_DOMAINS,
    SETTING_NETWORKS,
    SETTING_ADDRESSES,
    SETTING_MAILBOXES,
    SETTING_EVENTS,
    SETTING_BROKERS,
    SETTING_TOPICS,
    SETTING_TYPE_COUNT
};

/* A SECTION of settings.def. */
struct setting_section {
    const char *name;
    enum kind kind;      /* KIND_COUNT: it holds no thresholds */
    const char *subject; /* what an override names; NULL: none are allowed */
    const char *sentence;
};

/* A SETTING of settings.def. */
struct setting {
    const char *section, *key;
    enum setting_type type;
    size_t offset; /* of the field in struct settings */
    const char *initial;
    int64_t min, max; /* durations in seconds */
    const char *unit, *sentence;
};

/* Counts the rows: each of them is "+1". */
#define SECTION(...) +1
enum {
    SETTING_SECTION_COUNT = 0
#include "config/settings.def"
};
#define SETTING(...) +1
enum {
    SETTING_COUNT_ALL = 0
#include "config/settings.def"
};

const struct setting_section *setting_section(size_t i); /* i < SETTING_SECTION_COUNT */
const struct setting *setting_row(size_t i);             /* i < SETTING_COUNT_ALL */

static inline bool setting_is_string(const struct setting *row)
{
    return row->type >= SETTING_PATH;
}

static inline bool setting_is_list(const struct setting *row)
{
    return row->type >= SETTING_PATHS;
}

/* The field of a row in *settings; the second, for a row of that kind, in *thresholds. */
void *setting_field(const struct setting *row, struct settings *settings);
void *setting_threshold(const struct setting *row, enum kind kind, struct thresholds *thresholds);

size_t setting_bytes(const struct setting *row); /* the size of the field */

/* Reads and checks value, and stores it in the field. */
bool setting_store(const struct setting *row, struct span value, void *field,
                   struct inifile_error *err);
/* "5", "1h", "yes", or the text itself. */
void setting_print(const struct setting *row, const void *field, struct buf *out);
/* What is allowed: "1 to 1000000". */
void setting_print_allowed(const struct setting *row, struct buf *out);
/* Whether that may be one word of a SETTING_DOMAINS. */
bool setting_is_domain(struct span word);

#endif
