/* SPDX-License-Identifier: MIT */
/*
 * Does:         changes thresholds so that what a site does on normal days raises nothing, and
 *               prints them as an INI file.
 * Doesn't know: logs; whoever calls it judges them again after each change.
 * Owns:         its list of changes; the settings are the caller's.
 * Time:         timeless.
 * Fails:        when memory is short, nothing is changed.
 */
#ifndef RELAYWATCH_REPORT_SUGGESTION_H
#define RELAYWATCH_REPORT_SUGGESTION_H

#include "base/buf.h"
#include "base/list.h"
#include "config/settings.h"
#include "report/view.h"

/* One setting, of a kind or of one subject. */
struct suggestion {
    enum kind kind;
    char subject[SETTINGS_SUBJECT_MAX]; /* as in an override; "": the whole kind */
    const char *key;                    /* the setting's name */
    uint32_t was, now;
    uint32_t incidents; /* that it would have raised, as it was */
    uint64_t most;      /* recipients, notices or messages of the largest */
    char example[INCIDENT_ID_MAX];
    uint32_t raised;         /* as far as it takes, without a margin */
    uint32_t crossed, quiet; /* it is crossed there (0: not known to be), and not here: the highest
                                is between; quiet is 0 before suggestions_begin_to_try */
    uint32_t tried;          /* the value that is tried now; 0: none */
    bool was_crossed;
};

struct suggestions {
    struct settings *settings;
    struct list list; /* of struct suggestion */
};

/* Doubles the threshold that the incident has crossed. False if that would excuse an attack, or if
 * it can't be raised any more. */
bool suggestions_raise(struct suggestions *s, const struct incident_view *view);
/* A quarter more for all that was raised: as quiet as that month was, others may be less so. */
void suggestions_add_margin(struct suggestions *s);
/* Halves the kind's main threshold, or takes that back. False if it is as low as it gets. */
bool suggestions_lower(struct suggestions *s, enum kind kind);
void suggestions_unlower(struct suggestions *s, enum kind kind);

/* How far the highest of what is normal stays below each threshold, once all else is done, by
 * halving what is not known of it. suggestions_try sets thresholds in between; then the logs are
 * judged again, each incident is told to suggestions_see_tried, and suggestions_end_try takes the
 * thresholds back; and so on until suggestions_try returns false. Of a kind that was attacked only
 * those of single subjects are known: an attack is not normal. */
void suggestions_begin_to_try(struct suggestions *s, const bool attacked[KIND_COUNT]);
bool suggestions_try(struct suggestions *s);
void suggestions_see_tried(struct suggestions *s, const struct incident_view *view);
void suggestions_end_try(struct suggestions *s);

/* The sections with what was changed, each with the reason. */
void suggestions_print(const struct suggestions *s, struct buf *out);
void suggestions_done(struct suggestions *s);

#endif
