/* SPDX-License-Identifier: MIT */
#include "detect/cell_evidence.h"

#include "detect/cell.h"
#include "detect/cell_tallies.h"
#include "detect/scope.h"

/* Where it belongs among the samples: behind all, or in a fleet by its time. */
static uint32_t place_of(const struct cell_rest *rest, const struct observation *o)
{
    uint32_t at = rest->sample_count;

    while (o->begun_s && at > 0 &&
           cell_order(o->begun_s, o->id) <
               cell_order(rest->sample_s[at - 1], rest->sample[at - 1].id))
        at--;
    return at;
}

/* The first messages are the samples: they are what leads to the beginning of an attack. */
static void keep_sample(struct detector *d, struct cell *cell, const struct observation *o)
{
    struct cell_rest *rest = cell->rest;
    uint32_t at = o->first ? place_of(rest, o) : SAMPLES_MAX;

    if (at == SAMPLES_MAX)
        return;
    if (rest->sample_count == SAMPLES_MAX)
        intern_put(d->texts, rest->sample[--rest->sample_count].message_id);
    for (uint32_t i = rest->sample_count++; i > at; i--) {
        rest->sample[i] = rest->sample[i - 1];
        rest->sample_s[i] = rest->sample_s[i - 1];
    }
    rest->sample[at] =
        (struct sample){o->id, o->message_id.len ? intern_make(d->texts, o->message_id) : NULL};
    rest->sample_s[at] = o->begun_s;
}

static void keep_forwarder(struct detector *d, struct cell *cell, struct span address)
{
    struct intern *forwarder = names_lower(d, address);

    cell_take_forwarder(d, cell, forwarder);
    intern_put(d->texts, forwarder);
}

void evidence_add_measures(struct detector *d, struct cell *cell, const struct thresholds *th,
                           const struct added *add, uint32_t at_s)
{
    struct bucket bucket = thresholds_bucket(th, at_s), day = thresholds_day_bucket(at_s);

    for (int i = 0; i < add->measures; i++) {
        if (!add->now[i] && !add->day[i])
            continue;
        struct count *count = counts_make(&cell->rest->counts, i);
        if (!count) {
            d->counters.keys_refused++;
            continue;
        }
        count->run += add->now[i];
        if (add->now[i] && !window_add(&count->now, bucket, add->now[i]))
            d->counters.late++;
        if (add->day[i])
            window_add(&count->day, day, add->day[i]);
    }
}

/* A sender that was never seen to exist counts once in a run, and once in a day. */
struct added evidence_measures(const struct observation *o, const struct cell *cell)
{
    const struct counts *counts = cell->rest ? &cell->rest->counts : &(const struct counts){0};
    struct added add = {.now = {[MEASURE_MAIN] = o->counts + o->undecided,
                                [MEASURE_FOREIGN] = o->counts && o->foreign_sender,
                                [MEASURE_UNSEEN] = o->counts && o->unseen_sender &&
                                                   !counts_of(counts, MEASURE_UNSEEN)->run}};

    if (o->kind == KIND_ACCOUNT_ABUSE) {
        add.now[MEASURE_REFUSED] = o->counts && o->status == STATUS_BOUNCED;
        add.now[MEASURE_NULL_SENDER] = o->counts && o->null_sender;
    }
    bool is_main_only = !(add.now[MEASURE_FOREIGN] | add.now[MEASURE_UNSEEN] |
                          add.now[MEASURE_REFUSED] | add.now[MEASURE_NULL_SENDER]);
    add.measures = is_main_only ? MEASURE_MAIN + 1 : MEASURES;
    memcpy(add.day, add.now, sizeof(add.day));
    if (add.now[MEASURE_UNSEEN] &&
        counts_sum(counts, MEASURE_UNSEEN, thresholds_day_bucket(o->at_s), true))
        add.day[MEASURE_UNSEEN] = 0;
    if (o->maybe_ours)
        add.day[MEASURE_FOREIGN] = 0;
    if (o->day_only || o->repeats)
        memset(add.now, 0, sizeof(add.now));
    if (o->repeats)
        memset(add.day, 0, sizeof(add.day));
    return add;
}

void evidence_add(struct detector *d, struct cell *cell, const struct observation *o,
                  struct names *n, const struct added *add)
{
    cell_tally(d, cell, o, n);
    keep_sample(d, cell, o);
    evidence_add_measures(d, cell, thresholds_for(d, cell, o->kind), add, o->at_s);
    if (o->forwarder.len && !cell->rest->forwarder)
        keep_forwarder(d, cell, o->forwarder);
}
